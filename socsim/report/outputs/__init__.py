"""The built-in outputs of a run, one file each; what an output needs is imported when it is written."""

"""Graphs that other programs have written (ONNX), as PyTorch modules that can be exported like any other.

A file becomes `Step`s (`onnx_file`), several steps that are one operation become one (`onnx_folds`), and `module` runs
them with torch operators (`onnx_operators`) on the meta device while `torch.export` looks on. So views, constants,
masks and named lengths are treated as those of any PyTorch model.
"""

"""Time passes: SimPy kernel, executor, one generic unit; the memory system, schedulers and power as wings."""

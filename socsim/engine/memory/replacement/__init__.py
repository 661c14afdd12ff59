"""Which buffers a cache keeps: one file and one registration per policy."""

from socsim.engine.memory.replacement.policy import Replacement, replacements

__all__ = ["Replacement", "replacements"]

"""Which buffers a cache keeps: one file and one registration per policy."""

from socsim.engine.memory.replacement.policy import Lookup, Replacement, replacements

__all__ = ["Lookup", "Replacement", "replacements"]

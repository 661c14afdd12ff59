"""The memory system while time runs: fabric, sharing, caches, DRAM."""

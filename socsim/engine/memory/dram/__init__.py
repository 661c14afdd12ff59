"""DRAM: the detailed channel model, its parts as data, the fluid tables, and the one interface to both."""

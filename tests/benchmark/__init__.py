"""How fast the simulator is: cases that measure and assert nothing. `scripts/benchmark` runs them."""

"""An example of an outside package: one scheduler, one kind of compute unit."""

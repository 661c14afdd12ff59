"""socsim: a discrete-event simulator of systems-on-chip for machine-learning workloads."""

__version__ = "0.1.0"

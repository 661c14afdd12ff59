"""The version of socsim, apart from the package itself so that every layer may import it."""

__version__ = "0.1.0"

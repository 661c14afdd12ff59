"""Published measurements against predictions: suites as data, tables, fits, what leaving out and leaving away shows."""

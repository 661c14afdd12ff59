"""How points get their results: workers, chunks, the store, the table, progress."""

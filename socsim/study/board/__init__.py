"""The board: many models on many devices, ranked, with a history in which regressions show."""

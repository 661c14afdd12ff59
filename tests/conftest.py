"""Makes the modules in this folder importable from every test, and what hypothesis tries the same in every run.

A change is judged by what it does, not by the luck of a draw. To look for new counterexamples:
`scripts/test --hypothesis-profile=explore tests/property`.
"""

from hypothesis import settings

settings.register_profile("explore", deadline=None, derandomize=False, print_blob=True)
settings.register_profile("fixed", deadline=None, derandomize=True)
settings.load_profile("fixed")

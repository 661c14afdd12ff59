"""`python -m socsim` is `socsim`."""

from socsim.cli import main

if __name__ == "__main__":
    main()

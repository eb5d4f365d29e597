"""Lets `python -m deployplan` work."""

from deployplan.cli.main import main

if __name__ == "__main__":
    main()

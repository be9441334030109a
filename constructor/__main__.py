"""`python -m constructor`: the `qurucu` program."""

from constructor.cli import main

if __name__ == "__main__":
    main()

"""`python -m constructor.reference [--check]`: write the reference, or say what is stale."""

from __future__ import annotations

from pathlib import Path

import click

from constructor.commands.base import fail
from constructor.reference.files import reference_files, stale, write

HOME = Path(__file__).parents[2] / "docs" / "reference"


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a file is stale.")
def main(check: bool) -> None:
    """Write docs/reference from the code."""
    files = reference_files()
    old = stale(HOME, files)
    if check and old:
        fail(f"Stale: {', '.join(old)}. Run `python -m constructor.reference`.")
    if not check:
        write(HOME, files)
    click.echo(f"{len(files)} files, {len(old)} of them {'stale' if check else 'changed'}.")


if __name__ == "__main__":
    main()

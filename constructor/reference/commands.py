"""`commands.md`: the `qurucu` program, as click knows it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from constructor.reference.markdown import page, sentence, table

_INTRO = """
In a checkout the program is `.venv/bin/qurucu`; `python -m constructor` is the same. Exit code 0
means success, 1 a refused or failed job with one clear line on standard error, 2 wrong usage.
Settings come from the [environment](settings.md).
"""


def commands_page(program: click.Group) -> str:
    """`commands.md`."""
    return page("Commands", _INTRO, *(_section(*found) for found in commands(program)))


def commands(
    group: click.Group, path: tuple[str, ...] = ("qurucu",)
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with the words that call it."""
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def _section(path: tuple[str, ...], command: click.Command) -> str:
    context = click.Context(command, info_name=path[-1])
    arguments = [
        one.make_metavar(context) for one in command.params if isinstance(one, click.Argument)
    ]
    options = [one for one in command.params if isinstance(one, click.Option)]
    usage = " ".join([*path, *(["[OPTIONS]"] if options else []), *arguments])
    parts = [f"## {' '.join(path)}", f"`{usage}`", sentence(command.help or "")]
    rows = [
        (f"`{record[0]}`", record[1])
        for one in options
        if (record := one.get_help_record(context)) is not None
    ]
    return "\n\n".join([*parts, table(("Option", "Meaning"), rows)] if rows else parts)

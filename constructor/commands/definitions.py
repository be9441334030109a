"""`definitions …`: check, plan, publish, look back, go back."""

from __future__ import annotations

import difflib
from pathlib import Path

import click

from constructor import publish as publishing
from constructor.commands.base import (
    carry_out,
    echo_json,
    echo_plan,
    echo_rows,
    fail,
    json_option,
    open_workspace,
    refusing,
)
from constructor.publish import Act
from runtime.definitions.bundle import from_json
from runtime.definitions.canonical import to_bytes
from runtime.kernel.i18n import translate
from runtime.storage.engine import reading
from runtime.storage.revisions import bundle_of, history

Folder = click.Path(path_type=Path)
move_option = click.option(
    "--move", "moves", multiple=True, metavar="UID=KEY",
    help="Where records of a removed option or state go.",
)  # fmt: skip
yes_option = click.option("--yes", is_flag=True, help="Do not ask before a lossy step.")


@click.group()
def definitions() -> None:
    """Definitions: entities, workflows, views and roles as JSON."""


@definitions.command()
@click.argument("folder", type=Folder)
@json_option
@refusing
def check(folder: Path, as_json: bool) -> None:
    """Report every mistake of a module folder. Needs no workspace."""
    problems = publishing.check_folder(folder)
    if as_json:
        echo_json(
            [
                {
                    "file": one.file,
                    "path": one.path,
                    "problem": one.problem,
                    "found": one.found,
                    "allowed": one.allowed,
                    "suggestion": one.suggestion,
                }
                for one in problems
            ]
        )
    else:
        for one in problems:
            click.echo(one.line())
    if problems:
        fail(translate("en", "error.definitions", n=len(problems)))
    if not as_json:
        click.echo("No mistakes.")


@definitions.command()
@click.argument("folder", type=Folder)
@refusing
def export(folder: Path) -> None:
    """Write the definitions in force, canonical, one folder per module."""
    with open_workspace() as (_, engine), reading(engine) as connection:
        bundle = publishing.bundle_in_force(connection)
    publishing.write_folder(bundle, folder)
    click.echo(f"Wrote {len(bundle)} modules to {folder}.")


@definitions.command()
@click.argument("folder", type=Folder)
@move_option
@json_option
@refusing
def plan(folder: Path, moves: tuple[str, ...], as_json: bool) -> None:
    """Print what publishing a folder would do; change nothing."""
    with open_workspace() as (_, engine):
        made = publishing.plan_folder(engine, folder, Act(moves=_moves(moves)))
    if as_json:
        echo_json(made.to_json())
    else:
        echo_plan(made)


@definitions.command()
@click.argument("folder", type=Folder)
@move_option
@yes_option
@click.option("--note", default="", help="Why; stands in the history.")
@json_option
@refusing
def publish(folder: Path, moves: tuple[str, ...], yes: bool, note: str, as_json: bool) -> None:
    """Publish the modules of a folder in the place of their namesakes."""
    act = Act(note=note, moves=_moves(moves))
    with open_workspace() as (_, engine):
        made = carry_out(
            lambda confirm: publishing.publish_folder(engine, folder, act, confirm), yes=yes
        )
    if as_json:
        echo_json(made.to_json())
    elif made.empty:
        click.echo("Nothing to change.")
    else:
        click.echo(f"Published as revision {made.base + 1}.")


@definitions.command("history")
@json_option
@refusing
def history_command(as_json: bool) -> None:
    """List the revisions, newest last."""
    with open_workspace() as (_, engine), reading(engine) as connection:
        revisions = history(connection)
    if as_json:
        echo_json(
            [
                {
                    "number": one.number,
                    "parent": one.parent,
                    "created_at": one.created_at.isoformat(),
                    "author": one.author,
                    "note": one.note,
                    "sha256": one.sha256,
                    "steps": one.plan,
                }
                for one in revisions
            ]
        )
        return
    rows = [
        (str(one.number), f"{one.created_at:%Y-%m-%d %H:%M}", one.author or "-", one.note)
        for one in revisions
    ]
    echo_rows(rows, "Nothing has been published yet.")


@definitions.command()
@click.argument("before", type=click.IntRange(min=0))
@click.argument("after", type=click.IntRange(min=0))
@refusing
def diff(before: int, after: int) -> None:
    """Show how the definitions of two revisions differ."""
    with open_workspace() as (_, engine), reading(engine) as connection:
        old, new = (_files(bundle_of(connection, number)) for number in (before, after))
    for name in sorted({*old, *new}):
        lines = difflib.unified_diff(
            old.get(name, []), new.get(name, []), f"{before}/{name}", f"{after}/{name}", lineterm=""
        )
        for line in lines:
            click.echo(line)


def _files(stored: dict[str, dict[str, dict[str, object]]]) -> dict[str, list[str]]:
    return {
        f"{key}/{file.path}": to_bytes(file.content).decode().splitlines()
        for key, module in from_json(stored).items()
        for file in module.files
    }


@definitions.command()
@click.argument("number", type=click.IntRange(min=1))
@move_option
@yes_option
@json_option
@refusing
def rollback(number: int, moves: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Publish the content of an earlier revision as a new one."""
    act = Act(note=f"rollback to {number}", moves=_moves(moves))
    with open_workspace() as (_, engine):
        made = carry_out(lambda confirm: publishing.rollback(engine, number, act, confirm), yes=yes)
    if as_json:
        echo_json(made.to_json())
    elif made.empty:
        click.echo("Nothing to change.")
    else:
        click.echo(f"Revision {number} is back in force as revision {made.base + 1}.")


def _moves(written: tuple[str, ...]) -> dict[str, str]:
    moves = {}
    for one in written:
        uid, sign, key = one.partition("=")
        if not sign:
            raise click.BadParameter(f"{one!r} is not UID=KEY", param_hint="--move")
        moves[uid] = key
    return moves

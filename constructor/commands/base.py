"""What commands share: settings, the engine, one clear line on a refusal, JSON on request."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

import click
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from constructor.hints import rename_hints
from runtime.kernel.errors import DefinitionErrors, QurucuError, ValidationFailed
from runtime.kernel.i18n import say
from runtime.kernel.settings import Settings, SettingsError, load_settings
from runtime.storage.database import is_prepared
from runtime.storage.engine import make_engine, reading
from runtime.storage.plan import Plan
from runtime.storage.steps.base import Risk

Given = ParamSpec("Given")
Made = TypeVar("Made")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def fail(line: str) -> NoReturn:
    """One clear line on standard error and exit code 1."""
    click.echo(line, err=True)
    sys.exit(1)


def refusing(command: Callable[Given, Made]) -> Callable[Given, Made]:
    """Turns refusals of the domain into `fail`."""

    @wraps(command)
    def run(*args: Given.args, **words: Given.kwargs) -> Made:
        try:
            return command(*args, **words)
        except SettingsError as error:
            fail(str(error))
        except DefinitionErrors as error:
            fail(f"{error}\n{say('en', error.message)}")
        except ValidationFailed as error:
            fail("; ".join(_validation_lines(error)))
        except QurucuError as error:
            fail(say("en", error.message))
        except sa.exc.OperationalError as error:
            fail(f"The database does not answer: {str(error.orig).strip().splitlines()[0]}")

    return run


def _validation_lines(error: ValidationFailed) -> Iterator[str]:
    for row in error.rows[:20]:
        for key, messages in row.fields.items():
            yield f"row {row.index + 1}, {key}: " + ", ".join(say("en", text) for text in messages)


def settings() -> Settings:
    loaded = load_settings()
    for name in loaded.unused:
        click.echo(f"{name} is set, but this version does not use it.", err=True)
    return loaded


@contextmanager
def open_workspace() -> Iterator[tuple[Settings, Engine]]:
    """The settings and the engine of a workspace that `init` has prepared."""
    loaded = settings()
    engine = make_engine(loaded.database_url)
    try:
        with reading(engine) as connection:
            if not is_prepared(connection):
                fail("There is no workspace here yet: run `qurucu init`.")
        yield loaded, engine
    finally:
        engine.dispose()


def echo_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def echo_rows(rows: Sequence[tuple[str, ...]], empty: str) -> None:
    """A plain table; `empty` where there is nothing to show."""
    if not rows:
        click.echo(empty)
        return
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo(line.rstrip())


def echo_plan(plan: Plan) -> None:
    """The plan for people: each step with its risk, the rows that do not fit below it."""
    steps = plan.to_json()["steps"]
    if not steps:
        click.echo("Nothing to change.")
    for step in steps:
        click.echo(f"  [{step['risk']}] {step['text']}")
        for sample in step["samples"]:
            # Number 0 speaks of all the rows.
            which = f"record {sample['record']}: {sample['value']!r}: " if sample["record"] else ""
            click.echo(f"      {which}{sample['reason']}")
    for hint in rename_hints(plan):
        click.echo(f"  {hint}")


def confirmation(*, yes: bool) -> Callable[[Plan], None]:
    """Stops a plan that takes values off the screens, unless `yes` was said before."""

    def confirm(plan: Plan) -> None:
        refused, lossy = plan.of_risk(Risk.REFUSED), plan.of_risk(Risk.LOSSY)
        if refused:
            echo_plan(plan)
        elif lossy and not yes:
            raise _Unconfirmed(plan)

    return confirm


class _Unconfirmed(Exception):
    """A lossy plan that nobody has agreed to yet; its transaction ends without a trace."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan


def at_terminal() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def carry_out(work: Callable[[Callable[[Plan], None]], Plan], *, yes: bool) -> Plan:
    """Runs `work` with a confirmation. A person is asked between two transactions, never inside
    one: while they think, everybody else can write."""
    try:
        return work(confirmation(yes=yes))
    except _Unconfirmed as stopped:
        agreed = stopped.plan
    echo_plan(agreed)
    if not at_terminal():
        fail("This takes values off the screens (they are kept for 30 days); say --yes.")
    if not click.confirm("Values will leave the screens and be kept for 30 days. Go on?"):
        fail("Nothing was changed.")
    return work(_as_agreed(agreed))


def _as_agreed(agreed: Plan) -> Callable[[Plan], None]:
    """Takes a plan that loses nothing beyond the one that was agreed to."""
    known = {(one.step.kind, one.step.about) for one in agreed.of_risk(Risk.LOSSY)}

    def confirm(plan: Plan) -> None:
        lossy = {(one.step.kind, one.step.about) for one in plan.of_risk(Risk.LOSSY)}
        if plan.base != agreed.base or lossy - known:
            fail("Somebody published or changed records meanwhile; look at the new plan.")

    return confirm

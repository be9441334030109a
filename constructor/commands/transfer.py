"""`import` and `export`: records in and out as files."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import click
from sqlalchemy.engine import Engine

from constructor.commands.base import echo_json, fail, json_option, open_workspace, refusing
from runtime.access.actor import Actor, product_actor
from runtime.catalog.model import Catalog, Entity
from runtime.kernel.locale import locale_of
from runtime.records.service import Service
from runtime.storage.engine import reading
from runtime.transfer import refused_file
from runtime.transfer.batch import OnDuplicate
from runtime.transfer.export import export
from runtime.transfer.job import entity_called, make_job
from runtime.transfer.layout import Column, Layout
from runtime.transfer.preview import Preview, preview
from runtime.transfer.run import Job, Run, finish, load, refusals
from runtime.transfer.sheet import open_sheet

# Refused rows that are printed; all of them stand in the file.
SHOWN = 20
SHOWN_JSON = 1_000


@dataclass(frozen=True, slots=True)
class Desk:
    """What both commands work with."""

    data: Path
    service: Service
    actor: Actor
    catalog: Catalog
    entity: Entity


@contextmanager
def _desk(entity_key: str, origin: str) -> Iterator[tuple[Desk, Engine]]:
    with open_workspace() as (settings, engine):
        service = Service(engine)
        with service.reading() as (_, model):
            catalog = model.catalog
        entity = entity_called(catalog, entity_key)
        actor = product_actor(locale_of(catalog.workspace), origin)
        yield Desk(settings.data, service, actor, catalog, entity), engine


@click.command("import")
@click.argument("entity")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--sheet", help="Name of the sheet of a workbook; the first one when left out.")
@click.option("--mapping", metavar="FILE.json", help="A file, or a mapping of an installed module.")
@click.option(
    "--on-duplicate", type=click.Choice([one.value for one in OnDuplicate]), default="skip",
    show_default=True, help="What becomes of a row whose record is there already.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Show what would happen; write nothing.")
@json_option
@refusing
def import_command(
    entity: str,
    file: Path,
    sheet: str | None,
    mapping: str | None,
    on_duplicate: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Load the rows of a CSV or XLSX file. A run that was killed goes on where it stopped."""
    with _desk(entity, "import") as (desk, engine), open_sheet(file, sheet) as opened:
        with reading(engine) as connection:
            job = make_job(
                connection, desk.catalog, desk.entity, opened,
                page=sheet, mapping=mapping, on_duplicate=OnDuplicate(on_duplicate),
            )  # fmt: skip
        (_show if dry_run else _load)(desk, job, as_json)


def _load(desk: Desk, job: Job, as_json: bool) -> None:
    _warn(desk, job, as_json)
    watch = Watch(job.sheet.total)
    run = load(desk.service, desk.actor, job, lambda run: watch.tell(run.done, run.resumed))
    path = refused_file.path_of(desk.data, job.sheet, job.signature)
    with reading(desk.service.engine) as connection:
        listed = refused_file.write_refused(path, job.sheet, refusals(connection, run.id))
        first = [
            (number, reason)
            for number, reason, _ in islice(refusals(connection, run.id), SHOWN_JSON)
        ]
    finish(desk.service, desk.actor, job, run)
    watch.end()
    if as_json:
        echo_json(
            {
                **_counts(
                    run.done, run.created, run.updated, run.skipped, run.refused, run.related
                ),
                "resumed": run.resumed,
                "errors": [{"row": number, "reason": reason} for number, reason in first],
                "refused_file": str(listed) if listed else None,
                **_mapped(desk, run.layout),
            }
        )
    else:
        _summary(desk, job, run, first, listed)
    if not run.created + run.updated + run.skipped:
        fail("Nothing was loaded.")


def _summary(
    desk: Desk, job: Job, run: Run, first: list[tuple[int, str]], listed: Path | None
) -> None:
    if run.resumed:
        click.echo(f"Went on after the first {run.resumed:,} rows, which were loaded before.")
    made = f"{run.created:,} new {_called(desk.entity)}"
    if run.related:
        made += f" and {run.related:,} records that they point at"
    click.echo(f"{job.sheet.name}: {run.done:,} rows. {made}.")
    if run.updated:
        click.echo(f"Changed: {run.updated:,}.")
    if run.skipped:
        click.echo(f"There already: {run.skipped:,}.")
    if run.refused:
        click.echo(f"Refused: {run.refused:,}.")
        _echo_refusals(first, run.refused)
        click.echo(f"Refused rows with their reasons: {listed}")


def _show(desk: Desk, job: Job, as_json: bool) -> None:
    """What would happen."""
    watch = Watch(job.sheet.total)
    found = preview(desk.service, desk.actor, job, watch.tell)
    watch.end()
    first = [(one.number, one.reason) for one in found.refusals]
    if as_json:
        counts = (
            found.done, found.created, found.updated, found.skipped, found.refused, found.related,
        )  # fmt: skip
        errors = [{"row": number, "reason": reason} for number, reason in first]
        echo_json({**_counts(*counts), "errors": errors, **_mapped(desk, job.layout)})
    else:
        _echo_preview(desk, job, found, first)
    if not found.created + found.updated + found.skipped:
        fail("Nothing would be loaded.")


def _echo_preview(desk: Desk, job: Job, found: Preview, first: list[tuple[int, str]]) -> None:
    click.echo(f"{job.sheet.name}: {found.done:,} rows ({job.sheet.note}).")
    for line in _layout_lines(desk, job.layout):
        click.echo(f"  {line}")
    _warn(desk, job, False)
    click.echo(f"New {_called(desk.entity)}: {found.created:,}.")
    for label, count in (
        ("Records that they point at", found.related),
        ("Changed", found.updated),
        ("There already", found.skipped),
        ("Refused", found.refused),
    ):
        if count:
            click.echo(f"{label}: {count:,}.")
    _echo_refusals(first, found.refused)
    click.echo("Nothing was written.")


def _echo_refusals(first: list[tuple[int, str]], count: int) -> None:
    for number, reason in first[:SHOWN]:
        click.echo(f"  row {number}: {reason}")
    if count > SHOWN:
        click.echo(f"  and {count - SHOWN:,} more")


def _counts(
    rows: int, created: int, updated: int, skipped: int, refused: int, related: int
) -> dict[str, Any]:
    return {
        "rows": rows,
        "created": created,
        "updated": updated,
        "skipped": skipped,
        "refused": refused,
        "related": related,
    }


def _called(entity: Entity) -> str:
    return entity.list_title("en").lower()


def _warn(desk: Desk, job: Job, as_json: bool) -> None:
    """What a person might not expect, aloud."""
    layout = job.layout
    if layout.left_out:
        click.echo(f"Not imported, no field is named for them: {_names(layout.left_out)}", err=True)
    if layout.kept:
        click.echo(f"Not imported, the product fills these: {_names(layout.kept)}", err=True)
    wanted = job.on_duplicate is not OnDuplicate.CREATE
    if wanted and not layout.match and layout.identity is None:
        click.echo(
            f"No column tells {_called(desk.entity)} apart for sure (a unique field would):"
            " every row becomes a new one unless this very file was loaded before.",
            err=True,
        )


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def _mapped(desk: Desk, layout: Layout) -> dict[str, Any]:
    return {
        "columns": {name: f"{owner}.{key}" for name, owner, key in _targets(desk, layout)},
        "not_imported": [*layout.left_out, *layout.kept],
    }


def _layout_lines(desk: Desk, layout: Layout) -> Iterator[str]:
    for name, owner, key in _targets(desk, layout):
        yield f"{name} -> {owner}.{key}"
    match = desk.entity.by_uid.get(layout.match)
    if match:
        yield f"found again by {match.key}"


def _targets(desk: Desk, layout: Layout) -> Iterator[tuple[str, str, str]]:
    """(column, entity, field) of everything that the layout maps."""

    def of(entity: Entity, columns: tuple[Column, ...]) -> Iterator[tuple[str, str, str]]:
        for column in columns:
            yield column.name, entity.key, entity.by_uid[column.field].key

    yield from of(desk.entity, layout.columns)
    for related in layout.related:
        target = desk.catalog.target(desk.entity.by_uid[related.field])
        yield from of(target, related.columns)
    if layout.status:
        yield from of(desk.entity, (layout.status,))


class Watch:
    """Progress on a terminal: how far, and how fast."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.began = time.monotonic()
        self.shown = sys.stderr.isatty()

    def tell(self, done: int, skipped: int = 0) -> None:
        if self.shown:
            share = 100 * done // max(self.total, 1)
            speed = (done - skipped) / max(time.monotonic() - self.began, 0.001)
            line = f"\r{share:3d}%  {done:,} of {self.total:,} rows, {speed:,.0f} a second "
            click.echo(line, nl=False, err=True)

    def end(self) -> None:
        if self.shown:
            click.echo(err=True)


@click.command("export")
@click.argument("entity")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--filter", "filters", multiple=True, metavar="K=V",
    help="As in addresses: status=active, balance__gte=100, city__in=Baku,Ganja; repeatable.",
)  # fmt: skip
@json_option
@refusing
def export_command(entity: str, file: Path, filters: tuple[str, ...], as_json: bool) -> None:
    """Write records to a file: .xlsx for people, .csv and .json for programs."""
    with _desk(entity, "cli") as (desk, _):
        tell: Callable[[int], None] = lambda count: None  # noqa: E731
        if sys.stderr.isatty():
            tell = lambda count: click.echo(f"\r{count:,} ", nl=False, err=True)  # noqa: E731
        count = export(
            desk.service, desk.actor, entity, file, [_filter(one) for one in filters], tell
        )
    if as_json:
        echo_json({"records": count, "file": str(file)})
    else:
        click.echo(f"Wrote {count:,} {_called(desk.entity)} to {file}.")


def _filter(written: str) -> tuple[str, str]:
    name, sign, text = written.partition("=")
    if not sign:
        raise click.BadParameter(f"{written!r} is not K=V", param_hint="--filter")
    return name, text

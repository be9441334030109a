"""`init`, `serve`, `doctor`: the life of a workspace."""

from __future__ import annotations

import secrets

import click

from constructor.commands.base import (
    echo_json,
    fail,
    json_option,
    open_workspace,
    refusing,
    settings,
)
from constructor.doctor import examine
from constructor.serving import serve_app
from constructor.workspace import make_workspace, prepare_if_empty
from runtime.access.people import MIN_PASSWORD
from runtime.kernel.workspace import COUNTRIES, LANGUAGES
from runtime.storage.engine import make_engine


@click.command()
@click.option("--email", help="Address of the owner's account.")
@click.option("--password", help=f"At least {MIN_PASSWORD} characters; made up when left out.")
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", show_default=True,
    help="Of people who have not chosen one.",
)  # fmt: skip
@click.option("--country", default="AZ", show_default=True, help="Two letters of ISO 3166.")
@click.option("--currency", help="Follows from the country.")
@click.option("--timezone", help="Follows from the country.")
@refusing
def init(
    email: str | None,
    password: str | None,
    language: str,
    country: str,
    currency: str | None,
    timezone: str | None,
) -> None:
    """Prepare a new workspace."""
    known = COUNTRIES.get(country, ("USD", "UTC"))
    engine = make_engine(settings().database_url)
    made = password
    if email and not password:
        made = secrets.token_urlsafe(12)
    make_workspace(
        engine,
        language=language,
        country=country,
        currency=currency or known[0],
        timezone=timezone or known[1],
        owner=(email, made) if email and made else None,
    )
    click.echo("The workspace is ready.")
    if email and not password:
        click.echo(f"Password of {email}: {made}")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64),
    help="Processes that answer side by side.",
)  # fmt: skip
@refusing
def serve(host: str, port: int, workers: int) -> None:
    """Serve the workspace over HTTP; an empty database is prepared for the first-run page."""
    loaded = settings()
    engine = make_engine(loaded.database_url)
    try:
        new = prepare_if_empty(engine)
    finally:
        engine.dispose()
    if new:
        click.echo(f"A new workspace: open http://{host}:{port} to set it up.")
    serve_app(loaded, host=host, port=port, workers=workers)


@click.command()
@json_option
@refusing
def doctor(as_json: bool) -> None:
    """Compare definitions, tables and rows; exit 0 when they agree."""
    with open_workspace() as (_, engine):
        faults = examine(engine)
    if as_json:
        echo_json({"healthy": not faults, "faults": faults})
    else:
        for fault in faults:
            click.echo(fault)
    if faults:
        fail(f"{len(faults)} faults found.")
    if not as_json:
        click.echo("Definitions, tables and rows agree.")

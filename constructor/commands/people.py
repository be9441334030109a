"""`user …` and `token …`: who may come in."""

from __future__ import annotations

import secrets

import click

from constructor.commands.base import echo_json, echo_rows, json_option, open_workspace, refusing
from runtime.access.people import MIN_PASSWORD, add_person, check_roles, find_person, list_people
from runtime.access.sessions import make_token
from runtime.kernel.clock import system_clock
from runtime.kernel.errors import Refused
from runtime.kernel.workspace import LANGUAGES
from runtime.storage.engine import reading, writing
from runtime.storage.revisions import catalog_of, stamp_in_force


@click.group()
def user() -> None:
    """People of the workspace."""


@user.command()
@click.argument("email")
@click.option("--role", "roles", multiple=True, required=True, help="Key of a role; repeatable.")
@click.option("--password", help="Made up and printed when left out.")
@click.option("--name", default="", help="What others read; left out, the head of the address.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Left out, that of the workspace.")
@refusing
def add(
    email: str, roles: tuple[str, ...], password: str | None, name: str, language: str | None
) -> None:
    """Add a person."""
    with open_workspace() as (_, engine), writing(engine) as connection:
        catalog = catalog_of(connection, stamp_in_force(connection).number)
        check_roles(catalog, roles)
        if password is not None and len(password) < MIN_PASSWORD and not catalog.workspace.demo:
            raise Refused("people.short_password", limit=MIN_PASSWORD)
        made = password or secrets.token_urlsafe(12)
        add_person(
            connection,
            email=email,
            roles=roles,
            password=made,
            name=name,
            language=language,
            now=system_clock(),
        )
    click.echo(f"Added {email}.")
    if password is None:
        click.echo(f"Password: {made}")


@user.command("list")
@json_option
@refusing
def list_command(as_json: bool) -> None:
    """List the people."""
    with open_workspace() as (_, engine), reading(engine) as connection:
        people = list_people(connection)
    if as_json:
        echo_json(
            [
                {"email": one.email, "name": one.name, "roles": one.roles, "active": one.active}
                for one in people
            ]
        )
        return
    rows = [(one.email, one.name, ", ".join(one.roles)) for one in people]
    echo_rows(rows, "Nobody yet: `qurucu user add E --role owner`.")


@click.group()
def token() -> None:
    """Bearer tokens for programs."""


@token.command()
@click.argument("email")
@click.option("--name", default="", help="What the token is for.")
@refusing
def create(email: str, name: str) -> None:
    """Make a token that acts as this person; it is printed once."""
    with open_workspace() as (_, engine), writing(engine) as connection:
        person = find_person(connection, email)
        if person is None:
            raise Refused("people.unknown", email=email)
        secret = make_token(connection, person.id, name, system_clock())
    click.echo(secret)

"""The `qurucu` program."""

from __future__ import annotations

import click

from constructor.commands.definitions import definitions
from constructor.commands.modules import modules
from constructor.commands.people import token, user
from constructor.commands.transfer import export_command, import_command
from constructor.commands.workspace import doctor, init, serve


@click.group()
@click.version_option(package_name="qurucu")
def main() -> None:
    """Qurucu: a constructor of industry CRMs."""


for command in (
    init, serve, doctor, modules, definitions, user, token, import_command, export_command,
):  # fmt: skip
    main.add_command(command)

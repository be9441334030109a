"""`modules …`: what ships with the product and what is installed."""

from __future__ import annotations

import click

from constructor.commands.base import (
    carry_out,
    echo_json,
    echo_plan,
    echo_rows,
    json_option,
    open_workspace,
    refusing,
)
from constructor.demo import load_demo
from constructor.install import find_module, install, is_installed, list_modules, plan_install
from constructor.publish import Act, plan_bundle
from runtime.storage.engine import reading
from runtime.storage.plan import Plan


@click.group()
def modules() -> None:
    """Modules: what the trade needs, as definitions."""


@modules.command("list")
@json_option
@refusing
def list_command(as_json: bool) -> None:
    """List bundled and installed modules."""
    with open_workspace() as (_, engine):
        found = list_modules(engine)
    if as_json:
        echo_json(
            [
                {
                    "key": one.key,
                    "title": one.title,
                    "summary": one.summary,
                    "version": one.version,
                    "installed": one.installed,
                }
                for one in found
            ]
        )
        return
    rows = [(one.key, one.installed or "-", one.version, one.title) for one in found]
    echo_rows(rows, "There are no modules.")


@modules.command()
@click.argument("name")
@json_option
@refusing
def show(name: str, as_json: bool) -> None:
    """Show what a module brings."""
    module = find_module(name)[0]
    shown = {
        **module.manifest,
        "brings": sorted(file.path for file in module.files if file.kind != "module"),
    }
    if as_json:
        echo_json(shown)
        return
    click.echo(f"{shown['title']} {shown['version']}")
    click.echo(shown.get("summary", ""))
    for path in shown["brings"]:
        click.echo(f"  {path}")


@modules.command("install")
@click.argument("name_or_path")
@click.option(
    "--demo", is_flag=True, help="Bring the demo records, also of a module installed before."
)
@click.option("--plan", "only_plan", is_flag=True, help="Print what would change, change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@refusing
def install_command(
    name_or_path: str, demo: bool, only_plan: bool, yes: bool, as_json: bool
) -> None:
    """Install a bundled module or a folder, with what it requires."""
    act = Act(note=f"install {name_or_path}")
    plan: Plan | None = None
    brought: dict[str, int] = {}
    with open_workspace() as (_, engine):
        if only_plan:
            with reading(engine) as connection:
                bundle = plan_install(connection, find_module(name_or_path))
                plan = plan_bundle(connection, bundle, act)
        elif not (demo and is_installed(engine, name_or_path)):
            plan = carry_out(lambda confirm: install(engine, name_or_path, act, confirm), yes=yes)
        if demo and not only_plan:
            brought = load_demo(engine, [name_or_path])
    if as_json:
        steps = plan.to_json() if plan else {"steps": []}
        echo_json(steps | {"demo": brought} if demo else steps)
    elif plan and only_plan:
        echo_plan(plan)
    else:
        if plan:
            click.echo(f"Installed as revision {plan.base + 1}.")
        if demo:
            click.echo(f"Brought {sum(brought.values())} demo records.")

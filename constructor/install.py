"""Installing modules: those that ship with the product, or a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Connection, Engine

from constructor.publish import (
    BUNDLED,
    Act,
    Confirm,
    base_of,
    bundle_in_force,
    complete,
    publish,
    read_folder,
)
from runtime.definitions.bundle import Bundle, ModuleSource
from runtime.definitions.load import load_folder
from runtime.definitions.report import nearest
from runtime.kernel.errors import Refused
from runtime.storage import system
from runtime.storage.engine import reading
from runtime.storage.plan import Plan


@dataclass(frozen=True, slots=True)
class Listed:
    """A module as `modules list` shows it."""

    key: str
    title: str
    summary: str
    version: str
    installed: str | None


def bundled_modules() -> dict[str, ModuleSource]:
    if not BUNDLED.is_dir():
        return {}
    modules, _ = load_folder(BUNDLED)
    return {module.key: module for module in modules}


def list_modules(engine: Engine) -> list[Listed]:
    """What ships with the product and what is installed, by key."""
    with reading(engine) as connection:
        installed = bundle_in_force(connection)
    known = {**installed, **bundled_modules()}
    return [
        Listed(
            key,
            module.manifest["title"],
            module.manifest.get("summary", ""),
            module.manifest["version"],
            installed[key].manifest["version"] if key in installed else None,
        )
        for key, module in sorted(known.items())
    ]


def find_module(name_or_path: str) -> list[ModuleSource]:
    """A bundled module with what it requires, or the modules of a folder.

    Raises `Refused` for a name that is neither, `DefinitionErrors` for a folder with mistakes.
    """
    bundled = bundled_modules()
    if name_or_path in bundled:
        return list(complete([bundled[name_or_path]], BUNDLED).values())
    folder = Path(name_or_path)
    if folder.is_dir():
        beside = folder.parent if (folder / "module.json").is_file() else folder
        return list(complete(read_folder(folder), beside).values())
    suggestion = nearest(name_or_path, list(bundled)) or ", ".join(bundled) or "-"
    raise Refused("modules.unknown", name=name_or_path, suggestion=suggestion)


def is_installed(engine: Engine, name_or_path: str) -> bool:
    """Whether the module is part of the revision in force."""
    with reading(engine) as connection:
        return find_module(name_or_path)[0].key in bundle_in_force(connection)


def plan_install(connection: Connection, modules: list[ModuleSource]) -> Bundle:
    """The bundle in force with the modules that it has not yet; what is there stays as it is."""
    there = bundle_in_force(connection)
    return {**{module.key: module for module in modules}, **there}


def install(engine: Engine, name_or_path: str, act: Act, confirm: Confirm) -> Plan:
    """Publishes the module and what it requires. Raises `Refused` when it is installed already."""
    modules = find_module(name_or_path)
    wanted = modules[0]

    def bundle(connection: Connection) -> Bundle:
        if wanted.key in bundle_in_force(connection):
            raise Refused("modules.installed", name=wanted.key)
        planned = plan_install(connection, modules)
        _keep_bases(connection, [one for one in modules if planned[one.key] is one], act)
        return planned

    return publish(engine, bundle, act, confirm)


def _keep_bases(connection: Connection, modules: list[ModuleSource], act: Act) -> None:
    """The files as they came: what a later upgrade compares with."""
    table = system.module
    for module in modules:
        connection.execute(table.delete().where(table.c.key == module.key))
        connection.execute(
            table.insert().values(
                key=module.key,
                version=module.manifest["version"],
                base=base_of(module),
                installed_at=act.clock(),
            )
        )

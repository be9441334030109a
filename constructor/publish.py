"""Publishing: a bundle becomes the revision in force, in one transaction or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import Connection, Engine

from runtime.definitions.bundle import KEY, Bundle, ModuleSource, from_json
from runtime.definitions.canonical import canonical_bundle, to_bytes
from runtime.definitions.check import problems_of, require_sound
from runtime.definitions.load import load_folder
from runtime.kernel.clock import Clock, system_clock
from runtime.kernel.errors import DefinitionErrors, DefinitionProblem, Refused
from runtime.storage.engine import reading, writing
from runtime.storage.migrate import lock_publishing, migrate
from runtime.storage.plan import Plan, make_plan
from runtime.storage.revisions import bundle_of, stamp_in_force

BUNDLED = Path(__file__).parent.parent / "modules"
if not BUNDLED.is_dir():
    # In an installed wheel the modules travel inside this package.
    BUNDLED = Path(__file__).parent / "bundled"


@dataclass(frozen=True, slots=True)
class Act:
    """Who publishes, why, and where rows of removed options go."""

    author: int | None = None
    note: str = ""
    moves: Mapping[str, str] = field(default_factory=dict)
    clock: Clock = system_clock


# Asked before a plan is carried out; may raise to stop it.
Confirm = Callable[[Plan], None]


def plan_bundle(connection: Connection, bundle: Bundle, act: Act) -> Plan:
    """Checks the bundle (raises `DefinitionErrors`) and plans the way to it.

    Raises `Refused` for a move of something that stays.
    """
    require_sound(bundle)
    plan = make_plan(connection, canonical_bundle(bundle), act.moves)
    removed = [one.step.about for one in plan.steps if one.step.kind == "remove_option"]
    for uid in act.moves:
        if uid not in removed:
            raise Refused("publishing.no_move", uid=uid, removed=", ".join(removed) or "-")
    return plan


def publish(
    engine: Engine,
    bundle_from: Callable[[Connection], Bundle],
    act: Act,
    confirm: Confirm = lambda plan: None,
) -> Plan:
    """Plans and carries out in one transaction; `bundle_from` sees the state it starts from."""
    with writing(engine) as connection:
        lock_publishing(connection)
        plan = plan_bundle(connection, bundle_from(connection), act)
        confirm(plan)
        now: datetime = act.clock()
        migrate(connection, plan, author=act.author, note=act.note, now=now, moves=act.moves)
    return plan


def bundle_in_force(connection: Connection) -> dict[str, ModuleSource]:
    return from_json(bundle_of(connection, stamp_in_force(connection).number))


def with_modules(connection: Connection, modules: Iterable[ModuleSource]) -> Bundle:
    """The bundle in force with these modules put in the place of their namesakes."""
    return {**bundle_in_force(connection), **{module.key: module for module in modules}}


def read_folder(folder: Path) -> list[ModuleSource]:
    """Raises `DefinitionErrors` with everything that cannot be read."""
    modules, problems = load_folder(folder)
    if problems:
        raise DefinitionErrors(check_folder(folder))
    return modules


def complete(modules: Iterable[ModuleSource], beside: Path | None) -> dict[str, ModuleSource]:
    """The modules with those that they require, looked for beside them, then bundled ones."""
    found = {module.key: module for module in modules}
    waiting = list(found.values())
    while waiting:
        requires = waiting.pop().manifest.get("requires")
        keys = requires.get("modules") if isinstance(requires, dict) else None
        for key in keys if isinstance(keys, dict) else ():
            if key in found:
                continue
            required = _find(key, beside)
            if required:
                found[key] = required
                waiting.append(required)
    return found


def _find(key: str, beside: Path | None) -> ModuleSource | None:
    # A requirement may say anything until it is checked: a key alone leads into a folder.
    for home in (beside, BUNDLED) if KEY.fullmatch(key) else ():
        if home and (home / key / "module.json").is_file():
            modules, _ = load_folder(home / key)
            return modules[0] if modules[0].key == key else None
    return None


def check_folder(folder: Path) -> list[DefinitionProblem]:
    """What `definitions check` says: problems of the folder's own modules, all at once."""
    modules, problems = load_folder(folder)
    own = {module.key for module in modules}
    beside = folder.parent if (folder / "module.json").is_file() else folder
    found = problems_of(complete(modules, beside), problems)
    return [*problems, *(one for one in found if one.file.partition("/")[0] in own)]


def plan_folder(engine: Engine, folder: Path, act: Act) -> Plan:
    """What publishing the folder would do; changes nothing."""
    modules = read_folder(folder)
    with reading(engine) as connection:
        return plan_bundle(connection, with_modules(connection, modules), act)


def publish_folder(engine: Engine, folder: Path, act: Act, confirm: Confirm) -> Plan:
    modules = read_folder(folder)
    return publish(engine, lambda connection: with_modules(connection, modules), act, confirm)


def rollback(engine: Engine, number: int, act: Act, confirm: Confirm) -> Plan:
    """Publishes an earlier revision's content as a new one."""
    return publish(engine, lambda c: from_json(bundle_of(c, number)), act, confirm)


def write_folder(bundle: Bundle, folder: Path) -> None:
    """One folder per module, canonical bytes: what `definitions export` writes."""
    for key, module in bundle.items():
        for file in module.files:
            target = folder / key / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(to_bytes(file.content))


def base_of(module: ModuleSource) -> str:
    """A module's files as they are kept for three-way merges."""
    return json.dumps({file.path: file.content for file in module.files}, ensure_ascii=False)

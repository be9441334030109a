"""What must change in the rows when options of a choice or states of a workflow do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from runtime.catalog.model import Entity
from runtime.fields.base import Field, Option
from runtime.storage.park import Parked, newest
from runtime.storage.steps.base import Step
from runtime.storage.steps.columns import in_free_order
from runtime.storage.steps.options import RemoveOption, RenameOption, RestoreOption


@dataclass(frozen=True, slots=True)
class Place:
    """The field with options, and where its values stand while the plan is made: `holder` has the
    name of its column in the table `source`, `revision` is the last one that knew it."""

    entity: Entity
    field: Field
    holder: Field
    source: str
    revision: int

    def remove(self, option: Option, held: str, move: str | None, target: str = "") -> RemoveOption:
        return RemoveOption(
            self.entity,
            self.field,
            option,
            self.holder,
            self.source,
            self.revision,
            held,
            move,
            target,
        )


def option_steps(
    place: Place, before: Field, parked: Mapping[str, list[Parked]], moves: Mapping[str, str]
) -> Iterator[Step]:
    """`before` is the field as it was; `moves` says where rows of a removed option go: uid -> key
    of another one."""
    field = place.field
    now = {option.uid: option for option in field.choices}
    held = {option.uid: option for option in before.choices}
    # Old key -> new one, of renamed options and of removed ones whose rows move.
    renames: dict[str, Option] = {}
    for uid, option in held.items():
        if uid in now:
            if now[uid].key != option.key:
                renames[option.key] = now[uid]
            continue
        heir = field.option(option.key)
        if heir is not None and heir.uid not in held:
            continue  # another uid for the same key: the same to the rows
        target = field.option(moves.get(uid, ""))
        if target is None:
            yield place.remove(option, option.key, moves.get(uid))
        else:
            renames[option.key] = target
    yield from _renames(place, held, renames)
    for uid, option in now.items():
        aside = newest(parked, uid, "option")
        if uid not in held and aside:
            yield RestoreOption(place.entity, field, option, aside)


def _renames(
    place: Place, held: Mapping[str, Option], renames: Mapping[str, Option]
) -> Iterator[Step]:
    """In an order in which no row is taken along that had the new key before."""
    stay = {option.uid for option in place.field.choices}
    options = {option.key: option for option in held.values()}
    targets = dict(renames)
    for key, new_key in in_free_order((old, option.key) for old, option in renames.items()):
        option, target = options.pop(key), targets.pop(key)
        renamed = replace(option, key=key)
        if new_key != target.key:
            # By way of a third key.
            options[new_key], targets[new_key] = option, target
            yield RenameOption(place.entity, place.field, renamed, replace(target, key=new_key))
        elif option.uid in stay:
            yield RenameOption(place.entity, place.field, renamed, target)
        else:
            yield place.remove(option, key, target.key, target.uid)

"""A plan that removes one thing and adds its like is often a rename whose uid was forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from runtime.storage.plan import Plan
from runtime.storage.steps.columns import AddColumn, ParkColumn
from runtime.storage.steps.options import RemoveOption
from runtime.storage.steps.tables import CreateTable, ParkTable


def rename_hints(plan: Plan) -> list[str]:
    """One line for each pair, with the word that makes a rename of it."""
    return [*_entities(plan), *_fields(plan), *_options(plan)]


def _entities(plan: Plan) -> Iterator[str]:
    steps = [one.step for one in plan.steps]
    gone = [step.entity for step in steps if isinstance(step, ParkTable)]
    for step in steps:
        if isinstance(step, CreateTable):
            like = [one for one in gone if one.module == step.entity.module]
            twin = next((one for one in like if one.title.source == step.entity.title.source), None)
            if twin:
                yield _line(step.entity.key, twin.key, twin.uid, "its x-entity")


def _fields(plan: Plan) -> Iterator[str]:
    steps = [one.step for one in plan.steps]
    gone = [step for step in steps if isinstance(step, ParkColumn)]
    come = [step for step in steps if isinstance(step, AddColumn)]
    for old in gone:
        like = [
            new.field
            for new in come
            if new.entity.uid == old.entity.uid
            and (
                new.field.title.source == old.field.title.source or new.field.type is old.field.type
            )
        ]
        same = [one for one in like if one.title.source == old.field.title.source] or like
        if len(same) == 1:
            yield _line(same[0].key, old.field.key, old.field.uid, "its x-field")


def _options(plan: Plan) -> Iterator[str]:
    for planned in plan.steps:
        step = planned.step
        if not isinstance(step, RemoveOption) or step.move or not planned.finding.rows:
            continue
        entity = plan.before.entities.get(step.entity.uid)
        before = entity.by_uid.get(step.field.uid) if entity else None
        held = {option.uid for option in before.choices} if before else set()
        new = [option for option in step.field.choices if option.uid not in held]
        if len(new) == 1:
            yield _line(new[0].key, step.option.key, step.option.uid, "it")


def _line(new: str, old: str, uid: str, place: str) -> str:
    return f'Is {new} the former {old}? Then write "uid": "{uid}" into {place}, and nothing leaves.'

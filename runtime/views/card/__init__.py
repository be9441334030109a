"""The card view: the page of one record: its state and steps, details, related lists, history."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from runtime.access.policy import may_create
from runtime.catalog.defaults import default_columns, default_sections
from runtime.catalog.model import Entity, Relation, Section, View
from runtime.fields import options
from runtime.fields.base import Field
from runtime.kernel.errors import Invalid
from runtime.kernel.i18n import say, translate
from runtime.kernel.locale import Locale
from runtime.query.filters import Condition
from runtime.records import find, history
from runtime.records.context import Context
from runtime.records.find import Query, Record
from runtime.views.base import ViewKind
from runtime.workflow.machine import Option
from runtime.workflow.machine import options as steps_from

RELATED_ROWS = 10
HISTORY_ROWS = 30
RELATED_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Detail:
    """One field of the record: its name and its value as HTML, "" when empty."""

    label: str
    cell: Markup
    align: str
    wide: bool


@dataclass(frozen=True, slots=True)
class Details:
    """Fields under one heading."""

    title: str
    fields: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the workflow: open, or with the reason why not."""

    key: str
    title: str
    tone: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A state on the bar: passed, current or ahead."""

    title: str
    tone: str
    current: bool


@dataclass(frozen=True, slots=True)
class Related:
    """Records of another entity that point at this one."""

    key: str
    title: str
    entity: str
    field: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, str, tuple[Markup, ...]], ...]
    more: bool
    creatable: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the history as sentences."""

    when: str
    who: str
    what: str
    origin: str
    changes: tuple[tuple[str, str, str], ...]


class Card(ViewKind[tuple[Section, ...], Record]):
    """The page of one record."""

    name = "card"
    template = "card/view.html"

    def prepare(self, ctx: Context, entity: Entity, view: View | None) -> tuple[Section, ...]:
        return view.sections if view else default_sections(entity)

    def context(
        self, ctx: Context, prepared: tuple[Section, ...], given: Record
    ) -> Mapping[str, Any]:
        entity = given.entity
        return {
            "record": given,
            "details": details(ctx, prepared, given),
            "stages": stages(ctx, entity, given),
            "steps": steps(ctx, entity, given),
            "related": related(ctx, entity, given),
            "lines": lines(ctx, entity, given.id),
        }


CARD = Card()


def card(ctx: Context, record: Record) -> Mapping[str, Any]:
    """What the record page shows: laid out as the card says, else as the form does."""
    entity = record.entity
    views = [*ctx.catalog.views_of(entity, "card"), *ctx.catalog.views_of(entity, "form")]
    view = views[0] if views else None
    return CARD.context(ctx, CARD.prepared(ctx, entity, view), record)


def details(ctx: Context, sections: Sequence[Section], record: Record) -> list[Details]:
    """The record's values, section by section."""
    entity, locale = record.entity, ctx.actor.locale
    return [
        Details(
            section.title(locale.language) if section.title else "",
            tuple(
                _detail(entity.by_key[key], record.values.get(key), locale)
                for key in section.fields
                if key != "status"
            ),
        )
        for section in sections
    ]


def _detail(one: Field, value: Any, locale: Locale) -> Detail:
    empty = value is None or value == ()
    cell = Markup("") if empty else escape(one.type.cell(one, value, locale))
    wide = one.type.name in ("long_text", "references", "users", "choices")
    return Detail(one.title(locale.language), cell, one.type.align, wide)


def steps(ctx: Context, entity: Entity, record: Record) -> list[Step]:
    """Every step out of the present state."""
    flow = entity.workflow
    if flow is None:
        return []
    editable = ctx.scope(entity, "edit") != "none"
    found = steps_from(
        flow,
        record.values.get("status"),
        ctx.actor.roles,
        owner=ctx.actor.is_owner,
        editable=editable,
        called=lambda key: ctx.catalog.role_title(key, ctx.actor.language),
    )
    return [_step(ctx, entity, option) for option in found]


def _step(ctx: Context, entity: Entity, option: Option) -> Step:
    assert entity.workflow is not None  # noqa: S101 - a step comes from one
    language = ctx.actor.language
    target = entity.workflow.states[option.transition.target]
    return Step(
        option.transition.key,
        option.transition.title(language),
        target.tone,
        say(language, option.blocked) if option.blocked else "",
    )


def stages(ctx: Context, entity: Entity, record: Record) -> list[Stage]:
    """The states as a bar: the way that ends well, and the present one wherever it stands."""
    flow = entity.workflow
    if flow is None:
        return []
    now = record.values.get("status")
    language = ctx.actor.language
    return [
        Stage(state.title(language), state.tone, state.key == now)
        for state in flow.states.values()
        if state.final != "lost" or state.key == now
    ]


def related(ctx: Context, entity: Entity, record: Record) -> list[Related]:
    """The newest records at the other end of each relation that the actor may see."""
    return [
        _related(ctx, record, relation)
        for relation in entity.relations
        if ctx.scope(ctx.catalog.entities[relation.entity], "see") != "none"
    ]


def _related(ctx: Context, record: Record, relation: Relation) -> Related:
    source = ctx.catalog.entities[relation.entity]
    columns = related_columns(source, relation)
    operator, operand = ("has", (record.id,)) if relation.field.type.links else ("eq", record.id)
    here = Condition((relation.field.key,), operator, operand)
    page = find.find(ctx, Query(source, (here,), fields=columns, limit=RELATED_ROWS))
    locale = ctx.actor.locale
    title = relation.label or source.list_title
    return Related(
        f"{source.key}-{relation.field.key}",
        title(locale.language),
        source.key,
        relation.field.key,
        tuple(source.by_key[key].title(locale.language) for key in columns),
        tuple(_row(source, one, columns, locale) for one in page.records(locale)),
        page.next is not None,
        may_create(ctx.catalog, ctx.actor, source),
    )


def related_columns(source: Entity, relation: Relation) -> tuple[str, ...]:
    """Without the reference itself: it says the same in every row."""
    columns = [key for key in default_columns(source) if key != relation.field.key]
    return tuple(columns[:RELATED_COLUMNS])


def _row(
    source: Entity, record: Record, columns: Sequence[str], locale: Locale
) -> tuple[int, str, tuple[Markup, ...]]:
    cells = []
    for key in columns:
        one, value = source.by_key[key], record.values[key]
        empty = value is None or value == ()
        cells.append(Markup("") if empty else escape(one.type.cell(one, value, locale)))
    return record.id, record.title, tuple(cells)


def lines(ctx: Context, entity: Entity, record_id: int) -> list[Line]:
    """The latest changes of the record, newest first."""
    entries = history.read_history(ctx, entity, record_id, limit=HISTORY_ROWS)
    names = history.linked_titles(ctx, entity, entries)
    return [_line(ctx, entity, entry, names) for entry in entries]


Names = Mapping[str, Mapping[int, str]]


def _line(ctx: Context, entity: Entity, entry: history.Entry, names: Names) -> Line:
    language = ctx.actor.language
    who = entry.person or translate(language, "history.product")
    return Line(
        ctx.actor.locale.minute(entry.at),
        who,
        translate(language, f"history.{entry.kind}"),
        translate(language, f"origin.{entry.origin}"),
        tuple(_changes(ctx, entity, entry, names)) if entry.kind != "create" else (),
    )


def _changes(
    ctx: Context, entity: Entity, entry: history.Entry, names: Names
) -> Iterator[tuple[str, str, str]]:
    for uid, (old, new) in entry.changes.items():
        one = entity.by_uid.get(uid)
        if one is None:
            # A field that has left since: its uid still tells people more than nothing.
            yield uid.rpartition(".")[2], _raw(old), _raw(new)
            continue
        known = names.get(uid, {})
        shown = [history_text(one, value, ctx.actor.locale, known) for value in (old, new)]
        yield one.title(ctx.actor.language), shown[0], shown[1]


def _raw(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def history_text(one: Field, value: Any, locale: Locale, known: Mapping[int, str]) -> str:
    """A value of history, kept as JSON, as people read it."""
    if value is None:
        return ""
    if one.type.name == "status":
        return options.title(one, value, locale.language)
    if one.type.name == "reference":
        return known.get(value, f"#{value}")
    if one.type.name == "references":
        return ", ".join(known.get(item, f"#{item}") for item in value)
    try:
        loaded = one.type.load(one, value)
    except Invalid:
        return _raw(value)
    return _raw(value) if loaded is None else one.type.text(one, loaded, locale)

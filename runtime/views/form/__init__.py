"""The form view: sections of inputs for creating and editing a record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from runtime.catalog.defaults import default_sections
from runtime.catalog.model import Entity, View
from runtime.fields.base import Field, Label, Ref, Widget
from runtime.kernel.errors import FieldConflict, Message
from runtime.kernel.i18n import say
from runtime.kernel.locale import Locale
from runtime.kernel.money import minor_digits
from runtime.records import find
from runtime.records.context import Context
from runtime.records.find import Query
from runtime.views.base import ViewKind

# Up to so many records a plain list is quicker than a search.
SHORT_LIST = 30


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list: what is sent, what is read."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Input:
    """One labelled input. `text` is what stands in it: the value, or what was typed last."""

    key: str
    label: str
    help: str
    kind: str
    required: bool
    attributes: Mapping[str, str | int] = field(default_factory=dict)
    text: str = ""
    extra: str = ""
    chosen: tuple[Choice, ...] = ()
    choices: tuple[Choice, ...] = ()
    target: str = ""
    errors: tuple[str, ...] = ()
    # Somebody else's value meanwhile, and the one before: only in a conflict.
    theirs: str | None = None
    original: str | None = None

    @property
    def id(self) -> str:
        return f"f-{self.key}"

    @property
    def described_by(self) -> str:
        """Ids of the texts that belong to the input, for screen readers."""
        parts = [f"{self.id}-error"] if self.errors else []
        parts += [f"{self.id}-help"] if self.help else []
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Group:
    """Inputs under one heading."""

    title: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """What is the same for every request of a revision: which fields, in which order."""

    sections: tuple[tuple[Label | None, tuple[Field, ...]], ...]

    @property
    def fields(self) -> list[Field]:
        return [one for _, fields in self.sections for one in fields]


@dataclass(frozen=True, slots=True)
class Filling:
    """What one form is filled with: values by field, and the keys that cannot stay empty."""

    values: Mapping[str, Any]
    needed: tuple[str, ...] = ()


class Form(ViewKind[Layout, Filling]):
    """Sections of inputs, as the author laid them out or every writable field in order."""

    name = "form"
    template = "form/view.html"

    def prepare(self, ctx: Context, entity: Entity, view: View | None) -> Layout:
        sections = view.sections if view else default_sections(entity)
        return Layout(
            tuple((part.title, tuple(_writable(entity, part.fields))) for part in sections)
        )

    def context(self, ctx: Context, prepared: Layout, given: Filling) -> Mapping[str, Any]:
        return {"groups": groups(ctx, prepared, given)}


FORM = Form()


def layout(ctx: Context, entity: Entity) -> Layout:
    """The form of an entity."""
    views = ctx.catalog.views_of(entity, FORM.name)
    return FORM.prepared(ctx, entity, views[0] if views else None)


def _writable(entity: Entity, keys: Iterable[str]) -> Iterable[Field]:
    return (entity.by_key[key] for key in keys if not entity.by_key[key].type.read_only)


def asked(entity: Entity, keys: Sequence[str]) -> Layout:
    """The few fields that a step of the workflow asks for."""
    return Layout(((None, tuple(_writable(entity, keys))),))


def groups(ctx: Context, form: Layout, filling: Filling) -> list[Group]:
    """The inputs, filled."""
    needed = {*filling.needed, *(one.key for one in form.fields if _always_needed(one))}
    needed |= _only_way(ctx, form)
    return [
        Group(
            title(ctx.actor.language) if title else "",
            tuple(
                _input(ctx, one, filling.values.get(one.key), required=one.key in needed)
                for one in fields
            ),
        )
        for title, fields in form.sections
        if fields
    ]


def _only_way(ctx: Context, form: Layout) -> set[str]:
    """Where one of several fields is enough and the form shows only one of them: that one."""
    if not form.fields:
        return set()
    shown = {one.key for one in form.fields}
    ways = shown & set(ctx.catalog.entities[form.fields[0].entity].one_of)
    return ways if len(ways) == 1 else set()


def _always_needed(one: Field) -> bool:
    return one.required and one.type.name != "boolean"


def needed_at_start(entity: Entity) -> tuple[str, ...]:
    """What the first state of the workflow requires of a new record."""
    flow = entity.workflow
    return flow.states[flow.start].requires if flow else ()


def _input(ctx: Context, one: Field, value: Any, *, required: bool) -> Input:
    language = ctx.actor.language
    widget = one.type.widget(one)
    made = Input(
        key=one.key,
        label=one.title(language),
        help=one.help(language),
        kind=widget.kind,
        required=required,
        attributes=widget.attributes,
        choices=tuple(Choice(option.key, option.title(language)) for option in widget.choices),
    )
    made = _with_targets(ctx, one, widget, made)
    return _with_value(one, value, made, ctx.actor.locale)


def _with_targets(ctx: Context, one: Field, widget: Widget, made: Input) -> Input:
    """What can be picked: people, a short list of records, or a search."""
    if widget.kind in ("person", "people"):
        return replace(made, choices=people(ctx))
    if widget.kind not in ("picker", "pickers"):
        return made
    target = ctx.catalog.target(one)
    short = short_list(ctx, target)
    if short is None:
        return replace(made, target=target.key)
    kind = "select" if widget.kind == "picker" else "checkboxes"
    return replace(made, kind=kind, choices=short, target=target.key)


def people(ctx: Context) -> tuple[Choice, ...]:
    users = ctx.model.metadata.tables["sys_user"]
    rows = ctx.run(users.select().where(users.c.active).order_by(users.c.name).limit(500))
    return tuple(Choice(str(row.id), row.name) for row in rows)


def short_list(ctx: Context, target: Entity) -> tuple[Choice, ...] | None:
    """Every record that the actor may pick, by title; None when there are too many, or when the
    actor may see none of them."""
    if ctx.scope(target, "see") == "none":
        return ()
    page = find.find(ctx, Query(target, limit=SHORT_LIST))
    if page.next:
        return None
    records = page.records(ctx.actor.locale)
    ordered = sorted(records, key=lambda record: record.title.casefold())
    return tuple(Choice(str(record.id), record.title) for record in ordered)


def _with_value(one: Field, value: Any, made: Input, locale: Locale) -> Input:
    if value is None or value == ():
        return made
    if made.kind in ("checkboxes", "pickers", "people"):
        return replace(made, chosen=tuple(_choice(one, item, locale) for item in value))
    if isinstance(value, Ref):
        text = value.title if made.kind == "picker" else str(value.id)
        return replace(made, text=text, chosen=(Choice(str(value.id), value.title),))
    return replace(made, text=_input_text(one, value, locale), extra=_extra(one, value))


def _choice(one: Field, item: Any, locale: Locale) -> Choice:
    if isinstance(item, Ref):
        return Choice(str(item.id), item.title)
    return Choice(str(item), one.type.text(one, (item,), locale))


def _input_text(one: Field, value: Any, locale: Locale) -> str:
    """What stands in an input: native pickers want the machine's form, the others the person's."""
    kind = one.type.name
    if isinstance(value, datetime):
        return value.astimezone(locale.zone).strftime("%Y-%m-%dT%H:%M")
    if kind in ("date", "time", "choice", "boolean"):
        return one.type.plain(one, value)
    if kind == "money":
        return locale.decimal(value.amount, minor_digits(value.currency))
    if kind == "percent":
        return one.type.text(one, value, locale).removesuffix("%").strip()
    return one.type.text(one, value, locale)


def _extra(one: Field, value: Any) -> str:
    return value.currency if one.type.name == "money" else ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person sent: texts by field as typed, and the texts beside pickers."""

    texts: Mapping[str, str]
    beside: Mapping[str, str] = field(default_factory=dict)


def with_typed(
    form: Sequence[Group],
    typed: Typed,
    errors: Mapping[str, Sequence[Message]],
    language: str,
    candidates: Mapping[str, tuple[Choice, ...]] | None = None,
) -> list[Group]:
    """The form as the person left it, each message beside its field."""
    found = candidates or {}

    def left(one: Input) -> Input:
        messages = tuple(say(language, text) for text in errors.get(one.key, ()))
        return replace(_typed(one, typed, found.get(one.key)), errors=messages)

    return [replace(group, inputs=tuple(left(one) for one in group.inputs)) for group in form]


def _typed(one: Input, typed: Typed, found: tuple[Choice, ...] | None) -> Input:
    if one.key not in typed.texts:
        return one
    text = typed.texts[one.key]
    if one.kind in ("checkboxes", "people", "pickers"):
        known = {choice.value: choice.label for choice in (*one.choices, *one.chosen)}
        keys = [key for key in text.split(",") if key]
        return replace(one, chosen=tuple(Choice(key, known.get(key, key)) for key in keys))
    if one.kind == "picker":
        beside = typed.beside.get(one.key, "")
        picked = (Choice(text, beside),) if text else ()
        return replace(one, text=beside, chosen=picked, choices=found or ())
    if one.kind == "money":
        amount, _, currency = text.rpartition(" ")
        return replace(one, text=amount or text, extra=currency)
    return replace(one, text=text)


def with_conflicts(
    form: Sequence[Group], entity: Entity, conflicts: Sequence[FieldConflict], show: Any
) -> list[Group]:
    """The form with what somebody else wrote meanwhile beside each field; `show(field, json)`
    gives a value of history as text."""
    found = {one.key: one for one in conflicts}

    def beside(one: Input) -> Input:
        clash = found.get(one.key)
        if clash is None:
            return one
        described = entity.by_key[one.key]
        return replace(
            one, theirs=show(described, clash.theirs), original=show(described, clash.original)
        )

    return [replace(group, inputs=tuple(beside(one) for one in group.inputs)) for group in form]

"""What a browser sent -> texts by field; what stands beside pickers -> ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from runtime.catalog.defaults import title_fields
from runtime.catalog.model import Entity
from runtime.fields.base import Field
from runtime.fields.textual import Line
from runtime.kernel.errors import Message, message
from runtime.kernel.fold import fold
from runtime.query.filters import Condition
from runtime.query.search import search_words
from runtime.records import find
from runtime.records.context import Context
from runtime.records.find import Query
from runtime.views.form import Choice, Layout, Typed

# Names in a form that are no fields.
CONTROLS = frozenset({"_csrf", "_nonce", "_version", "_theirs", "_then"})
BESIDE = "__text"
CURRENCY = "__currency"
_CANDIDATES = 20


@dataclass(slots=True)
class Picked:
    """What became of texts beside pickers: messages and, where several fit, the candidates."""

    errors: dict[str, tuple[Message, ...]] = field(default_factory=dict)
    candidates: dict[str, tuple[Choice, ...]] = field(default_factory=dict)


def read_form(form: MultiDict[str, str], layout: Layout) -> Typed:
    """The texts of the layout's fields and of whatever else was sent, so that the service can
    refuse what it does not know. A field that was not sent is not touched."""
    by_key = {one.key: one for one in layout.fields}
    texts: dict[str, str] = {}
    beside: dict[str, str] = {}
    for name in form:
        if name in CONTROLS:
            continue
        if name.endswith(BESIDE) and name.removesuffix(BESIDE) in by_key:
            beside[name.removesuffix(BESIDE)] = form[name].strip()
        elif name.endswith(CURRENCY) and name.removesuffix(CURRENCY) in by_key:
            continue
        else:
            texts[name] = _text(form, name, by_key.get(name))
    for key in beside:
        texts.setdefault(key, "")
    return Typed(texts, beside)


def _text(form: MultiDict[str, str], name: str, one: Field | None) -> str:
    values = form.getlist(name)
    if one is None:
        return values[-1]
    if one.type.name in ("choices", "references", "users"):
        return ",".join(value for value in values if value)
    if one.type.name == "money" and one.options.get("per_record"):
        currency = form.get(f"{name}{CURRENCY}", "").strip()
        return f"{values[-1].strip()} {currency}".strip() if values[-1].strip() else ""
    # A box that is ticked sends its value after the hidden "no".
    return values[-1]


def resolve_pickers(ctx: Context, entity: Entity, typed: Typed) -> tuple[Typed, Picked]:
    """Without JavaScript a person types a name beside the picker and sends the form: exactly one
    record of that name is taken, of several they choose."""
    texts, picked = dict(typed.texts), Picked()
    for key, text in typed.beside.items():
        target = ctx.catalog.target(entity.by_key[key])
        if not text:
            texts[key] = ""
        elif not _is_titled(ctx, target, texts.get(key, ""), text):
            texts[key] = _by_name(ctx, target, key, text, picked)
    return Typed(texts, typed.beside), picked


def _is_titled(ctx: Context, target: Entity, record: str, text: str) -> bool:
    """Whether the id that came along is still the record of that name."""
    if not record.isascii() or not record.isdigit() or len(record) > 18:
        return False
    title = find.titles(ctx, target, [int(record)]).get(int(record))
    return title is not None and fold(title.strip()) == fold(text)


def _by_name(ctx: Context, target: Entity, key: str, text: str, picked: Picked) -> str:
    found = candidates(ctx, target, text)
    exact = [one for one in found if fold(one.label.strip()) == fold(text)]
    exact = exact or _exactly(ctx, target, text)
    if len(exact) == 1 or len(found) == 1:
        return (exact or found)[0].value
    if found:
        picked.candidates[key] = tuple(found)
        picked.errors[key] = (message("form.which_one"),)
    else:
        picked.errors[key] = (message("form.no_match", text=text[:80]),)
    return ""


def _exactly(ctx: Context, target: Entity, text: str) -> list[Choice]:
    """Where the title is one field: the records of just this name, however many are like it."""
    keys = title_fields(target)
    if len(keys) != 1 or not isinstance(target.by_key[keys[0]].type, Line):
        return []
    named = Condition((keys[0],), "eq", text)
    page = find.find(ctx, Query(target, (named,), limit=_CANDIDATES))
    return [Choice(str(one.id), one.title) for one in page.records(ctx.actor.locale)]


def candidates(ctx: Context, target: Entity, text: str) -> list[Choice]:
    """Records that a name may mean, the best first."""
    if ctx.scope(target, "see") == "none":
        return []
    words = search_words(text)
    page = find.find(ctx, Query(target, search=words, limit=_CANDIDATES))
    wanted = fold(text.strip())
    records = sorted(
        page.records(ctx.actor.locale),
        key=lambda record: (not fold(record.title).startswith(wanted), record.title.casefold()),
    )
    return [Choice(str(record.id), record.title) for record in records]


def merge_errors(
    errors: Mapping[str, tuple[Message, ...]], picked: Picked
) -> dict[str, tuple[Message, ...]]:
    """The picker's own message stands in the place of "fill this in"."""
    return {**errors, **picked.errors}

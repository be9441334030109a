"""`field-types.md`: what each field type takes, shows, stores and filters by."""

from __future__ import annotations

import inspect
from typing import Any

from sqlalchemy.engine import make_url

from constructor.reference.markdown import code, fenced, page, sentence, table
from constructor.reference.words import Word, value_of, words_table
from runtime.definitions.build import Texts, build_field
from runtime.definitions.checks.entities import NEVER_UNIQUE, NO_DEFAULT
from runtime.definitions.index import EntitySource, Source
from runtime.definitions.schemas import meta_schema, options_schema
from runtime.fields.base import Field, FieldType
from runtime.fields.registry import field_types
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import locale_of
from runtime.kernel.workspace import Workspace
from runtime.storage.tables import field_columns

Json = dict[str, Any]
_INTRO = """
The word stands in `x-field.type`. What the words of JSON Schema beside `x-field` say by
themselves (`type`, `format`, `enum`) follows from it and may be left out; the canonical form writes
it.

Every field may have `title`, `description` (help below the input), `$comment`, `examples`, and
under `x-field` the words `uid` and `unique`. A field is required when its key stands in `required`
of the entity.

A field may change its type in a later revision: its values are converted, what cannot be converted
is shown in the plan and set aside. The types that point at other records (`reference`,
`references`, `user`, `users`) and `status` cannot be converted.
"""
_EXAMPLE: dict[str, Json] = {
    "choice": {"options": [{"key": "one", "title": "One"}, {"key": "two", "title": "Two"}]},
    "reference": {"to": "shop.customer", "inverse": "orders"},
    "references": {"to": "shop.tag", "inverse": "orders"},
    "sequence": {"pattern": "A-{year}-{counter:4}"},
}
_EXAMPLE["choices"] = _EXAMPLE["choice"]


def fields_page() -> str:
    """`field-types.md`."""
    kinds = field_types()
    overview = table(
        ("Type", "What it is"),
        [(f"[`{name}`](#{name})", purpose(kind)) for name, kind in kinds.items()],
    )
    return page("Field types", _INTRO, overview, *(_section(kind) for kind in kinds.values()))


def purpose(kind: FieldType) -> str:
    """The first sentence of the type's file."""
    module = inspect.getmodule(type(kind))
    text = (module.__doc__ or "") if module else ""
    return sentence(" ".join(text.strip().partition("\n\n")[0].split()))


def sample_field(kind: FieldType) -> Field:
    """A field of the type as an author would write it."""
    content = {"title": kind.name.replace("_", " ").capitalize(), "x-field": _words(kind)}
    whole = {"title": "Sample", "x-entity": {"key": "sample"}, "properties": {}}
    entity = EntitySource(Source("shop.sample", "sample", "shop", "", "$", whole))
    source = Source(f"shop.sample.{kind.name}", kind.name, "shop", "", "$", content)
    return build_field(source, entity, Texts({}), Workspace())


def _words(kind: FieldType) -> Json:
    return {"type": kind.name, **_EXAMPLE.get(kind.name, {})}


def _section(kind: FieldType) -> str:
    field = sample_field(kind)
    written = {kind.name: {"title": field.title.source, **kind.json_schema(field)}}
    written[kind.name]["x-field"] = _words(kind)
    parts = [
        f"## {kind.name}",
        purpose(kind),
        fenced(written),
        _own_words(kind),
        _keywords(kind),
        table(("", ""), _facts(kind, field)),
    ]
    return "\n\n".join(part for part in parts if part)


def _own_words(kind: FieldType) -> str:
    schema = options_schema(kind.name)
    required = schema["required"]
    words = []
    for name, inner in kind.options_schema.items():
        words.append(_word(name, inner, name in required))
        item = inner.get("items", {})
        for part, one in item.get("properties", {}).items():
            words.append(_word(f"{name}[].{part}", one, part in item.get("required", ())))
    return f"Words under `x-field`:\n\n{words_table(words)}" if words else ""


def _keywords(kind: FieldType) -> str:
    beside = meta_schema("entity")["$defs"]["property"]["properties"]
    words = [_word(name, beside[name], required=False) for name in kind.keywords]
    return f"Words beside `x-field`:\n\n{words_table(words)}" if words else ""


def _word(path: str, schema: Json, required: bool) -> Word:
    default = code(schema["default"]) if "default" in schema else ""
    return Word(path, value_of(schema, {}), required, default, schema.get("description", ""))


def _facts(kind: FieldType, field: Field) -> list[tuple[str, str]]:
    facts = [
        ("JSON", _taken(kind)),
        ("Refused", ", ".join(code(value) for value in kind.rejects[:5] if _short(value))),
        ("People read", _read(kind, field)),
        ("Filters", ", ".join(f"`{one}`" for one in kind.operators)),
        ("Lists sort by it", _sorted(kind, field)),
        ("Quick search", "yes" if kind.searchable else "no"),
        ("`unique`", "no" if kind.name in NEVER_UNIQUE else "yes"),
        ("`default`", "no" if kind.name in NO_DEFAULT else "yes"),
        ("Stored", _stored(kind, field)),
    ]
    if kind.widening:
        types = ", ".join(f"`{name}`" for name in sorted(kind.widening))
        facts.append(("Without loss from", types))
    return [(name, text) for name, text in facts if text]


def _short(value: Any) -> bool:
    # JSON has no infinity, and a thousand letters say no more than ten.
    return len(repr(value)) < 60 and value != float("inf")


def _taken(kind: FieldType) -> str:
    if not kind.examples:
        return "written by the product alone"
    return ", ".join(code(value) for value in kind.examples if _short(value))


def _read(kind: FieldType, field: Field) -> str:
    """How the first examples look on an English screen in Baku."""
    if kind.links or "to" in field.options or kind.name == "user":
        return "the title of the record" if "to" in field.options else "the name of the person"
    locale, shown = locale_of(Workspace()), []
    for value in kind.examples:
        try:
            loaded = kind.load(field, value)
        except Invalid:
            continue
        if loaded is not None and _short(value):
            shown.append(f"`{kind.text(field, loaded, locale)}`".replace("\n", "⏎"))
    return ", ".join(shown)


def _sorted(kind: FieldType, field: Field) -> str:
    return "yes" if kind.sort_column(field) is not None or kind.name == "user" else "no"


def _stored(kind: FieldType, field: Field) -> str:
    if kind.links:
        return "pairs of ids in a table of its own"
    columns = field_columns(field, "shop_customer" if "to" in field.options else None)
    dialects = [make_url(url).get_dialect()() for url in ("sqlite://", "postgresql+psycopg://")]
    forms = []
    for column in columns:
        names = [column.type.compile(dialect) for dialect in dialects]
        types = names[0] if names[0] == names[1] else f"{names[0]} / {names[1]}"
        forms.append(f"`{column.name}` {types}")
    linked = ", with a foreign key" if any(column.foreign_keys for column in columns) else ""
    return ", ".join(forms) + linked

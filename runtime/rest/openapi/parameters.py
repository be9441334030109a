"""Parameters of addresses: what lists are filtered, sorted and cut by."""

from __future__ import annotations

from collections.abc import Iterable

from runtime.catalog.model import Entity, View
from runtime.fields.base import Field, Json
from runtime.fields.links import ID
from runtime.fields.numeric import decimal_pattern, places_of
from runtime.fields.textual import MAX_LINE, NO_CONTROL
from runtime.kernel.i18n import translate
from runtime.kernel.money import currencies, minor_digits
from runtime.query.page import MAX_KEYS
from runtime.query.system_fields import system_fields
from runtime.records.figures import GROUPED, MEASURES, SUMMED
from runtime.records.find import MAX_LIMIT
from runtime.records.idempotency import MAX_KEY
from runtime.records.wire import record_keys
from runtime.rest.asking import FIGURE_WORDS, LIST_WORDS, MAX_EXPANDED, MAX_SEARCH, is_pointing
from runtime.rest.openapi.schemas import portable

_TAG = r'((W/)?"[!#-~]*"|[0-9]{1,10})'
_TAGS = rf"^(\*|{_TAG}(, ?{_TAG})*)$"


# Days that every month has: a pattern cannot tell the others.
_DAY = "[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
_HOUR = "([01][0-9]|2[0-3])"


def query(name: str, schema: Json, description: str) -> Json:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def header(name: str, schema: Json, description: str) -> Json:
    return {"name": name, "in": "header", "schema": schema, "description": description}


def shared(language: str) -> dict[str, Json]:
    """Parameters that are the same for every entity, by the name of their component."""

    def said(word: str) -> str:
        return translate(language, f"rest.param_{word}")

    flag: Json = {"type": "integer", "minimum": 0, "maximum": 1, "default": 0}
    key: Json = {"type": "string", "maxLength": MAX_KEY, "pattern": "^[!-~]([ -~]*[!-~])?$"}
    limit: Json = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 50}
    tags: Json = {"type": "string", "pattern": _TAGS}
    return {
        "Id": {
            "name": "id",
            "in": "path",
            "required": True,
            "schema": ID,
            "description": said("id"),
        },
        "Limit": query("limit", limit, said("limit")),
        "Cursor": query("cursor", {"type": "string"}, said("cursor")),
        "Search": query("q", {"type": "string", "maxLength": MAX_SEARCH}, said("q")),
        "Count": query("count", flag, said("count")),
        "Bin": query("bin", flag, said("bin")),
        "IdempotencyKey": header("Idempotency-Key", key, said("key")),
        "IfMatch": header("If-Match", tags, said("match")),
        "IfNoneMatch": header("If-None-Match", tags, said("none_match")),
        "Language": header("Accept-Language", {"type": "string"}, said("language")),
    }


def listing(
    entity: Entity, views: Iterable[View], expandable: list[str], language: str
) -> list[Json]:
    """`sort`, `fields`, `expand` and `view` of one entity."""

    def said(word: str) -> str:
        return translate(language, f"rest.param_{word}")

    keys = [*record_keys(entity), "deleted_at"]
    sortable = [one.key for one in (*entity.fields, *system_fields().values()) if _sorts(one)]
    found = [
        query("sort", _several(sortable, MAX_KEYS, sign="-?"), said("sort")),
        query("fields", _several(keys, len(keys)), said("fields")),
        *expanding(expandable, language),
    ]
    names = [view.key for view in views]
    if names:
        found.append(query("view", {"type": "string", "enum": names}, said("view")))
    return found


def expanding(expandable: list[str], language: str) -> list[Json]:
    about = translate(language, "rest.param_expand")
    return [query("expand", _several(expandable, MAX_EXPANDED), about)]


def figures(entity: Entity, language: str) -> list[Json]:
    """`group` and `measure`."""
    groups = [
        one.key for one in (*entity.fields, *system_fields().values()) if one.type.name in GROUPED
    ]
    sums = [one.key for one in entity.fields if one.type.name in SUMMED]
    words = [word for word in MEASURES if word != "count"]
    measure = f"(({'|'.join(words)}):({'|'.join(sums)})|count)" if sums else "count"
    about = [translate(language, f"rest.param_{word}") for word in ("group", "measure")]
    return [
        query("group", _several(groups, 1), about[0]),
        query("measure", {"type": "string", "pattern": f"^{measure}(,{measure})*$"}, about[1]),
    ]


def filters(entity: Entity, language: str) -> list[Json]:
    """One parameter for each field and operator."""
    taken = {*LIST_WORDS, *FIGURE_WORDS}
    found = []
    for one in (*entity.fields, *system_fields().values()):
        title = one.title(language)
        operators = [*one.type.operators]
        if one.options.get("per_record"):
            operators.append("currency")
        for operator in operators:
            bare = operator in ("eq", "has") and one.key not in taken
            name = one.key if bare else f"{one.key}__{operator}"
            found.append(query(name, _operand(one, operator), title))
    return found


def _sorts(one: Field) -> bool:
    # Sums of several currencies have an order only within one: sort them with its filter.
    if one.options.get("per_record"):
        return False
    return one.type.sort_column(one) is not None or one.type.name == "user"


def _several(words: list[str], limit: int, *, sign: str = "") -> Json:
    """`a,b`: words of a closed list with commas between."""
    one = f"{sign}({'|'.join(words)})"
    more = f"(,{one}){{0,{limit - 1}}}" if limit > 1 else ""
    return {"type": "string", "pattern": f"^{one}{more}$"}


def _operand(one: Field, operator: str) -> Json:
    if operator == "isnull":
        return {"type": "boolean"}
    if operator == "currency":
        return {"type": "string", "enum": sorted(currencies())}
    if operator in ("contains", "startswith"):
        return _some_text(NO_CONTROL)
    single = _single(one)
    if operator not in ("in", "has"):
        return single
    return {"type": "string", "pattern": _listed(one, single)}


def _single(one: Field) -> Json:
    """One value as it stands in an address."""
    kind = one.type.name
    if is_pointing(one):
        return ID
    if kind in ("choice", "choices", "status"):
        return {"type": "string", "enum": [option.key for option in one.choices]}
    if kind in ("decimal", "percent"):
        return {"type": "string", "pattern": decimal_pattern(places_of(one))}
    if kind == "money":
        places = 2 if one.options.get("per_record") else minor_digits(one.options["currency"])
        return {"type": "string", "pattern": decimal_pattern(places)}
    if kind in ("text", "sequence"):
        return _some_text(NO_CONTROL)
    words = ("type", "format", "pattern", "minimum", "maximum", "maxLength")
    schema = one.type.wire_schema(one)
    found = {word: schema[word] for word in words if word in schema}
    if "pattern" in found:
        found["pattern"] = portable(found["pattern"])
    return found


def _some_text(letter: str) -> Json:
    something = r"[^\s\x00-\x1f\x7f-\x9f\u2028\u2029]"
    pattern = portable(f"^{letter}*{something}{letter}*$")
    return {"type": "string", "pattern": pattern, "maxLength": MAX_LINE}


def _listed(one: Field, single: Json) -> str:
    """The pattern of several values with commas between."""
    item = r"[^,\x00-\x1f\x7f-\x9f\u2028\u2029]*[^,\s\x00-\x1f\x7f-\x9f\u2028\u2029]"
    item += r"[^,\x00-\x1f\x7f-\x9f\u2028\u2029]*"
    if "enum" in single:
        item = f"({'|'.join(single['enum'])})"
    elif single.get("type") == "integer":
        item = "[1-9][0-9]{0,14}" if is_pointing(one) else "-?(0|[1-9][0-9]{0,14})"
    elif one.type.name == "url":
        item = r"https?://[A-Za-z0-9.-]+(/[A-Za-z0-9._~/-]*)?"
    elif single.get("format") == "date":
        item = _DAY
    elif single.get("format") == "date-time":
        item = f"{_DAY}T{_HOUR}:[0-5][0-9]:[0-5][0-9](Z|[+-]{_HOUR}:[0-5][0-9])"
    elif "pattern" in single and one.type.name not in ("text", "sequence"):
        item = f"({single['pattern'].removeprefix('^').removesuffix('$')})"
    return f"^{item}(,{item})*$"

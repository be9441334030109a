"""Do views show, sort and filter by what is there, with values that the fields take?"""

from __future__ import annotations

from runtime.definitions.build import Texts, build_field
from runtime.definitions.index import EntitySource, Index, Source
from runtime.definitions.report import Report, joined
from runtime.fields.base import Field
from runtime.fields.registry import field_types
from runtime.kernel.days import read_day
from runtime.kernel.errors import Invalid
from runtime.kernel.i18n import say
from runtime.kernel.locale import locale_of
from runtime.kernel.workspace import Workspace

# Columns that every record has, and the type that they are filtered as.
SYSTEM_TYPES = {
    "id": "integer",
    "version": "integer",
    "created_at": "datetime",
    "updated_at": "datetime",
    "created_by": "user",
    "updated_by": "user",
}
# Those of them that a list may show beside the fields.
SHOWN_SYSTEM = ("id", "created_at", "updated_at")
MAX_SORT_KEYS = 3


def check_views(found: Index, report: Report) -> None:
    for view in found.views.values():
        entity = found.entities.get(view.content["entity"])
        if entity is None:
            report.unknown(view, ".entity", "entity", view.content["entity"], found.entities)
            continue
        for role in view.content.get("roles", ()):
            if role not in found.role_keys():
                report.unknown(view, ".roles", "role", role, found.role_keys())
        _key(found, view, report)
        _shown(view, entity, report)
        _sort(found, view, entity, report)
        for name, value in view.content.get("filter", {}).items():
            _filter(found, view, entity, name, value, report)


def _key(found: Index, view: Source, report: Report) -> None:
    """`?view=` names a view of an entity by the last part of its uid."""
    for other in found.views.values():
        if other is view:
            return
        if (other.content["entity"], other.key) == (view.content["entity"], view.key):
            problem = (
                f"{other.file} is a view of this entity whose uid ends alike: addresses differ"
            )
            report.add(view, ".uid", f"{problem} by the last part", found=view.uid)
            return


def _shown(view: Source, entity: EntitySource, report: Report) -> None:
    settings = view.content.get("settings", {})
    shown = [*_own(entity), *SHOWN_SYSTEM]
    for word in ("columns", "filters"):
        for key in settings.get(word, ()):
            if key not in shown:
                report.unknown(view, f".settings.{word}", "field", key, shown)
    for number, section in enumerate(settings.get("sections", ())):
        path = f".settings.sections[{number}].fields"
        for key in section["fields"]:
            if key not in entity.fields:
                report.unknown(view, path, "field", key, list(entity.fields))


def _own(entity: EntitySource) -> list[str]:
    """The keys of the entity's fields, and its status if it has one."""
    return list(dict.fromkeys([*entity.fields, *(["status"] if "status" in entity.words else [])]))


def _sort(found: Index, view: Source, entity: EntitySource, report: Report) -> None:
    written = view.content.get("settings", {}).get("sort", "")
    keys = [part.strip().lstrip("-+") for part in written.split(",") if part.strip()]
    known = [*_own(entity), *SYSTEM_TYPES]
    sortable = [key for key in known if _sorts(_field(found, entity, key))]
    for key in keys:
        if key not in known:
            report.unknown(view, ".settings.sort", "field", key, sortable)
        elif key not in sortable:
            problem = "lists cannot be sorted by a field of this type"
            report.add(view, ".settings.sort", problem, found=key, allowed=sortable)
    if len(keys) > MAX_SORT_KEYS:
        report.add(
            view, ".settings.sort", f"a list sorts by at most {MAX_SORT_KEYS} fields", found=written
        )


def _sorts(field: Field | None) -> bool:
    return field is not None and (
        field.type.sort_column(field) is not None or field.type.name == "user"
    )


def _filter(
    found: Index,
    view: Source,
    entity: EntitySource,
    name: str,
    value: str | int | float | bool,
    report: Report,
) -> None:
    path = joined(".filter", name)
    bare, _, operator = name.partition("__")
    owner, key = entity, bare
    if "." in bare:
        reference, _, key = bare.partition(".")
        behind = _behind(found, entity, reference)
        if behind is None:
            links = [one for one in entity.fields if _behind(found, entity, one)]
            report.unknown(view, path, "reference", reference, links)
            return
        owner = behind
    field = _field(found, owner, key)
    if field is None:
        report.unknown(view, path, "field", key, [*_own(owner), *SYSTEM_TYPES])
        return
    allowed = [*field.type.operators, *(["currency"] if field.options.get("per_record") else [])]
    operator = operator or ("eq" if "eq" in allowed else "has")
    if operator not in allowed:
        report.unknown(view, path, "operator", operator, allowed)
        return
    text = str(value).lower() if isinstance(value, bool) else str(value)
    fault = _fault(field, operator, text)
    if fault:
        report.add(view, path, f"does not fit the field: {say('en', fault.message)}", found=value)


def _behind(found: Index, entity: EntitySource, key: str) -> EntitySource | None:
    source = entity.fields.get(key)
    words = source.content["x-field"] if source else {}
    return found.entities.get(words.get("to", "")) if words.get("type") == "reference" else None


def _field(found: Index, entity: EntitySource, key: str) -> Field | None:
    """A field as filters and lists see it; the status has its workflow's states to choose from."""
    types = field_types()
    if key == "status":
        flow = found.workflows.get(entity.words.get("status", ""))
        states = [state["key"] for state in flow.content["states"]] if flow else []
        content = {"x-field": {"type": "choice", "options": [
            {"key": state, "title": state} for state in states
        ]}}  # fmt: skip
        source = Source("status", "status", "", "", "", content)
        return build_field(source, entity, Texts({}), Workspace()) if flow else None
    if key in SYSTEM_TYPES:
        return Field(key, key, "", types[SYSTEM_TYPES[key]])
    if key in entity.fields:
        return build_field(entity.fields[key], entity, Texts({}), Workspace())
    return None


def _fault(field: Field, operator: str, text: str) -> Invalid | None:
    """Why the value of a filter does not fit its field."""
    if operator in ("contains", "startswith", "currency"):
        return None if text.strip() else Invalid("invalid.required")
    if operator == "isnull":
        return None if text in ("true", "false") else Invalid("invalid.boolean")
    if field.type.name in ("date", "datetime") and operator != "in" and read_day(text):
        equal = field.type.name == "datetime" and operator in ("", "eq", "ne")
        return Invalid("invalid.day_has_hours") if equal else None
    parts = text.split(",") if operator in ("in", "has") else [text]
    for part in parts:
        try:
            if field.type.convert(field, part, locale_of(Workspace())) is None:
                return Invalid("invalid.required")
        except Invalid as error:
            return error
    return None

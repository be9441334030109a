"""Source of a field -> the compiled `Field`; used by the check of defaults and by the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from runtime.definitions.bundle import Bundle, Json
from runtime.definitions.index import EntitySource, Source, option_uid
from runtime.fields.base import Field, Label, Option
from runtime.fields.registry import field_types
from runtime.kernel.errors import Invalid
from runtime.kernel.workspace import Workspace

# The words of JSON Schema that carry meaning for us; the rest is implied by the field type.
CONSTRAINTS = ("minLength", "maxLength", "pattern", "minimum", "maximum")


@dataclass(frozen=True, slots=True)
class Texts:
    """What `i18n/` says: uid -> language -> word (`title`, `help`, ...) -> text."""

    by_uid: Mapping[str, Mapping[str, Json]]

    def label(self, uid: str, word: str, source: str) -> Label:
        languages = self.by_uid.get(uid, {})
        found = {language: texts[word] for language, texts in languages.items() if word in texts}
        return Label(source, found)

    def plural(self, uid: str) -> Mapping[str, Mapping[str, str]]:
        """Language -> CLDR category -> text with `{n}`."""
        languages = self.by_uid.get(uid, {})
        return {lang: texts["plural"] for lang, texts in languages.items() if "plural" in texts}


def texts_of(bundle: Bundle) -> Texts:
    by_uid: dict[str, dict[str, Json]] = {}
    for module in bundle.values():
        for file in module.of_kind("texts"):
            for uid, words in file.content.items():
                if uid != "$schema":
                    by_uid.setdefault(uid, {})[file.name] = words
    return Texts(by_uid)


def build_field(source: Source, entity: EntitySource, texts: Texts, workspace: Workspace) -> Field:
    """The field without its default, which `with_default` adds once it is known to fit."""
    content = source.content
    words = content["x-field"]
    kind = field_types()[words["type"]]
    options = {
        word: value
        for word, value in words.items()
        if word not in ("type", "uid", "unique", "options")
    }
    if "currency" in kind.options_schema:
        options.setdefault("currency", workspace.currency)
    if "region" in kind.options_schema:
        options.setdefault("region", workspace.country)
    return Field(
        uid=source.uid,
        key=source.key,
        entity=entity.source.uid,
        type=kind,
        title=texts.label(source.uid, "title", content.get("title") or spoken(source.key)),
        help=texts.label(source.uid, "help", content.get("description", "")),
        options=options,
        keywords={word: content[word] for word in kind.keywords if word in content},
        choices=build_options(source.uid, words.get("options", ()), texts),
        required=source.key in _required(entity),
        unique=bool(words.get("unique")),
        module=source.module,
    )


def with_states(field: Field, flow: Source | None, texts: Texts) -> Field:
    """The status with the states of its workflow to choose from; any other field as it is."""
    if field.type.name != "status" or flow is None:
        return field
    return replace(field, choices=build_options(flow.uid, flow.content["states"], texts))


def with_default(field: Field, content: Json) -> Field:
    """Raises `Invalid` when the default does not fit the field."""
    if content.get("default") is None:
        return field
    return replace(field, default=field.type.load(field, content["default"]))


def default_fault(field: Field, content: Json) -> Invalid | None:
    """Why the default does not fit; references have none, for ids differ between workspaces."""
    try:
        with_default(field, content)
    except Invalid as error:
        return error
    return None


def build_options(owner: str, options: Any, texts: Texts) -> tuple[Option, ...]:
    return tuple(
        Option(
            uid := option_uid(owner, option),
            option["key"],
            texts.label(uid, "title", option["title"]),
            option.get("tone", "neutral"),
        )
        for option in options
    )


def _required(entity: EntitySource) -> list[str]:
    required: list[str] = entity.source.content.get("required", [])
    return required


def spoken(key: str) -> str:
    """`birth_date` -> `Birth date`: what an untitled field is called."""
    return key.replace("_", " ").capitalize()

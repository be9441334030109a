"""The contract of a field type, and the small values that it works on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import marshmallow as ma
import sqlalchemy as sa
from markupsafe import Markup, escape

from runtime.kernel.errors import Invalid
from runtime.kernel.locale import Locale

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Label:
    """A text of a definition: in its source language, and what `i18n/` says of it."""

    source: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, language: str) -> str:
        return self.texts.get(language) or self.source


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a field or one state of a workflow."""

    uid: str
    key: str
    title: Label
    tone: str = "neutral"


@dataclass(frozen=True, slots=True)
class Field:
    """An attribute of an entity, compiled. `options` are the words of `x-field`, `keywords` those
    of JSON Schema that stand beside it (`maxLength`, `minimum`, ...)."""

    uid: str
    key: str
    entity: str
    type: FieldType
    title: Label = Label()
    help: Label = Label()
    options: Mapping[str, Any] = field(default_factory=dict)
    keywords: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[Option, ...] = ()
    required: bool = False
    unique: bool = False
    default: Any = None
    module: str = ""

    def option(self, key: str) -> Option | None:
        return next((option for option in self.choices if option.key == key), None)


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference as it is read: the id of the record and what people call it."""

    id: int
    title: str


@dataclass(frozen=True, slots=True)
class Widget:
    """What a form shows: the kind names a block of `web/templates/widgets.html`."""

    kind: str
    attributes: Mapping[str, str | int] = field(default_factory=dict)
    choices: tuple[Option, ...] = ()


class FieldType(ABC):
    """How one type of field behaves, everywhere. One instance serves every field of the type."""

    name: ClassVar[str]  # the word used in definitions
    options_schema: ClassVar[Json] = {}  # JSON Schema `properties` of its words under `x-field`
    keywords: ClassVar[tuple[str, ...]] = ()  # JSON Schema keywords that an author may set
    operators: ClassVar[tuple[str, ...]] = ("eq", "ne", "in", "isnull")  # filters it offers
    examples: ClassVar[tuple[Any, ...]]  # JSON values that it takes
    rejects: ClassVar[tuple[Any, ...]]  # JSON values that it refuses
    searchable: ClassVar[bool] = False  # its text belongs to the quick search
    align: ClassVar[str] = "start"  # "end" for numbers
    read_only: ClassVar[bool] = False  # written by the product alone
    links: ClassVar[str] = ""  # "entity" or "user": values live in a table of pairs
    widening: ClassVar[frozenset[str]] = frozenset()  # types that become this one without loss
    empty: ClassVar[Any] = None  # what an unfilled field reads as

    @abstractmethod
    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        """Physical columns, the first named after the field; none when values are links."""

    @abstractmethod
    def load(self, field: Field, value: Any) -> Any:
        """JSON -> value; never asked about null. Raises `Invalid`."""

    @abstractmethod
    def dump(self, field: Field, value: Any) -> Any:
        """Value -> JSON; never asked about None."""

    @abstractmethod
    def json_schema(self, field: Field) -> Json:
        """The standard keywords that the canonical form of the field has."""

    @abstractmethod
    def convert(self, field: Field, text: str, locale: Locale) -> Any:
        """Text as typed -> value, or None for an empty one. Raises `Invalid`."""

    @abstractmethod
    def text(self, field: Field, value: Any, locale: Locale) -> str:
        """What people read; `convert` of it gives the value again."""

    @abstractmethod
    def widget(self, field: Field) -> Widget:
        """The input of a form."""

    def plain(self, field: Field, value: Any) -> str:
        """What machines read: the same in every language; `convert` of it gives the value again."""
        return str(self.dump(field, value))

    def recast(self, field: Field, other: Field, value: Any, locale: Locale) -> Any:
        """A value of another field's type -> one of this; raises `Invalid` where it has none."""
        # A text was typed by somebody; all else writes itself down for machines, and `1.234` is
        # then no thousand in any language.
        reader = locale if isinstance(value, str) else replace(locale, language="en")
        return self.convert(field, other.type.plain(other, value), reader)

    def cell(self, field: Field, value: Any, locale: Locale) -> Markup:
        """HTML in lists and on the record page."""
        return escape(self.text(field, value, locale))

    def pack(self, field: Field, value: Any) -> dict[str, Any]:
        """Value -> what goes into each column."""
        return {field.key: value}

    def unpack(self, field: Field, stored: tuple[Any, ...]) -> Any:
        """What stands in the columns -> value."""
        return stored[0]

    def sort_column(self, field: Field) -> str | None:
        """The column that lists sort by; None when the type cannot be sorted."""
        return field.key

    def wire_schema(self, field: Field) -> Json:
        """The schema that requests are checked by: `json_schema` made as strict as `load` is."""
        return self.json_schema(field)

    def value(self, field: Field) -> ma.fields.Field[Any]:
        """The marshmallow field of JSON input; its checks are those of `load`."""
        return Value(self, field)


class Value(ma.fields.Field[Any]):
    """Carries a field type into a marshmallow schema."""

    def __init__(self, kind: FieldType, described: Field) -> None:
        super().__init__(required=False, allow_none=True)
        self.kind = kind
        self.described = described

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        try:
            return self.kind.load(self.described, value)
        except Invalid as error:
            # marshmallow wants lists of messages; the message stays a translation key.
            raise ma.ValidationError([error.message]) from error

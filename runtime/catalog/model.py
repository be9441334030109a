"""What a catalog is made of: frozen values that say everything about one revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from runtime.definitions.titles import Template
from runtime.fields.base import Field, Label, Option
from runtime.kernel.i18n import plural_rule
from runtime.kernel.workspace import Workspace

Scope = Literal["all", "own", "none"]


@dataclass(frozen=True, slots=True)
class State:
    """A state of a workflow; `requires` holds keys of fields."""

    uid: str
    key: str
    title: Label
    tone: str
    requires: tuple[str, ...] = ()
    final: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """A step between states; `roles` is None where everybody who may edit may take it."""

    uid: str
    key: str
    title: Label
    sources: tuple[str, ...]
    target: str
    roles: tuple[str, ...] | None = None
    ask: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Workflow:
    """The life of the records of one entity."""

    uid: str
    entity: str
    start: str
    states: Mapping[str, State]
    transitions: Mapping[str, Transition]

    def options(self) -> tuple[Option, ...]:
        return tuple(Option(s.uid, s.key, s.title, s.tone) for s in self.states.values())


@dataclass(frozen=True, slots=True)
class Relation:
    """A reference seen from its other end: `field` of `entity` points at the owner of this."""

    entity: str
    field: Field
    name: str
    on_delete: str
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of record. `fields` holds the status, too, where there is a workflow."""

    uid: str
    key: str
    module: str
    icon: str
    title: Label
    list_title: Label
    plurals: Mapping[str, Mapping[str, str]]
    fields: tuple[Field, ...]
    titled_by: tuple[Template, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    one_of: tuple[str, ...] = ()
    workflow: Workflow | None = None
    relations: tuple[Relation, ...] = ()
    in_menu: bool = True
    by_key: Mapping[str, Field] = field(default_factory=dict)
    by_uid: Mapping[str, Field] = field(default_factory=dict)

    def counted(self, language: str, number: int, written: str = "") -> str:
        """`12 patients`, in the right plural form; the list's title where nobody wrote one.
        `written` is the number as people read it, where that is not its digits alone."""
        forms = self.plurals.get(language)
        if not forms:
            return f"{written or number} {self.list_title(language)}"
        text = forms.get(plural_rule(language)(number)) or forms["other"]
        return text.replace("{n}", written or str(number))


@dataclass(frozen=True, slots=True)
class Section:
    """A group of fields on a form or a record page."""

    title: Label | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A saved screen. `key` is what stands in `?view=`; `columns` and `sort` are of tables."""

    uid: str
    key: str
    entity: str
    kind: str
    title: Label
    roles: tuple[str, ...] | None = None
    columns: tuple[str, ...] = ()
    sort: str = ""
    filters: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Rights:
    """What one role may do with the records of one entity."""

    see: Scope = "none"
    create: bool = False
    edit: Scope = "none"
    delete: Scope = "none"
    export: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """A set of rights that people are given."""

    uid: str
    key: str
    title: Label
    rights: Mapping[str, Rights]


@dataclass(frozen=True, slots=True)
class Module:
    """An installed module, as menus and commands name it."""

    key: str
    version: str
    title: Label
    summary: Label
    start: str = ""


@dataclass(frozen=True, slots=True)
class Catalog:
    """One revision, whole. Everything is found by uid; addresses use `by_key`."""

    revision: int
    workspace: Workspace
    modules: Mapping[str, Module]
    entities: Mapping[str, Entity]
    by_key: Mapping[str, Entity]
    workflows: Mapping[str, Workflow]
    views: Mapping[str, View]
    roles: Mapping[str, Role]
    imports: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def views_of(self, entity: Entity, kind: str) -> list[View]:
        return [v for v in self.views.values() if v.entity == entity.uid and v.kind == kind]

    def role_title(self, key: str, language: str) -> str:
        """What people call a role; the owner's, which no module defines, by its key."""
        role = self.roles.get(key)
        return role.title(language) if role else key

    def target(self, reference: Field) -> Entity:
        """The entity that a reference points at."""
        return self.entities[reference.options["to"]]

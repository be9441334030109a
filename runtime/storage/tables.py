"""Catalog -> physical tables: one real table per entity, one per many-to-many field."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from runtime.catalog.defaults import default_columns, title_fields
from runtime.catalog.model import Catalog, Entity
from runtime.fields.base import Field
from runtime.fields.columns import UtcDateTime, key_text
from runtime.kernel.money import minor_digits
from runtime.storage.system import Id
from runtime.storage.system import metadata as system_metadata

# PostgreSQL cuts names at 63 bytes.
MAX_NAME = 63
# FTS5 makes tables of its own with up to this many letters more.
_ROOM = len("_docsize")
LIVE = "deleted_at IS NULL"


@dataclass(frozen=True, slots=True)
class IndexSpec:
    """An index by what it is for, so that renames leave it alone.

    `identity` names fields by uid and type; `columns` are their physical names today.
    """

    identity: tuple[str, ...]
    table: str
    columns: tuple[str, ...]
    unique: bool = False
    live_only: bool = True
    # Keys of the fields of a unique rule, for messages.
    fields: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        digest = hashlib.sha256("|".join(self.identity).encode()).hexdigest()[:16]
        return f"{'uq' if self.unique else 'ix'}_{digest}"


@dataclass(frozen=True, slots=True)
class EntityTable:
    """Where the records of an entity stand."""

    entity: Entity
    table: sa.Table
    links: Mapping[str, sa.Table]
    indexes: tuple[IndexSpec, ...]


def short(name: str) -> str:
    """The name, or its head and a hash where PostgreSQL would cut it."""
    if len(name.encode()) <= MAX_NAME:
        return name
    return f"{name[:50]}_{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def beside(table: str, what: str) -> str:
    """The name of something that goes with a table. No key begins with a digit, so that it is
    never the name of a field's links; and it tells what it is also where it had to be cut."""
    tail = f"__0{what}"
    if len(table) + len(tail) > MAX_NAME - _ROOM:
        table = f"{table[:30]}_{hashlib.sha256(table.encode()).hexdigest()[:12]}"
    return table + tail


def is_beside(name: str) -> bool:
    return "__0" in name


def table_name(entity: Entity) -> str:
    return short(f"{entity.module}_{entity.key}")


def link_name(entity: Entity, field: Field) -> str:
    return short(f"{entity.module}_{entity.key}__{field.key}")


def system_columns() -> list[sa.Column[Any]]:
    """Columns of every entity; `status` comes with the workflow."""
    return [
        sa.Column("id", Id, primary_key=True),
        sa.Column("uid", key_text(), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("created_by", Id, sa.ForeignKey("sys_user.id")),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("updated_by", Id, sa.ForeignKey("sys_user.id")),
        sa.Column("deleted_at", UtcDateTime),
        sa.Column("search_fold", key_text()),
    ]


def field_columns(field: Field, target_table: str | None) -> tuple[sa.Column[Any], ...]:
    """The physical columns of a field; a reference carries its foreign key inline."""
    columns = field.type.columns(field)
    if field.type.name == "user":
        target_table = "sys_user"
    if target_table is None or not columns:
        return columns
    return (sa.Column(columns[0].name, Id, sa.ForeignKey(f"{target_table}.id")),)


def storage_of(field: Field) -> str:
    """What the stored values look like; two fields of one storage need no conversion."""
    parts = [field.type.name]
    if "places" in field.type.options_schema:
        parts.append(str(field.options.get("places", 2)))
    if field.type.name == "money":
        several = bool(field.options.get("per_record"))
        parts.append("any" if several else str(minor_digits(field.options["currency"])))
    if "to" in field.options:
        parts.append(field.options["to"])
    return ":".join(parts)


def target_of(catalog: Catalog, field: Field) -> str | None:
    """The table that a reference points at."""
    if field.type.name == "reference":
        return table_name(catalog.target(field))
    return None


def build_metadata(catalog: Catalog) -> tuple[sa.MetaData, dict[str, EntityTable]]:
    """Fresh tables for one revision, beside the system tables that they point at."""
    metadata = sa.MetaData()
    for table in system_metadata.tables.values():
        table.to_metadata(metadata)
    tables = {}
    for entity in catalog.entities.values():
        tables[entity.uid] = _entity_table(catalog, entity, metadata)
    return metadata, tables


def _entity_table(catalog: Catalog, entity: Entity, metadata: sa.MetaData) -> EntityTable:
    columns = system_columns()
    for field in entity.fields:
        columns += field_columns(field, target_of(catalog, field))
    table = sa.Table(table_name(entity), metadata, *columns, sqlite_autoincrement=True)
    links = {
        field.key: link_table(catalog, entity, field, metadata)
        for field in entity.fields
        if field.type.links
    }
    return EntityTable(entity, table, links, tuple(index_specs(catalog, entity)))


def link_table(catalog: Catalog, entity: Entity, field: Field, metadata: sa.MetaData) -> sa.Table:
    """Pairs (source, target) of a many-to-many field."""
    target = "sys_user" if field.type.links == "user" else table_name(catalog.target(field))
    name = link_name(entity, field)
    return sa.Table(
        name,
        metadata,
        sa.Column("source", Id, sa.ForeignKey(f"{table_name(entity)}.id"), primary_key=True),
        sa.Column("target", Id, sa.ForeignKey(f"{target}.id"), primary_key=True),
        # Named after the field's uid: a rename of the table leaves the index alone.
        sa.Index(link_index_name(field), "target", "source"),
    )


def link_index_name(field: Field) -> str:
    return f"ix_{hashlib.sha256(field.uid.encode()).hexdigest()[:16]}"


def index_specs(catalog: Catalog, entity: Entity) -> list[IndexSpec]:
    """What the entity is sorted, filtered and searched by, and what must be unique."""
    table = table_name(entity)
    specs = [
        IndexSpec((entity.uid, "live"), table, ("id",)),
        IndexSpec((entity.uid, "bin"), table, ("deleted_at",), live_only=False),
    ]
    for key in _indexed(catalog, entity):
        field = entity.by_key[key]
        column = field.type.sort_column(field) or key
        # Sums by status are asked for on every board: the index holds what they add up.
        sums = _sums(entity) if key == "status" else ()
        added = (f"{one.uid}:{storage_of(one)}" for one in sums)
        identity = (entity.uid, field.uid, storage_of(field), *added, "sort")
        columns = (column, "id", *(c.name for one in sums for c in one.type.columns(one)))
        specs.append(IndexSpec(identity, table, columns))
    specs += _unique_specs(entity, table)
    return specs


def _indexed(catalog: Catalog, entity: Entity) -> list[str]:
    """Keys of fields with an index: those that lists show, sort or filter by, and links."""
    wanted = [*title_fields(entity), "status"]
    tables = catalog.views_of(entity, "table")
    for view in tables:
        wanted += (
            view.columns + view.filters + tuple(part.partition("__")[0] for part in view.where)
        )
        wanted += [part.strip().lstrip("-") for part in view.sort.split(",") if part]
    if not tables:
        wanted += default_columns(entity)
    pointing = [field.key for field in entity.fields if field.type.name in ("reference", "user")]
    sortable = [
        key
        for key in wanted
        if key in entity.by_key and entity.by_key[key].type.sort_column(entity.by_key[key])
    ]
    return list(dict.fromkeys([*pointing, *sortable]))


def _sums(entity: Entity) -> tuple[Field, ...]:
    """The first sum of money, if the entity has one."""
    return tuple(one for one in entity.fields if one.type.name == "money")[:1]


def _unique_specs(entity: Entity, table: str) -> list[IndexSpec]:
    groups = [(field.key,) for field in entity.fields if field.unique] + list(entity.unique)
    specs = []
    for group in dict.fromkeys(groups):
        fields = [entity.by_key[key] for key in group]
        identity = (entity.uid, *(f"{field.uid}:{storage_of(field)}" for field in fields), "unique")
        columns = tuple(unique_column(field) for field in fields)
        specs.append(IndexSpec(identity, table, columns, unique=True, fields=group))
    for field in entity.fields:
        if field.type.name == "sequence" and not field.unique:
            # Never twice, not even with one that lies in the bin.
            identity = (entity.uid, field.uid, "sequence")
            columns = (field.key,)
            specs.append(IndexSpec(identity, table, columns, True, live_only=False, fields=columns))
    return specs


def unique_column(field: Field) -> str:
    """The column whose values must differ: addresses differ without regard to case."""
    return f"{field.key}__fold" if field.type.name == "email" else field.key


def make_index(spec: IndexSpec, table: sa.Table) -> sa.Index:
    """The index as SQLAlchemy creates and compares it."""
    where = sa.text(LIVE) if spec.live_only else None
    if spec.identity[-1] == "bin":
        where = sa.text("deleted_at IS NOT NULL")
    return sa.Index(
        spec.name,
        *(table.c[column] for column in spec.columns),
        unique=spec.unique,
        sqlite_where=where,
        postgresql_where=where,
    )

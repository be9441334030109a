"""The contract of a step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.engine import Connection

from runtime.catalog.model import Entity
from runtime.fields.base import Field
from runtime.kernel.errors import Message
from runtime.kernel.locale import Locale
from runtime.storage.model import Model
from runtime.storage.tables import table_name

BATCH = 2_000
SAMPLES = 5


class Risk(StrEnum):
    """`safe`: nothing can be lost. `check`: rules get tighter, rows stay. `lossy`: values leave the
    screens and are parked. `refused`: cannot be done as it stands."""

    SAFE = "safe"
    CHECK = "check"
    LOSSY = "lossy"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Sample:
    """One row that a step cannot take along, with its value and the reason."""

    record: int
    value: str
    reason: Message


@dataclass(frozen=True, slots=True)
class Finding:
    """What the rows say to a step: how many it touches, convert, do not."""

    rows: int = 0
    converts: int = 0
    fails: int = 0
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What a step may look at before anything is changed."""

    connection: Connection
    locale: Locale
    # Where rows of a removed option or state go: uid -> key of another one, "" to leave it empty.
    moves: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Work:
    """What a step may work with inside the one transaction."""

    connection: Connection
    ops: Operations
    after: Model
    number: int
    now: datetime
    locale: Locale
    moves: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step(ABC):
    """One change. Steps are made by `changes`, pure, and carried out in order of `phase`."""

    kind: ClassVar[str]
    phase: ClassVar[int]
    entity: Entity

    @property
    def about(self) -> str:
        """The uid of what is changed."""
        return self.entity.uid

    def risk(self, finding: Finding) -> Risk:
        return Risk.SAFE

    def inspect(self, look: Look) -> Finding:
        return Finding()

    @abstractmethod
    def title(self, finding: Finding) -> Message:
        """The step in one sentence."""

    @abstractmethod
    def apply(self, work: Work) -> None:
        """Carries the step out."""


def renamed(field: Field, key: str) -> Field:
    """The same field under another physical name."""
    return replace(field, key=key)


def parked_key(key: str, number: int) -> str:
    return f"{key}__r{number}"


def column_names(field: Field) -> list[str]:
    return [column.name for column in field.type.columns(field)]


def light_table(name: str, *fields: Field) -> sa.TableClause:
    """A table by name with just the columns that a step reads or writes."""
    columns: list[Any] = [sa.column("id", sa.BigInteger)]
    for one in fields:
        columns += [sa.column(c.name, c.type) for c in one.type.columns(one)]
    return sa.table(name, *columns)


def count_rows(connection: Connection, table: str, where: Any = None) -> int:
    statement = sa.select(sa.func.count()).select_from(sa.table(table))
    if where is not None:
        statement = statement.where(where)
    return int(connection.execute(statement).scalar_one())


def physical(entity: Entity) -> str:
    return table_name(entity)

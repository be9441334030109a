"""Steps for closed lists: options of a choice and states of a workflow that go or are renamed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import sqlalchemy as sa

from runtime.fields.base import Field, Option
from runtime.kernel.errors import Message, message
from runtime.storage import park, system
from runtime.storage.steps.base import Finding, Look, Risk, Sample, Work, count_rows, physical
from runtime.storage.steps.columns import FieldStep

# What is noted of a list that held a removed option and the one that its rows move to. No key.
_BOTH = "+"


@dataclass(frozen=True, slots=True)
class RenameOption(FieldStep):
    """An option or state got another key; rows that hold it follow."""

    kind: ClassVar[str] = "rename_option"
    phase: ClassVar[int] = 65
    before: Option
    after: Option

    @property
    def about(self) -> str:
        return self.after.uid

    def title(self, finding: Finding) -> Message:
        return self.says("step.rename_option", before=self.before.key, after=self.after.key)

    def apply(self, work: Work) -> None:
        replace_key(work, self, self.before.key, self.after.key)


@dataclass(frozen=True, slots=True)
class RemoveOption(FieldStep):
    """An option or state goes. Its value is set aside; records that hold it move where the author
    says, else the field is left empty. A record is never without a state, so for a state it must
    be said."""

    kind: ClassVar[str] = "remove_option"
    phase: ClassVar[int] = 65
    option: Option
    holder: Field
    source: str
    revision: int
    # The key that rows hold when this step's turn comes.
    held: str
    move: str | None = None
    # The uid of the option that `move` names: rows that still hold it go back on a restore.
    target: str = ""

    @property
    def about(self) -> str:
        return self.option.uid

    def risk(self, finding: Finding) -> Risk:
        if not finding.rows:
            return Risk.SAFE
        if self.move and self.field.option(self.move) is None:
            return Risk.REFUSED
        if not self.move and self.field.type.name == "status":
            return Risk.REFUSED
        return Risk.LOSSY

    def inspect(self, look: Look) -> Finding:
        held = count_rows(look.connection, self.source, holds(self.holder, self.option.key))
        if not held or (self.move and self.field.option(self.move)):
            return Finding(rows=held)
        reason = message("step.move_hint", uid=self.option.uid)
        if self.move:
            allowed = ", ".join(option.key for option in self.field.choices)
            reason = message("publishing.no_target", target=self.move, allowed=allowed)
        return Finding(rows=held, samples=(Sample(0, self.option.key, reason),))

    def title(self, finding: Finding) -> Message:
        option = self.option.title.source
        if self.move and self.field.option(self.move):
            target = self.field.option(self.move) or self.option
            return self.says(
                "step.move_option", option=option, target=target.title.source, n=finding.rows
            )
        return self.says("step.remove_option", option=option, n=finding.rows)

    def apply(self, work: Work) -> None:
        table = sa.table(physical(self.entity), sa.column("id"), sa.column(self.field.key))
        parked_id = park.set_aside(
            work.connection,
            "option",
            uid=self.option.uid,
            entity_uid=self.entity.uid,
            physical=self.target,
            revision=self.revision,
            now=work.now,
        )
        # A list that held both options has lost none of them when it comes back.
        both = holds(self.field, self.move) if self.move else sa.false()
        what = sa.case((both, _BOTH), else_=self.option.key)
        held = sa.select(sa.literal(parked_id), table.c.id, what)
        held = held.where(holds(self.field, self.held))
        columns = ["parked_id", "record_id", "value"]
        work.connection.execute(system.parked_value.insert().from_select(columns, held))
        replace_key(work, self, self.held, self.move)


@dataclass(frozen=True, slots=True)
class RestoreOption(FieldStep):
    """An option returns to the rows that held it and were given no other one since."""

    kind: ClassVar[str] = "restore_option"
    phase: ClassVar[int] = 66
    option: Option
    parked: park.Parked

    @property
    def about(self) -> str:
        return self.option.uid

    def inspect(self, look: Look) -> Finding:
        value = system.parked_value
        where = value.c.parked_id == self.parked.id
        counted = sa.select(sa.func.count()).select_from(value).where(where)
        return Finding(rows=int(look.connection.execute(counted).scalar_one()))

    def title(self, finding: Finding) -> Message:
        return self.says("step.restore_option", option=self.option.title.source, n=finding.rows)

    def apply(self, work: Work) -> None:
        moved = next((o.key for o in self.field.choices if o.uid == self.parked.physical), None)
        if self.field.type.name == "choices":
            gained = {self.option.key}
            lost = {moved} if moved else set()
            _edit_lists(work, self, self._rows(_BOTH), lambda keys: keys | gained)
            _edit_lists(work, self, self._rows(), lambda keys: (keys - lost) | gained)
        else:
            table = sa.table(physical(self.entity), sa.column("id"), sa.column(self.field.key))
            column = table.c[self.field.key]
            untouched = column == moved if moved else column.is_(None)
            put = table.update().where(self._rows(), untouched)
            work.connection.execute(put.values({self.field.key: self.option.key}))
        park.forget(work.connection, self.parked.id)

    def _rows(self, what: str = "") -> sa.ColumnElement[bool]:
        """The condition that a row held the option."""
        value = system.parked_value
        kind = value.c.value == what if what else value.c.value != _BOTH
        rows = sa.select(value.c.record_id).where(value.c.parked_id == self.parked.id, kind)
        identity: sa.ColumnClause[int] = sa.column("id")
        return identity.in_(rows)


def _column(field: Field) -> sa.ColumnClause[Any]:
    own = field.type.columns(field)[0]
    return sa.column(own.name, own.type)


def holds(field: Field, key: str) -> Any:
    """The condition that a row holds the option."""
    text: sa.ColumnClause[str] = sa.column(field.key, sa.Text)
    # In a pattern `_` would stand for any letter.
    inside = text.contains(f",{key},", autoescape=True)
    return inside if field.type.name == "choices" else text == key


def replace_key(work: Work, step: FieldStep, old: str, new: str | None) -> None:
    """Every row that holds `old` holds `new` instead, or nothing."""
    field = step.field
    if field.type.name == "choices":
        gained = {new} if new else set()
        _edit_lists(work, step, holds(field, old), lambda keys: keys - {old} | gained)
        return
    table = sa.table(physical(step.entity), sa.column(field.key))
    change = table.update().where(holds(field, old)).values({field.key: new})
    work.connection.execute(change)


def _edit_lists(
    work: Work, step: FieldStep, where: Any, edit: Callable[[set[str]], set[str]]
) -> None:
    """Rewrites the lists of a field of several choices, in the order of its options."""
    field = step.field
    table = sa.table(physical(step.entity), sa.column("id"), _column(field))
    column = table.c[field.key]
    rows = work.connection.execute(sa.select(table.c.id, column).where(where)).all()
    order = {option.key: place for place, option in enumerate(field.choices)}
    change = table.update().where(table.c.id == sa.bindparam("row_id"))
    change = change.values({field.key: sa.bindparam("keys", type_=column.type)})
    edited = [(row.id, edit(set(row[1] or ()))) for row in rows]
    values = [
        # Keys that are not in the new list wait for their own step.
        {"row_id": record, "keys": sorted(keys, key=lambda key: (order.get(key, len(order)), key))}
        for record, keys in edited
    ]
    if values:
        work.connection.execute(change, values)

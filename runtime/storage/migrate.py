"""Carries a plan out: the only place where definitions become DDL, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Connection

from runtime.kernel.errors import Refused, RevisionMoved
from runtime.kernel.locale import locale_of
from runtime.storage import park, system
from runtime.storage.engine import is_sqlite
from runtime.storage.model import make_model
from runtime.storage.plan import Plan
from runtime.storage.revisions import stamp_in_force, store_revision
from runtime.storage.steps.base import Look, Risk, Step, Work
from runtime.storage.steps.options import RemoveOption
from runtime.storage.tables import table_name

RUNTIME_VERSION = "0.1.0"
# Publishers wait for each other on this lock of PostgreSQL; SQLite has one writer anyway.
_PUBLISH_LOCK = 7_305_421
# Milliseconds that DDL waits for readers before it gives up and leaves them be.
_DDL_LOCK_TIMEOUT = 3_000


def lock_publishing(connection: Connection) -> None:
    """Call first in the transaction that plans and publishes."""
    if is_sqlite(connection):
        return
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_PUBLISH_LOCK)))
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_DDL_LOCK_TIMEOUT}")
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def operations(connection: Connection) -> Operations:
    options = {"transactional_ddl": True}
    return Operations(MigrationContext.configure(connection, opts=options))


def migrate(
    connection: Connection,
    plan: Plan,
    *,
    author: int | None,
    note: str,
    now: datetime,
    moves: Mapping[str, str] | None = None,
) -> int:
    """Carries out the steps and stores the revision; gives its number.

    The caller has the transaction and commits. Raises `RevisionMoved` when another publish came
    between plan and now, `Refused` when a step cannot be done.
    """
    in_force = stamp_in_force(connection).number
    if in_force != plan.base:
        raise RevisionMoved(plan.base, in_force)
    refused = plan.of_risk(Risk.REFUSED)
    if refused:
        raise Refused("error.step_refused", step=refused[0].step.title(refused[0].finding))
    if plan.empty:
        return plan.base
    number = plan.base + 1
    # Writers hold this row for reading while they write: from here on none is under way.
    connection.execute(system.published.update().values(number=number))
    _look_again(connection, plan)
    work = Work(
        connection=connection,
        ops=operations(connection),
        after=make_model(plan.after),
        number=number,
        now=now,
        locale=locale_of(plan.after.workspace),
        moves=moves or {},
    )
    for planned in plan.steps:
        planned.step.apply(work)
    store_revision(
        connection,
        plan.bundle,
        number=number,
        plan=plan.to_json()["steps"],
        author=author,
        note=note,
        now=now,
        runtime_version=RUNTIME_VERSION,
    )
    purge(work, plan)
    _refresh_statistics(connection, plan)
    return number


def _look_again(connection: Connection, plan: Plan) -> None:
    """A record may have come into a state that goes, between the plan and the lock."""
    look = Look(connection, locale_of(plan.after.workspace))
    for planned in plan.steps:
        if isinstance(planned.step, RemoveOption):
            finding = planned.step.inspect(look)
            if planned.step.risk(finding) is Risk.REFUSED:
                raise Refused("error.step_refused", step=planned.step.title(finding))


def purge(work: Work, plan: Plan) -> None:
    tables = {entity.uid: table_name(entity) for entity in plan.after.entities.values()}
    park.purge_expired(work.connection, work.ops, tables, work.now)


def _refresh_statistics(connection: Connection, plan: Plan) -> None:
    """A new column or index without statistics makes the database choose badly."""
    touched = {one.step.entity.uid for one in plan.steps if isinstance(one.step, Step)}
    for uid in sorted(touched & set(plan.after.entities)):
        name = table_name(plan.after.entities[uid])
        connection.exec_driver_sql(f"ANALYZE {connection.dialect.identifier_preparer.quote(name)}")

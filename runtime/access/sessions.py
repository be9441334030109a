"""Signing in: opaque secrets whose hash is a row, so that an end is an end at the next request."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from runtime.access.actor import Actor
from runtime.kernel.ids import token
from runtime.kernel.locale import locale_of
from runtime.kernel.workspace import Workspace
from runtime.storage import system
from runtime.storage.engine import insert_into
from runtime.storage.revisions import Stamp

SESSION_LIFE = timedelta(days=14)
# Failed attempts on one account or from one address within one window.
MAX_ATTEMPTS = 10
WINDOW_SECONDS = 900


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a secret stands for, and the revision in force: one statement tells both."""

    user_id: int
    name: str
    email: str
    language: str | None
    roles: frozenset[str]
    csrf: str
    stamp: Stamp

    def actor(self, workspace: Workspace, origin: str) -> Actor:
        locale = locale_of(workspace, self.language)
        return Actor(self.user_id, self.roles, locale, origin, self.name, self.email)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def open_session(connection: Connection, user_id: int, now: datetime) -> str:
    """A new session; gives the cookie's value. What has run out is swept away."""
    session = system.session
    secret = token()
    connection.execute(session.delete().where(session.c.expires_at < now))
    connection.execute(
        session.insert().values(
            hash=digest(secret),
            user_id=user_id,
            csrf=token(),
            created_at=now,
            expires_at=now + SESSION_LIFE,
        )
    )
    return secret


def close_session(connection: Connection, secret: str) -> None:
    session = system.session
    connection.execute(session.delete().where(session.c.hash == digest(secret)))


def close_all(connection: Connection, user_id: int) -> None:
    """Every session and token of a person: after a new password or new roles."""
    for table in (system.session, system.token):
        connection.execute(table.delete().where(table.c.user_id == user_id))


def make_token(connection: Connection, user_id: int, name: str, now: datetime) -> str:
    """A bearer token for programs; only its hash is kept."""
    secret = token()
    connection.execute(
        system.token.insert().values(
            hash=digest(secret), user_id=user_id, name=name, created_at=now
        )
    )
    return secret


def _statement(table: sa.Table, csrf: sa.ColumnElement[str]) -> sa.Select[tuple[object, ...]]:
    user, role, published = system.user, system.user_role, system.published
    return (
        sa.select(
            user.c.id,
            user.c.name,
            user.c.email,
            user.c.language,
            csrf.label("csrf"),
            published.c.number,
            published.c.settings_version,
            role.c.role,
        )
        .select_from(
            table.join(user, user.c.id == table.c.user_id)
            .outerjoin(role, role.c.user_id == user.c.id)
            .join(published, sa.true())
        )
        .where(table.c.hash == sa.bindparam("secret"), user.c.active)
    )


_BY_SESSION = _statement(system.session, system.session.c.csrf).where(
    system.session.c.expires_at > sa.bindparam("now", type_=system.session.c.expires_at.type)
)
_BY_TOKEN = _statement(system.token, sa.literal(""))


def by_session(connection: Connection, secret: str, now: datetime) -> SignedIn | None:
    rows = connection.execute(_BY_SESSION, {"secret": digest(secret), "now": now}).all()
    return _signed_in(rows)


def by_token(connection: Connection, secret: str) -> SignedIn | None:
    return _signed_in(connection.execute(_BY_TOKEN, {"secret": digest(secret)}).all())


def _signed_in(rows: list[sa.Row[tuple[object, ...]]] | object) -> SignedIn | None:
    if not isinstance(rows, list) or not rows:
        return None
    row = rows[0]
    return SignedIn(
        row.id,
        row.name,
        row.email,
        row.language,
        frozenset(one.role for one in rows if one.role),
        row.csrf,
        Stamp(row.number, row.settings_version),
    )


def count_attempt(connection: Connection, subject: str, now: datetime) -> int:
    """Notes a failed attempt; gives how many there were in this window."""
    attempt = system.attempt
    window = int(now.timestamp()) // WINDOW_SECONDS
    connection.execute(attempt.delete().where(attempt.c.window < window))
    values = {"subject": subject, "window": window, "count": 1}
    counted = (
        insert_into(connection, attempt)
        .values(values)
        .on_conflict_do_update(
            index_elements=["subject", "window"], set_={"count": attempt.c.count + 1}
        )
        .returning(attempt.c.count)
    )
    return int(connection.execute(counted).scalar_one())


def attempts(connection: Connection, subject: str, now: datetime) -> int:
    attempt = system.attempt
    window = int(now.timestamp()) // WINDOW_SECONDS
    found = connection.execute(
        sa.select(attempt.c.count).where(attempt.c.subject == subject, attempt.c.window == window)
    ).scalar()
    return int(found or 0)

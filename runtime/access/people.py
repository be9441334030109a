"""The people of a workspace: accounts, passwords, roles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.engine import Connection

from runtime.catalog.model import Catalog
from runtime.definitions.index import OWNER
from runtime.definitions.report import nearest
from runtime.kernel.errors import Refused
from runtime.storage import system
from runtime.storage.settings import load_workspace

MIN_PASSWORD = 8


@dataclass(frozen=True, slots=True)
class Person:
    """An account as lists show it."""

    id: int
    email: str
    name: str
    language: str | None
    active: bool
    roles: tuple[str, ...]


@cache
def _hasher() -> PasswordHasher:
    # OWASP: 19 MiB, two passes, one lane; about 40 ms.
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _dummy_hash() -> str:
    return _hasher().hash("nobody has this password")


def clean_email(email: str) -> str:
    """Addresses of accounts are compared in lower case."""
    return email.strip().lower()


def check_email(email: str) -> str:
    """The address as accounts keep it. Raises `Refused` when it is none."""
    address = clean_email(email)
    if "@" not in address or len(address) > 254 or any(char.isspace() for char in address):
        raise Refused("people.bad_email", email=email)
    return address


def check_roles(catalog: Catalog, roles: Iterable[str]) -> None:
    known = [OWNER, *catalog.roles]
    for role in roles:
        if role not in known:
            raise Refused("people.no_role", role=role, suggestion=nearest(role, known) or "-")


def add_person(
    connection: Connection,
    *,
    email: str,
    roles: Sequence[str],
    now: datetime,
    password: str | None = None,
    name: str = "",
    language: str | None = None,
) -> int:
    """A new account. Raises `Refused` when the address is no address or has one already."""
    address = check_email(email)
    exists = sa.select(system.user.c.id).where(system.user.c.email == address)
    if connection.execute(exists).first():
        raise Refused("people.email_taken", email=address)
    inserted = connection.execute(
        system.user.insert().values(
            email=address,
            name=name.strip() or address.partition("@")[0],
            password=_hasher().hash(password) if password else None,
            language=language,
            created_at=now,
        )
    )
    person = int(inserted.inserted_primary_key[0])  # type: ignore[index]
    rows = [{"user_id": person, "role": role} for role in dict.fromkeys(roles)]
    if rows:
        connection.execute(system.user_role.insert(), rows)
    return person


def check_password(connection: Connection, email: str, password: str) -> int | None:
    """The person's id if the password is theirs; the same time is spent where nobody is.

    What is too short for a password opens nothing outside a demo workspace.
    """
    user = system.user
    row = connection.execute(
        sa.select(user.c.id, user.c.password).where(
            user.c.email == clean_email(email), user.c.active
        )
    ).first()
    known = row.password if row and row.password else _dummy_hash()
    try:
        _hasher().verify(known, password)
    except (VerificationError, InvalidHashError):
        return None
    if len(password) < MIN_PASSWORD and not load_workspace(connection).demo:
        return None
    return int(row.id) if row and row.password else None


def set_language(connection: Connection, person: int, language: str) -> None:
    """The language that a person's screens speak."""
    user = system.user
    connection.execute(user.update().where(user.c.id == person).values(language=language))


def list_people(connection: Connection) -> list[Person]:
    roles: dict[int, list[str]] = {}
    for user_id, role in connection.execute(
        sa.select(system.user_role.c.user_id, system.user_role.c.role).order_by(
            system.user_role.c.role
        )
    ):
        roles.setdefault(user_id, []).append(role)
    rows = connection.execute(sa.select(system.user).order_by(system.user.c.id))
    return [
        Person(row.id, row.email, row.name, row.language, row.active, tuple(roles.get(row.id, ())))
        for row in rows
    ]


def is_anybody_there(connection: Connection) -> bool:
    """Whether the workspace has an account at all."""
    return connection.execute(sa.select(system.user.c.id).limit(1)).first() is not None


def find_person(connection: Connection, email: str) -> Person | None:
    address = clean_email(email)
    return next((one for one in list_people(connection) if one.email == address), None)

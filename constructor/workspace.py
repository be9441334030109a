"""A new workspace: its tables, settings and, if somebody is named, its owner."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.engine import Engine

from runtime.access.people import MIN_PASSWORD, add_person
from runtime.definitions.index import OWNER
from runtime.kernel.clock import system_clock
from runtime.kernel.errors import Refused
from runtime.kernel.money import currencies
from runtime.kernel.workspace import Workspace
from runtime.storage.database import is_prepared, prepare
from runtime.storage.engine import reading, writing


def make_workspace(
    engine: Engine,
    *,
    language: str = "en",
    country: str = "AZ",
    currency: str = "AZN",
    timezone: str = "Asia/Baku",
    owner: tuple[str, str] | None = None,
    demo: bool = False,
) -> None:
    """Raises `Refused` when there is one already, or when a setting means nothing."""
    check_region(country, currency, timezone)
    if owner and not demo and len(owner[1]) < MIN_PASSWORD:
        raise Refused("people.short_password", limit=MIN_PASSWORD)
    with writing(engine) as connection:
        if is_prepared(connection):
            raise Refused("workspace.exists")
        prepare(
            connection,
            Workspace(
                language=language, country=country, currency=currency, timezone=timezone, demo=demo
            ),
        )
        if owner:
            add_person(
                connection,
                email=owner[0],
                password=owner[1],
                roles=[OWNER],
                language=language,
                now=system_clock(),
            )


def prepare_if_empty(engine: Engine) -> bool:
    """Prepares a database that holds no workspace, without anybody in it; whether it did."""
    with reading(engine) as connection:
        if is_prepared(connection):
            return False
    make_workspace(engine)
    return True


def check_region(country: str, currency: str, timezone: str) -> None:
    if not re.fullmatch("[A-Z]{2}", country):
        raise Refused("workspace.bad_country", value=country)
    if currency not in currencies():
        raise Refused("workspace.bad_currency", value=currency)
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refused("workspace.bad_timezone", value=timezone) from error

"""Values of demo records: `@name` is another record, `@today+2 09:30` a moment near the day of
installation, an address an account."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from runtime.definitions.bundle import ModuleSource

_NAME = re.compile(r"@([a-z][a-z0-9_]{0,39})")
_DAY = re.compile(r"@today([+-]\d{1,5})?")
_MOMENT = re.compile(r"(@today(?:[+-]\d{1,5})?) ([01]\d|2[0-3]):([0-5]\d)")


class UnknownName(Exception):
    """A value speaks of a record that nobody has named; `args[0]` is the name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when demo records are installed. `names` and `people` lead to ids."""

    today: date
    zone: ZoneInfo
    names: Mapping[str, int]
    people: Mapping[str, int]


def names_in(kind: str, value: Any) -> list[str]:
    """The names of records that the value of a field of type `kind` waits for."""
    if kind not in ("reference", "references"):
        return []
    values = value if isinstance(value, list) else [value]
    return [match[1] for one in values if isinstance(one, str) and (match := _NAME.fullmatch(one))]


def resolve(kind: str, value: Any, place: Place) -> Any:
    """The JSON that a field of type `kind` reads. What is no demo word stays as it is, for the
    field to judge. Raises `UnknownName`."""
    if kind in ("reference", "user"):
        return _link(kind, value, place)
    if kind in ("references", "users") and isinstance(value, list):
        found = [_link(kind, one, place) for one in value]
        return [one for one in found if one is not None]
    if not isinstance(value, str):
        return value
    if kind == "date":
        day = _day(value, place)
        return value if day is None else day.isoformat()
    if kind == "datetime" and (match := _MOMENT.fullmatch(value)):
        return _moment(match, place)
    return value


def _link(kind: str, value: Any, place: Place) -> Any:
    if kind in ("user", "users"):
        # A workspace without the demo accounts simply has nobody there.
        return place.people.get(value) if isinstance(value, str) else value
    match = _NAME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    if match[1] not in place.names:
        raise UnknownName(match[1])
    return place.names[match[1]]


def _day(text: str, place: Place) -> date | None:
    match = _DAY.fullmatch(text)
    return place.today + timedelta(days=int(match[1] or 0)) if match else None


def _moment(match: re.Match[str], place: Place) -> str:
    day = _day(match[1], place) or place.today
    wall = datetime.combine(day, time(int(match[2]), int(match[3])), tzinfo=place.zone)
    return wall.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def named(module: ModuleSource) -> dict[str, str]:
    """Name -> uid of the entity, for every record of the module's demo that has one."""
    return {
        record["as"]: file.content["entity"]
        for file in module.of_kind("demo")
        for record in file.content["records"]
        if "as" in record
    }


def required_by(modules: Mapping[str, ModuleSource], key: str) -> list[str]:
    """The modules whose names the demo of `key` may use: its own, then those it requires."""
    order: list[str] = []
    waiting = [key]
    while waiting:
        one = waiting.pop(0)
        if one in modules and one not in order:
            order.append(one)
            waiting += modules[one].manifest.get("requires", {}).get("modules", {})
    return order

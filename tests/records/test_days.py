"""Filters by days that are counted from today."""

from __future__ import annotations

import pytest

from runtime.kernel.errors import BadQuery
from runtime.query.filters import read_filter
from runtime.records import find
from runtime.records.find import Query
from tests.kit.builders import entity, field, module
from tests.kit.workspace import Space


def days_found(space: Space, name: str, text: str) -> list[str]:
    """The days of the visits that the filter finds."""
    with space.reading() as ctx:
        visit = ctx.catalog.by_key["visit"]
        condition = read_filter(ctx.catalog, visit, name, text, ctx.actor.locale)
        page = find.find(ctx, Query(visit, (condition,), sort="day", fields=("day",)))
        return [str(one.values["day"]) for one in page.records(ctx.actor.locale)]


@pytest.fixture
def visits(space: Space) -> Space:
    """Visits around 2 March 2026, the day of the test's clock."""
    space.publish(module("shop", entity("visit", day="date", starts=field("datetime"))))
    rows = [
        {"day": "2026-03-01", "starts": "2026-03-01T19:59:00Z"},
        # Midnight of the second in Baku.
        {"day": "2026-03-02", "starts": "2026-03-01T20:00:00Z"},
        {"day": "2026-03-09", "starts": "2026-03-09T06:00:00Z"},
    ]
    space.create_many("visit", rows)
    return space


@pytest.mark.parametrize(
    ("name", "text", "days"),
    [
        ("day", "today", ["2026-03-02"]),
        ("day", "today+7", ["2026-03-09"]),
        ("day__lt", "today", ["2026-03-01"]),
        ("day__gte", "today-1", ["2026-03-01", "2026-03-02", "2026-03-09"]),
        ("starts__gte", "today", ["2026-03-02", "2026-03-09"]),
        ("starts__lt", "today", ["2026-03-01"]),
        ("starts__lt", "today+7", ["2026-03-01", "2026-03-02"]),
    ],
)
def test_days_are_counted_on_the_wall_of_the_workspace(
    visits: Space, name: str, text: str, days: list[str]
) -> None:
    assert days_found(visits, name, text) == days


def test_the_same_filter_means_another_day_tomorrow(visits: Space) -> None:
    assert days_found(visits, "day", "today") == ["2026-03-02"]
    visits.clock.forward(days=7)
    assert days_found(visits, "day", "today") == ["2026-03-09"]


@pytest.mark.parametrize(
    ("name", "text"), [("day", "today+"), ("day", "tomorrow"), ("starts", "today")]
)
def test_other_words_are_no_days_and_a_moment_is_no_day(
    visits: Space, name: str, text: str
) -> None:
    with pytest.raises(BadQuery):
        days_found(visits, name, text)

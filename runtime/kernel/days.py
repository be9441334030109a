"""Days counted from today: `today`, `today+7`, `today-30`. A saved filter keeps the word, and every
question reads it on the day on which it is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_WRITTEN = re.compile(r"today(?:([+-])([0-9]{1,4}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Day:
    """So many days after today; before it when negative."""

    after: int

    def date(self, now: datetime, zone: ZoneInfo) -> date:
        """The day on the wall of `zone`."""
        return now.astimezone(zone).date() + timedelta(days=self.after)

    def begins(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The moment at which the day begins there."""
        return datetime.combine(self.date(now, zone), datetime.min.time(), tzinfo=zone)


def read_day(text: str) -> Day | None:
    """The day that the text counts from today; None for any other text."""
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        return None
    days = int(match[2] or 0)
    return Day(-days if match[1] == "-" else days)

"""An exact number with a fixed count of decimals."""

from __future__ import annotations

from runtime.fields.numeric import ExactNumber


class Decimal(ExactNumber):
    name = "decimal"
    examples = ("0", "-12.50", "1234567.8")
    rejects = (12.5, 7, "1.234", "1e3", "1,5", "", True, "9" * 30, "1.5\n")
    widening = frozenset({"integer"})

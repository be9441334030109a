"""A share in hundredths: 12.5 stands for 12.5 %."""

from __future__ import annotations

from decimal import Decimal

from runtime.fields.base import Field, Widget
from runtime.fields.numeric import ExactNumber
from runtime.kernel.locale import Locale


class Percent(ExactNumber):
    name = "percent"
    examples = ("0", "12.5", "100.00", "-3")
    rejects = (12.5, "12%", "1.234", "", False)
    widening = frozenset({"integer", "decimal"})

    def convert(self, field: Field, text: str, locale: Locale) -> Decimal | None:
        return super().convert(field, text.strip().strip("%").strip(), locale)

    def text(self, field: Field, value: Decimal, locale: Locale) -> str:
        written = super().text(field, value, locale)
        # 12.50 % reads as 12.5 %, and convert gives the same number.
        if locale.point in written:
            written = written.rstrip("0").removesuffix(locale.point)
        return f"{written}\u00a0%"

    def widget(self, field: Field) -> Widget:
        return Widget("number", {"inputmode": "decimal", "suffix": "%"})

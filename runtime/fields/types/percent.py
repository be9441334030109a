"""A share in hundredths: 12.5 stands for 12.5 %."""

from __future__ import annotations

from decimal import Decimal

from runtime.fields.base import Field, Widget
from runtime.fields.numeric import ExactNumber
from runtime.kernel.locale import Locale


class Percent(ExactNumber):
    name = "percent"
    examples = ("0", "12.5", "100.00", "-3")
    rejects = (12.5, "12%", "1.234", "", False, "1.5\n")
    widening = frozenset({"integer", "decimal"})

    def convert(self, field: Field, text: str, locale: Locale) -> Decimal | None:
        return super().convert(field, text.strip().strip("%").strip(), locale)

    def text(self, field: Field, value: Decimal, locale: Locale) -> str:
        written = super().text(field, value, locale)
        # 12.50 % reads as 12.5 %. But 1.000,00 % in Azerbaijani must not become 1.000 %.
        if locale.point in written and locale.group not in written:
            written = written.rstrip("0").removesuffix(locale.point)
        return f"{written}\u00a0%"

    def widget(self, field: Field) -> Widget:
        return Widget("number", {"inputmode": "decimal", "suffix": "%"})

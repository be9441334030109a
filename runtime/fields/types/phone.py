"""A telephone number: typed any way, kept as E.164, shown as it is dialled at home."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import phonenumbers
from markupsafe import Markup

from runtime.fields import textual
from runtime.fields.base import Field, Json, Widget
from runtime.fields.html import link
from runtime.kernel.errors import Invalid
from runtime.kernel.locale import Locale
from runtime.kernel.reading import read_line

# E.164 has 15 digits at most; an extension follows as in RFC 3966, so that it is not lost.
PATTERN = r"^[+][1-9][0-9]{3,14}(;ext=[0-9]{1,7})?$"
# A word before the number would be lost, unless it only says that a number follows.
_LABEL = re.compile(r"^\W*(tel|mob|тел|моб)\b", re.IGNORECASE)
_INTERNATIONAL = re.compile(r"[+][1-9]\d{6,14}", re.ASCII)
_LETTER = re.compile(r"[^\W\d_]")


class Phone(textual.Line):
    name = "phone"
    options_schema = {
        "region": {
            "type": "string",
            "pattern": "^[A-Z]{2}$",
            "description": "Country of numbers typed without +; left out it is the workspace's",
        }
    }
    examples = ("+994502123456", "050 212 34 56", "+7 912 345-67-89", "+994 50 212 34 56 ext. 12")
    rejects = ("12", "not a phone", "+0123", 994502123456, "050 212 34 56 / 055 212 34 56")

    def load(self, field: Field, value: Any) -> str | None:
        line = read_line(textual.need_string(value))
        if not line:
            return None
        textual.check_text(field, line, 100)
        return _e164(line, field.options["region"])

    def json_schema(self, field: Field) -> Json:
        return {"type": "string", "pattern": PATTERN}

    def text(self, field: Field, value: str, locale: Locale) -> str:
        return _national(value, field.options["region"])

    def plain(self, field: Field, value: str) -> str:
        return value

    def cell(self, field: Field, value: str, locale: Locale) -> Markup:
        shown = self.text(field, value, locale)
        return link(f"tel:{value}", shown)

    def widget(self, field: Field) -> Widget:
        return Widget("phone", {"maxlength": 100})


def _e164(line: str, region: str) -> str:
    if _is_written_out(line):
        return line
    try:
        number = phonenumbers.parse(_half_width(line), region)
    except phonenumbers.NumberParseException as error:
        raise Invalid("invalid.phone") from error
    before = re.split(r"[\d+\uff0b]", _LABEL.sub("", line), maxsplit=1)[0]
    if _LETTER.search(before) or _says_more(line, number):
        raise Invalid("invalid.phone")
    if not phonenumbers.is_possible_number(number):
        raise Invalid("invalid.phone")
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{plain};ext={number.extension}" if number.extension else plain


def _is_written_out(line: str) -> bool:
    """Whether the line is E.164 beyond doubt: parsing would give it back, at ten times the cost."""
    match = _INTERNATIONAL.fullmatch(line)
    for end in (2, 3, 4) if match else ():
        plan = _plan(int(line[1:end]))
        if plan:
            number = line[end:]
            return number[0] != "0" and len(number) in plan[0] and not plan[1](number)
    return False


@cache
def _plan(country_code: int) -> tuple[frozenset[int], Callable[[str], object]] | None:
    """Lengths of the numbers of a country, and what tells a prefix that is dialled at home."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(country_code)
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(regions[0]) if regions else None
    if metadata is None or metadata.general_desc is None:
        return None
    prefix = re.compile(metadata.national_prefix_for_parsing or "(?!)")
    return frozenset(metadata.general_desc.possible_length), prefix.match


def _half_width(line: str) -> str:
    return line.replace("\uff0b", "+").replace("\u00a0", " ")


def _says_more(line: str, number: phonenumbers.PhoneNumber) -> bool:
    """Whether the cell holds digits beside this number: a second one must not be lost."""
    digits = sum(char.isdigit() for char in line)
    taken = phonenumbers.national_significant_number(number) + (number.extension or "")
    # Country code, trunk prefix and the 00 of a call abroad take at most six digits more.
    return digits > len(taken) + 6


@lru_cache(maxsize=4096)
def _national(value: str, region: str) -> str:
    """`050 212 34 56` at home, `+7 912 345-67-89` abroad; a number, so a cache by value is safe."""
    number = phonenumbers.parse(value, None)
    at_home = phonenumbers.region_code_for_country_code(number.country_code or 0) == region
    form = phonenumbers.PhoneNumberFormat
    return str(phonenumbers.format_number(number, form.NATIONAL if at_home else form.INTERNATIONAL))

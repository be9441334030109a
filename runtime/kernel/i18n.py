"""Sentences of the product in four languages: keys in code and templates, texts in `texts/`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale as Cldr

from runtime.kernel.errors import Message
from runtime.kernel.workspace import LANGUAGES

_FOLDER = Path(__file__).parent / "texts"

Text = str | Mapping[str, str]


@cache
def texts(language: str) -> Mapping[str, Text]:
    """Every sentence of one language; a value is a text or plural forms by CLDR category.

    `texts/<language>/` holds a file for each part of the product; no key stands in two of them.
    """
    loaded: dict[str, Text] = {}
    for path in sorted((_FOLDER / language).glob("*.json")):
        loaded |= json.loads(path.read_text("utf-8"))
    return loaded


@cache
def plural_rule(language: str) -> Callable[[float], str]:
    """Number -> CLDR category (`one`, `few`, `many`, `other`)."""
    rule: Callable[[float], str] = Cldr(language).plural_form
    return rule


def translate(language: str, key: str, /, **params: Any) -> str:
    """The sentence in `language`; `n` chooses the plural form. An unknown key is a KeyError."""
    text = texts(language)[key]
    if not isinstance(text, str):
        text = text.get(plural_rule(language)(params["n"])) or text["other"]
    if not params:
        return text
    return text.format_map({name: _spoken(language, value) for name, value in params.items()})


def _spoken(language: str, value: Any) -> Any:
    """A gap may hold a message, a label of a definition (called with the language), or several."""
    if isinstance(value, Message):
        return say(language, value)
    if isinstance(value, tuple):
        return ", ".join(str(_spoken(language, one)) for one in value)
    return value(language) if callable(value) else value


def within(language: str, title: str) -> str:
    """A title inside a sentence: `Patient` -> `patient`; `SMS` and `E-mail` stay."""
    if len(title) > 1 and not title[1].islower():
        return title
    dotless = {"I": "ı", "İ": "i"} if language in ("az", "tr") else {}
    return dotless.get(title[:1], title[:1].lower()) + title[1:]


def say(language: str, message: Message) -> str:
    """A message of the domain as a sentence."""
    return translate(language, message.key, **message.params)


def known(language: str) -> str:
    """The language if we speak it, else English."""
    return language if language in LANGUAGES else "en"

"""The product's own sentences: the same in four languages, all used, none missing."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel import Locale

from runtime.kernel.i18n import plural_rule, texts
from runtime.kernel.workspace import LANGUAGES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "runtime/kernel/texts"
PARTS = sorted({path.name for path in FOLDER.glob("*/*.json")})
KEY = re.compile(r"[a-z_]+\.[a-z0-9_]+")
GAP = re.compile(r"\{([a-z_]+)\}")
# Who takes a key: their literals must be keys.
SPEAKERS = {
    "message", "translate", "Invalid", "Refused", "Forbidden", "NotFound", "BadQuery", "t",
}  # fmt: skip


def read(language: str, part: str) -> dict:
    path = FOLDER / language / part
    assert path.is_file(), f"{language} has no {part}"
    return json.loads(path.read_text("utf-8"))


def forms(text: str | dict) -> dict[str, str]:
    return {"": text} if isinstance(text, str) else text


@pytest.mark.parametrize("part", PARTS)
def test_every_language_has_the_same_keys_in_the_same_order(part: str) -> None:
    english = list(read("en", part))
    for language in LANGUAGES:
        assert list(read(language, part)) == english, language


def test_no_key_stands_in_two_files() -> None:
    keys = [key for part in PARTS for key in read("en", part)]
    assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_those_of_the_language(language: str) -> None:
    wanted = set(Locale(language).plural_form.tags) | {"other"}
    for key, text in texts(language).items():
        if not isinstance(text, str):
            assert set(text) == wanted, key
            assert not isinstance(texts("en")[key], str), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_gaps_of_the_english_text(language: str) -> None:
    for key, text in texts(language).items():
        wanted = {name for form in forms(texts("en")[key]).values() for name in GAP.findall(form)}
        for category, form in forms(text).items():
            # "One field" may say its number in words; 21 may not.
            silent = {"n"} if category and numbers(language, category) == [1] else set()
            assert wanted - silent <= set(GAP.findall(form)) <= wanted, (key, category)


@cache
def numbers(language: str, category: str) -> list[int]:
    rule = plural_rule(language)
    return [number for number in range(200) if rule(number) == category]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_say_something_in_tidy_letters(language: str) -> None:
    # `origin.form` is silent on purpose: a change by a form is the rule.
    silent = {"origin.form"}
    for key, text in texts(language).items():
        for form in forms(text).values():
            assert form.strip() == form, key
            assert form or key in silent, key
            assert "  " not in form and "!" not in form, key


# What the code says


def sources() -> Iterator[Path]:
    for package in ("runtime", "constructor"):
        yield from (ROOT / package).rglob("*.py")


def templates() -> Iterator[str]:
    for path in (*(ROOT / "runtime").rglob("*.html"), *(ROOT / "constructor").rglob("*.html")):
        yield path.read_text("utf-8")


@cache
def trees() -> tuple[ast.AST, ...]:
    return tuple(ast.parse(path.read_text("utf-8")) for path in sources())


def spoken() -> set[str]:
    """Keys that stand where a key must stand."""
    found = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and name_of(node.func) in SPEAKERS:
                words = [one.value for one in node.args[:2] if isinstance(one, ast.Constant)]
                found |= {one for one in words if isinstance(one, str) and KEY.fullmatch(one)}
    for text in templates():
        found |= set(re.findall(r"\bt\(\s*[\"']([a-z_]+\.[a-z0-9_]+)[\"']", text))
    return found


def name_of(function: ast.expr) -> str:
    return getattr(function, "id", "") or getattr(function, "attr", "")


def mentioned() -> tuple[set[str], list[re.Pattern[str]]]:
    """Every text of the code that could be a key, and patterns of those put together."""
    literals: set[str] = set()
    patterns = []
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                literals.add(node.value)
            if isinstance(node, ast.JoinedStr) and begins_as_key(node):
                patterns.append(pattern_of(node))
    for text in templates():
        literals |= set(re.findall(r"[\"']([a-z_]+\.[a-z0-9_]+)[\"']", text))
        for head in re.findall(r"[\"']([a-z_]+\.[a-z0-9_]*)[\"']\s*~", text):
            patterns.append(re.compile(re.escape(head) + "[a-z0-9_]+"))
    return literals, patterns


def begins_as_key(node: ast.JoinedStr) -> bool:
    """`f"step.definition_{change}"`, but not `f"{table}.{column}"`."""
    head = node.values[0]
    return isinstance(head, ast.Constant) and bool(re.match(r"[a-z_]+\.", str(head.value)))


def pattern_of(node: ast.JoinedStr) -> re.Pattern[str]:
    return re.compile(
        "".join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z0-9_]+"
            for part in node.values
        )
    )


def test_every_key_that_the_code_says_has_a_text() -> None:
    assert spoken() - set(texts("en")) == set()


def test_no_text_is_left_over() -> None:
    literals, patterns = mentioned()
    unused = [
        key
        for key in texts("en")
        if key not in literals and not any(one.fullmatch(key) for one in patterns)
    ]
    assert unused == []

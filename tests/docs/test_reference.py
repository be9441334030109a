"""The reference says what the code says."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from constructor.reference.__main__ import HOME as REFERENCE
from constructor.reference.commands import commands
from constructor.reference.files import program, reference_files, stale
from constructor.reference.words import words_of
from runtime.definitions.checks.identity import RESERVED, RESERVED_MODULES
from runtime.definitions.schemas import KINDS
from runtime.fields.registry import field_types
from runtime.kernel.settings import NAMES
from tests.docs.reader import DOCS, HOME

LANGUAGE = DOCS / "guide" / "language.md"


def text(page: str) -> str:
    return (REFERENCE / page).read_text("utf-8")


def test_no_page_is_stale() -> None:
    old = stale(REFERENCE, reference_files())
    assert old == [], "run `python -m constructor.reference`"


@pytest.mark.parametrize("name", list(field_types()))
def test_every_field_type_has_a_section_and_a_place_in_the_guide(name: str) -> None:
    assert f"\n## {name}\n" in text("field-types.md")
    assert f"| `{name}` |" in LANGUAGE.read_text("utf-8")


def test_every_operator_has_a_line() -> None:
    for name, kind in field_types().items():
        for operator in kind.operators:
            [line] = [one for one in text("filters.md").splitlines() if f"| `{operator}` |" in one]
            assert name in line


@pytest.mark.parametrize("kind", KINDS)
def test_every_word_is_explained_in_the_guide(kind: str) -> None:
    guide = LANGUAGE.read_text("utf-8")
    for word in words_of(kind):
        name = word.path.rpartition(".")[2]
        assert word.meaning, f"{kind}: {word.path} has no description"
        assert f"`{name}`" in guide or f'"{name}"' in guide, f"{kind}: {word.path}"


@pytest.mark.parametrize("kind", ["table", "form", "card"])
def test_every_kind_of_view_has_a_section_in_the_guide(kind: str) -> None:
    assert f"\n### {kind}\n" in LANGUAGE.read_text("utf-8")


def test_every_command_setting_and_reserved_word_is_listed() -> None:
    for path, _ in commands(program):
        assert f"\n## {' '.join(path)}\n" in text("commands.md")
    for name in NAMES:
        assert f"`{name}`" in text("settings.md")
    for word in RESERVED | RESERVED_MODULES:
        assert f"`{word}`" in text("reserved-words.md")


@pytest.mark.parametrize("kind", KINDS)
def test_published_schemas_are_schemas_that_take_what_is_shipped(kind: str) -> None:
    schema = json.loads(text(f"schemas/{kind}.schema.json"))
    Draft202012Validator.check_schema(schema)
    folder = {"module": ".", "entity": "entities", "texts": "i18n"}.get(kind, f"{kind}s")
    folder = "demo" if kind == "demo" else folder
    pattern = "module.json" if kind == "module" else "*.json"
    for path in HOME.glob(f"modules/*/{folder}/{pattern}"):
        Draft202012Validator(schema).validate(json.loads(path.read_text("utf-8")))

"""The shipped modules as definitions: sound, canonical, complete in every language."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from constructor.install import bundled_modules
from constructor.publish import BUNDLED, bundle_in_force, check_folder, write_folder
from runtime.catalog.compile import compile_catalog
from runtime.definitions.bundle import ModuleSource
from runtime.definitions.canonical import canonical_bundle, to_bytes
from runtime.definitions.index import Index, index, option_uid, transition_uid
from runtime.kernel.workspace import LANGUAGES, Workspace
from runtime.storage.engine import reading
from tests.kit.workspace import Space

MODULES = bundled_modules()
KEYS = {
    "crm": {"client", "contact", "branch"},
    "clinic": {
        "patient", "practitioner", "department", "service", "room", "appointment", "visit",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def found() -> Index:
    return index(MODULES)


def test_the_check_finds_no_mistake() -> None:
    assert check_folder(BUNDLED) == []


@pytest.mark.parametrize("key", KEYS)
def test_the_shipped_entities_have_the_keys_that_programs_rely_on(key: str, found: Index) -> None:
    keys = {one.source.key for one in found.entities.values() if one.source.module == key}
    assert KEYS[key] <= keys


@pytest.mark.parametrize("key", MODULES)
def test_files_are_written_as_an_export_writes_them(key: str) -> None:
    written = {file.path: to_bytes(file.content) for file in canonical_bundle(MODULES)[key].files}
    on_disk = {path: (BUNDLED / key / path).read_bytes() for path in json_files(BUNDLED / key)}
    assert on_disk.keys() == written.keys()
    for path, content in on_disk.items():
        assert content == written[path], f"{key}/{path} is not canonical"


def test_an_export_of_the_installed_modules_gives_their_files_byte_by_byte(
    demo: Space, tmp_path: Path
) -> None:
    with reading(demo.engine) as connection:
        write_folder(bundle_in_force(connection), tmp_path)
    for key in ("crm", "clinic"):
        shipped = [one for one in json_files(BUNDLED / key) if not one.startswith("demo/")]
        assert sorted(json_files(tmp_path / key)) == sorted(shipped)
        for path in shipped:
            assert (tmp_path / key / path).read_bytes() == (BUNDLED / key / path).read_bytes()


def json_files(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*.json"))


@pytest.mark.parametrize("key", MODULES)
def test_a_module_says_what_it_is_and_what_changed(key: str) -> None:
    version = MODULES[key].manifest["version"]
    assert (BUNDLED / key / "README.md").read_text("utf-8").startswith("# ")
    assert f"## {version}" in (BUNDLED / key / "CHANGELOG.md").read_text("utf-8")


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
@pytest.mark.parametrize("key", MODULES)
def test_every_text_is_translated(key: str, language: str, found: Index) -> None:
    texts = texts_of(MODULES[key], language)
    missing = [
        (uid, word) for uid, word in needed(found, MODULES[key]) if word not in texts.get(uid, {})
    ]
    assert missing == []


@pytest.mark.parametrize("key", MODULES)
def test_the_source_language_keeps_its_texts_in_the_definitions(key: str) -> None:
    words = {word for one in texts_of(MODULES[key], "en").values() for word in one}
    assert words <= {"plural", "inverse"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_records_are_counted_in_the_plural_forms_of_the_language(language: str) -> None:
    catalog = compile_catalog(MODULES, Workspace(), 1)
    for entity in catalog.entities.values():
        assert entity.plurals[language].keys() == (
            {"one", "few", "many", "other"} if language == "ru" else {"one", "other"}
        ), entity.uid
    patient = catalog.by_key["patient"]
    assert patient.counted("en", 1) == "1 patient"
    assert patient.counted("ru", 22) == "22 пациента"
    assert patient.counted("ru", 112) == "112 пациентов"


def texts_of(module: ModuleSource, language: str) -> dict[str, dict[str, object]]:
    [file] = [one for one in module.of_kind("texts") if one.name == language]
    return {uid: words for uid, words in file.content.items() if uid != "$schema"}


def needed(found: Index, module: ModuleSource) -> Iterator[tuple[str, str]]:
    """Every (uid, word) of the module that people read."""
    yield from ((module.key, "title"), (module.key, "summary"))
    for entity in found.entities.values():
        if entity.source.module == module.key:
            yield from ((entity.source.uid, word) for word in ("title", "list_title", "plural"))
        for field in entity.fields.values():
            if field.module != module.key:
                continue
            yield field.uid, "title"
            if "description" in field.content:
                yield field.uid, "help"
            options = field.content["x-field"].get("options", ())
            yield from ((option_uid(field.uid, option), "title") for option in options)
    for flow in (one for one in found.workflows.values() if one.module == module.key):
        yield from ((option_uid(flow.uid, state), "title") for state in flow.content["states"])
        steps = flow.content["transitions"]
        yield from ((transition_uid(flow.uid, step), "title") for step in steps)
    for view in (one for one in found.views.values() if one.module == module.key):
        yield view.uid, "title"
        sections = view.content.get("settings", {}).get("sections", ())
        yield from ((f"{view.uid}.{part['key']}", "title") for part in sections)
    yield from ((role.uid, "title") for role in found.roles.values() if role.module == module.key)


def test_every_role_says_something_of_every_entity(found: Index) -> None:
    for role in found.roles.values():
        assert set(role.content["rights"]) == set(found.entities), role.key


def test_identifiers_of_an_old_system_stay_out_of_forms_and_lists(found: Index) -> None:
    for view in found.views.values():
        settings = view.content["settings"]
        shown = [*settings.get("columns", ())]
        if view.content["kind"] == "form":
            shown += [key for part in settings["sections"] for key in part["fields"]]
        assert "source_id" not in shown, view.uid


def test_any_validator_checks_a_record_with_the_entity_file(demo: Space) -> None:
    for entity in (demo.entity(key) for keys in KEYS.values() for key in keys):
        path = BUNDLED / entity.module / f"entities/{entity.key}.json"
        schema = Draft202012Validator(
            json.loads(path.read_text("utf-8")),
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        )
        for record in demo.find(entity.key, limit=200):
            dumped = {
                one.key: one.type.dump(one, record.values[one.key])
                for one in entity.fields
                if one.key != "status" and record.values[one.key] not in (None, ())
            }
            assert list(schema.iter_errors(dumped)) == []
        assert list(schema.iter_errors({})) != []

"""Whatever JSON stands in a module's files, the answer is a list of mistakes and never a crash."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.catalog.compile import compile_catalog
from runtime.definitions.bundle import FOLDERS, File, ModuleSource
from runtime.definitions.canonical import canonical_bundle, to_bytes
from runtime.definitions.check import problems_of
from runtime.definitions.load import load_folder, parse
from runtime.kernel.workspace import Workspace
from tests.kit.builders import everything, role, texts, view
from tests.kit.samples import sample

SUITE = sample("json_schema_suite/tests/draft2020-12")
HOSTILE = sample("hostile_strings/blns.json")

atoms = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.sampled_from(["$ref", "x-field", "type", "../x", "{name}", "a.b", "all.thing", 10**400])
)
anything = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def sound() -> ModuleSource:
    """A module with a file of every kind."""
    made = everything()
    mapping = {
        "entity": "all.thing",
        "columns": {"A": "name", "B": {"field": "owner", "by": "name"}},
    }
    more = (
        view("all.list", "all.thing", filter={"name": "a"}, settings={"columns": ["name"]}),
        view("all.form", "all.thing", kind="form", settings={"sections": [{"fields": ["name"]}]}),
        role("clerk", {"all.thing": {"see": "own", "edit": "own"}}, "all"),
        texts("az", {"all.thing": {"title": "Şey", "plural": {"one": "{n}", "other": "{n} şey"}}}),
        File("imports/things.json", "import", mapping),
        File("demo/box.json", "demo", {
            "entity": "all.box", "records": [{"as": "b", "values": {}}]
        }),
        File("entities/box.extends.json", "entity", {
            "x-extends": "all.box", "properties": {"more": {"x-field": {"type": "text"}}}
        }),
    )  # fmt: skip
    return ModuleSource(made.key, (*made.files, *more))


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(node, dict | list):
        for key in node if isinstance(node, dict) else range(len(node)):
            found += places(node[key], (*path, key))
    return found


def judge(module: ModuleSource) -> None:
    """Mistakes, or a catalog: nothing in between."""
    bundle = {module.key: module}
    problems = problems_of(bundle)
    for problem in problems:
        assert problem.line().encode()
        assert problem.path.startswith("$")
    if not problems:
        canonical = canonical_bundle(bundle)
        compile_catalog(canonical, Workspace(), 1)
        assert canonical_bundle(canonical) == canonical


def test_the_module_that_is_changed_below_is_sound() -> None:
    assert problems_of({"all": sound()}) == []


@given(st.data())
def test_one_value_of_a_sound_module_becomes_anything(data: st.DataObject) -> None:
    module = sound()
    number = data.draw(st.integers(0, len(module.files) - 1))
    content = copy.deepcopy(module.files[number].content)
    *way, last = data.draw(st.sampled_from(places(content)))
    holder = content
    for step in way:
        holder = holder[step]
    if data.draw(st.booleans()):
        holder[last] = data.draw(anything)
    else:
        del holder[last]
    changed = File(module.files[number].path, module.files[number].kind, content)
    judge(ModuleSource("all", (*module.files[:number], changed, *module.files[number + 1 :])))


@given(
    st.sampled_from([*FOLDERS.values(), "module"]), st.dictionaries(st.text(max_size=8), anything)
)
def test_a_file_of_anything(kind: str, content: dict[str, Any]) -> None:
    module = sound()
    judge(ModuleSource("all", (*module.files, File("entities/strange.json", kind, content))))


@given(st.binary(max_size=60) | anything.map(lambda made: json.dumps(made).encode()))
def test_bytes_are_json_for_us_or_refused(tmp_path_factory: Any, raw: bytes) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    (folder / "module.json").write_bytes(raw)
    modules, problems = load_folder(folder)
    assert bool(problems) != bool(modules[0].manifest or raw.strip() == b"{}")


@given(st.text(max_size=60))
def test_what_is_read_is_what_was_written(text: str) -> None:
    if text.isprintable():
        assert parse(to_bytes({"a": text, text: [text]})) == {"a": text, text: [text]}


@pytest.mark.skipif(not SUITE.is_dir(), reason="the official suite is not here")
def test_the_official_suite_of_json_schema_does_no_harm_as_a_definition() -> None:
    module = sound()
    for path in sorted(SUITE.glob("**/*.json")):
        for group in json.loads(path.read_text("utf-8")):
            schema = group["schema"]
            content = schema if isinstance(schema, dict) else {"properties": schema}
            judge(ModuleSource("all", (*module.files, File("entities/s.json", "entity", content))))
            words = {"x-field": {"type": "text"}, **content}
            entity = {"title": "S", "x-entity": {"key": "s"}, "properties": {"a": words}}
            judge(ModuleSource("all", (*module.files, File("entities/s.json", "entity", entity))))


@pytest.mark.skipif(not HOSTILE.is_file(), reason="the list of hostile strings is not here")
def test_hostile_strings_as_labels_and_keys_do_no_harm() -> None:
    for text in json.loads(HOSTILE.read_text("utf-8")):
        content = {
            "title": text or "T",
            "x-entity": {"key": "s", "titled_by": text or "{a}"},
            "properties": {"a": {"title": text, "x-field": {"type": "text"}}},
        }
        judge(ModuleSource("all", (*sound().files, File("entities/s.json", "entity", content))))

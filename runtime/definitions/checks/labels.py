"""Is every text for people plain text, and does `i18n/` speak of things that exist?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from runtime.definitions.bundle import File, ModuleSource
from runtime.definitions.index import Index, Source, option_uid, transition_uid
from runtime.definitions.report import Report, joined
from runtime.kernel.errors import Invalid
from runtime.kernel.reading import read_line
from runtime.kernel.workspace import LANGUAGES

_MARKUP = re.compile(r"<[A-Za-z/!?]|&(#\d+|#x[0-9a-fA-F]+|[A-Za-z]+);|\{\{|\{%")
# Under these words stand values and names of columns, not texts of ours.
_DATA = ("filter", "columns", "values", "default", "examples", "enum", "$comment")
_FOR_PEOPLE = (
    "title", "list_title", "titled_by", "summary", "description", "because", "help", "inverse",
    "licence",
)  # fmt: skip


def check_labels(found: Index, report: Report) -> None:
    known = known_uids(found)
    for module in found.bundle.values():
        for file in module.files:
            if file.kind == "demo":
                continue
            source = Source("", "", module.key, module.place(file), "$", file.content)
            for path, text in _texts(file, file.content, ""):
                _plain(source, path, text, report)
            if file.kind == "texts":
                _texts_file(module, file, source, known, report)


def _texts(file: File, node: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text for people in a file, with its path."""
    children = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in children:
        place = joined(path, key)
        if key in _DATA and file.kind != "texts" and not _is_property(value):
            continue
        if isinstance(value, str):
            if key in _FOR_PEOPLE or path.endswith((".plural", ".titled_by")):
                yield place, value
        elif isinstance(value, dict | list):
            yield from _texts(file, value, place)


def _is_property(value: Any) -> bool:
    """A field may well be called `values`."""
    return isinstance(value, dict) and "x-field" in value


def _plain(source: Source, path: str, text: str, report: Report) -> None:
    try:
        read_line(text)
    except Invalid:
        report.add(source, path, "a label is one line without control characters", found=text)
        return
    if not text.strip():
        report.add(source, path, "a label says something", found=text)
    if _MARKUP.search(text):
        report.add(source, path, "a label is plain text, without markup", found=text)


def _texts_file(
    module: ModuleSource, file: File, source: Source, known: set[str], report: Report
) -> None:
    if file.name not in LANGUAGES:
        report.add(
            source, "", "the file is named after a language", found=file.name, allowed=LANGUAGES
        )
    for uid in file.content:
        if uid != "$schema" and uid not in known:
            report.unknown(source, joined("", uid), "definition", uid, sorted(known))


def known_uids(found: Index) -> set[str]:
    """Everything that can have a text."""
    known = set(found.bundle) | {claim.uid for claim in found.claims}
    for entity in found.entities.values():
        for field in entity.fields.values():
            options = field.content["x-field"].get("options", ())
            known |= {option_uid(field.uid, option) for option in options}
    for flow in found.workflows.values():
        known |= {option_uid(flow.uid, state) for state in flow.content["states"]}
        known |= {transition_uid(flow.uid, step) for step in flow.content["transitions"]}
    for view in found.views.values():
        sections = view.content.get("settings", {}).get("sections", ())
        known |= {f"{view.uid}.{part['key']}" for part in sections if "key" in part}
    return known

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

_MARKUP = re.compile(r"<\s*[A-Za-z/!?]|&(#\d+|#x[0-9a-fA-F]+|[A-Za-z]+);|\{\{|\{%")
_FOR_PEOPLE = ("title", "list_title", "summary", "description", "because", "help", "inverse")


def check_labels(found: Index, report: Report) -> None:
    known = known_uids(found)
    for module in found.bundle.values():
        for file in module.files:
            if file.kind == "demo":
                continue
            source = Source("", "", module.key, module.place(file), "$", file.content)
            for path, text in _texts(file.content, ""):
                _plain(source, path, text, report)
            if file.kind == "texts":
                _texts_file(module, file, source, known, report)


def _texts(node: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text for people in a file, with its path."""
    children = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in children:
        place = joined(path, key)
        if isinstance(value, str):
            if key in _FOR_PEOPLE or ".plural" in path:
                yield place, value
        elif isinstance(value, dict | list):
            yield from _texts(value, place)


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
    known |= {source.uid for source in found.imports}
    return known

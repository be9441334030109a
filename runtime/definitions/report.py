"""Collects mistakes and says them so that an author can mend them at once."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from runtime.definitions.index import Source
from runtime.kernel.errors import DefinitionProblem

_SHOWN = 12
_NAME = re.compile(r"[^\W\d][\w$-]*|\$\w+")


@dataclass(slots=True)
class Report:
    """Every mistake of a check, in the order in which they were met."""

    problems: list[DefinitionProblem] = field(default_factory=list)
    # Names that stand in parts of files that are broken: they may well exist.
    hidden: frozenset[str] = frozenset()

    def add(
        self,
        source: Source,
        path: str,
        problem: str,
        *,
        found: Any = None,
        allowed: Collection[str] = (),
    ) -> None:
        """`path` goes on from the source's own; `allowed` also feeds the suggestion."""
        self.problems.append(
            DefinitionProblem(
                source.file,
                source.path + path,
                problem,
                found="" if found is None else shown(found),
                allowed=listed(allowed),
                suggestion=nearest(found, allowed),
            )
        )

    def unknown(
        self, source: Source, path: str, what: str, found: Any, allowed: Collection[str]
    ) -> None:
        """Something is named that is not there."""
        if self.hides(found):
            return
        self.add(source, path, f"there is no {what} of that name", found=found, allowed=allowed)

    def hides(self, name: Any) -> bool:
        """Whether the name may be that of something in a broken part of a file."""
        return isinstance(name, str) and not self.hidden.isdisjoint({name, *name.split(".")[1:]})


def joined(path: str, *parts: str | int) -> str:
    """A JSON path goes on: `.key`, `[0]`, and `['clinic.patient']` for a name with points."""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if _NAME.fullmatch(part) else f"[{part!r}]"
    return path


def shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= 80 else f"{text[:77]}..."


def listed(allowed: Collection[str]) -> str:
    names = list(dict.fromkeys(allowed))
    if len(names) <= _SHOWN:
        return ", ".join(names)
    return ", ".join(names[:_SHOWN]) + f" and {len(names) - _SHOWN} more"


def nearest(found: Any, allowed: Collection[str]) -> str:
    if not isinstance(found, str) or not allowed:
        return ""
    close = difflib.get_close_matches(found, list(allowed), n=1, cutoff=0.6)
    if close:
        return close[0]
    # `patient` for `clinic.patient`: the last part of a uid is what people remember.
    ends = [name for name in allowed if name.rpartition(".")[2] == found.rpartition(".")[2]]
    return ends[0] if len(ends) == 1 else ""

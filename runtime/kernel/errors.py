"""What can go wrong, as values of the domain; texts are translation keys with parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for people: a key of `kernel/texts/` and what stands in its gaps."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


def message(key: str, /, **params: Any) -> Message:
    return Message(key, params)


class QurucuError(Exception):
    """The root of every refusal; `message` says in one sentence what happened and what to do."""

    def __init__(self, text: Message) -> None:
        super().__init__(text.key, dict(text.params))
        self.message = text


class Invalid(QurucuError):
    """One value does not fit its field. Raised by field types, collected by validation."""

    def __init__(self, key: str, /, **params: Any) -> None:
        super().__init__(Message(key, params))


class Refused(QurucuError):
    """The act is forbidden by a rule: delete rule, workflow, taken value (409)."""

    def __init__(self, key: str, /, **params: Any) -> None:
        super().__init__(Message(key, params))


class Forbidden(QurucuError):
    """The actor has no right to it (403)."""

    def __init__(self, key: str = "error.forbidden", /, **params: Any) -> None:
        super().__init__(Message(key, params))


class NotFound(QurucuError):
    """Not there, or not the actor's to see (404)."""

    def __init__(self, key: str = "error.not_found", /, **params: Any) -> None:
        super().__init__(Message(key, params))


class BadQuery(QurucuError):
    """A filter, sort key, cursor or parameter that does not exist or does not parse (400)."""

    def __init__(self, key: str, /, **params: Any) -> None:
        super().__init__(Message(key, params))


class RevisionMoved(QurucuError):
    """Definitions were published between reading and writing; the caller reloads and retries."""

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(message("error.revision_moved", expected=expected, found=found))
        self.expected = expected
        self.found = found


@dataclass(frozen=True, slots=True)
class RowErrors:
    """What is wrong with one row of a batch: messages by field key; `""` holds those of the row."""

    index: int
    fields: Mapping[str, tuple[Message, ...]]


class ValidationFailed(QurucuError):
    """Rows of a batch do not validate (422); nothing was written."""

    def __init__(self, rows: Sequence[RowErrors]) -> None:
        super().__init__(message("error.validation", n=sum(len(row.fields) for row in rows)))
        self.rows = tuple(rows)

    @property
    def first(self) -> Mapping[str, tuple[Message, ...]]:
        """The messages of the first bad row: all there is when the batch holds one record."""
        return self.rows[0].fields


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """One field that two people changed: what each wants and what stood there before."""

    key: str
    original: Any
    yours: Any
    theirs: Any


class Conflict(QurucuError):
    """The record changed meanwhile (409, or 412 for `If-Match`).

    `fields` is empty when only the version is compared (REST).
    """

    def __init__(self, expected: int, found: int, fields: Sequence[FieldConflict] = ()) -> None:
        super().__init__(message("error.conflict", expected=expected, found=found))
        self.expected = expected
        self.found = found
        self.fields = tuple(fields)


@dataclass(frozen=True, slots=True)
class DefinitionProblem:
    """One mistake in a definition: where it stands, what was found, what is allowed.

    `path` is a JSON path from the root of the file (`$.properties.phone.x-field.type`).
    """

    file: str
    path: str
    problem: str
    found: str = ""
    allowed: str = ""
    suggestion: str = ""

    def line(self) -> str:
        parts = [f"{self.file}: {self.path}: {self.problem}"]
        if self.found:
            parts.append(f"found {self.found}")
        if self.allowed:
            parts.append(f"allowed: {self.allowed}")
        if self.suggestion:
            parts.append(f"did you mean {self.suggestion}?")
        return "; ".join(parts)


class DefinitionErrors(QurucuError):
    """Definitions that cannot be compiled, every mistake at once."""

    def __init__(self, problems: Sequence[DefinitionProblem]) -> None:
        super().__init__(message("error.definitions", n=len(problems)))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(problem.line() for problem in self.problems)

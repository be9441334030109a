"""Leaves out of a style sheet the rules that no template of ours can ever match.

Tabler brings 620 kB for every kind of page; a rule whose classes are written nowhere in our
sources is dead weight on a phone. What is written is found by words, not by parsing, so a class
that is put together from parts must stand whole somewhere in the source.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r"[A-Za-z0-9_-]+")
_CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_VARIABLE = re.compile(r"--[\w-]+")
_DEFINED = re.compile(r"(--[\w-]+)\s*:")
# At-rules that hold rules of their own.
_NESTING = ("@media", "@supports", "@layer", "@container")


def words_of(source: str) -> set[str]:
    """Everything in a source that might be the name of a class."""
    return set(_WORD.findall(source))


def trim(css: str, used: Collection[str]) -> str:
    """The style sheet without rules for classes that are not in `used`, then without variables,
    animations that nothing refers to any more."""
    kept = "".join(_rules(_COMMENT.sub("", css), used))
    while True:
        smaller = _without_unused(kept)
        if smaller == kept:
            return kept
        kept = smaller


def _rules(css: str, used: Collection[str]) -> Iterator[str]:
    for head, body in _blocks(css):
        if body is None:
            yield f"{head};"
        elif head.startswith(_NESTING):
            inner = "".join(_rules(body, used))
            if inner:
                yield f"{head}{{{inner}}}"
        elif head.startswith("@"):
            yield f"{head}{{{body}}}"
        else:
            selectors = [one for one in _selectors(head) if _can_match(one, used)]
            if selectors:
                yield f"{','.join(selectors)}{{{body}}}"


def _blocks(css: str) -> Iterator[tuple[str, str | None]]:
    """Heads with their bodies; None for a statement such as `@charset`."""
    start = place = 0
    while place < len(css):
        char = css[place]
        if char in "\"'":
            place = css.index(char, place + 1)
        elif char == ";":
            yield css[start:place].strip(), None
            start = place + 1
        elif char == "{":
            end = _closing(css, place)
            yield css[start:place].strip(), css[place + 1 : end]
            start, place = end + 1, end
        place += 1


def _closing(css: str, opening: int) -> int:
    depth, place = 0, opening
    while True:
        char = css[place]
        if char in "\"'":
            place = css.index(char, place + 1)
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return place
        place += 1


def _selectors(head: str) -> Iterator[str]:
    """The parts of a selector list; a comma inside brackets divides nothing."""
    depth = start = 0
    for place, char in enumerate(head):
        depth += (char in "([") - (char in ")]")
        if char == "," and depth == 0:
            yield head[start:place]
            start = place + 1
    yield head[start:]


def _can_match(selector: str, used: Collection[str]) -> bool:
    """Classes in brackets (`:not(.x)`, `:is(.x, .y)`) rule nothing out."""
    bare, before = selector, ""
    while bare != before:
        bare, before = _IN_BRACKETS.sub("", bare), bare
    return all(name.replace("\\", "") in used for name in _CLASS.findall(bare))


def _without_unused(css: str) -> str:
    defined = set(_DEFINED.findall(css))
    mentioned = set(_VARIABLE.findall(_DEFINED.sub("", css)))
    dead = defined - mentioned
    return "".join(_without(css, dead))


def _without(css: str, dead: set[str]) -> Iterator[str]:
    for head, body in _blocks(css):
        if body is None:
            yield f"{head};"
        elif head.startswith(_NESTING):
            yield f"{head}{{{''.join(_without(body, dead))}}}"
        elif head.startswith("@keyframes"):
            name = head.split()[-1]
            if re.search(rf"animation[\w-]*:[^;}}]*\b{re.escape(name)}\b", css):
                yield f"{head}{{{body}}}"
        elif head.startswith("@"):
            yield f"{head}{{{body}}}"
        else:
            left = [one for one in _declarations(body) if one.partition(":")[0].strip() not in dead]
            if left:
                yield f"{head}{{{';'.join(left)}}}"


def _declarations(body: str) -> Iterator[str]:
    """Declarations of one rule; a semicolon in brackets or quotes (data:) divides nothing."""
    start = depth = 0
    quote = ""
    for place, char in enumerate(body):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == ";" and depth == 0:
            if body[start:place].strip():
                yield body[start:place]
            start = place + 1
    if body[start:].strip():
        yield body[start:]

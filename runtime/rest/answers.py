"""Answers of REST: JSON, versions as ETags, and what a client says about them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import Response, request

from runtime.kernel.errors import BadQuery

# RFC 9110 8.8.3, and the bare number for those who write it by hand.
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"|([0-9]{1,10})')


def answer(
    value: Any, status: int = 200, *, version: int | None = None, location: str | None = None
) -> Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, status, content_type="application/json")
    if version is not None:
        response.headers["ETag"] = f'"{version}"'
    if location is not None:
        response.headers["Location"] = location
    return response


def empty_answer(status: int, headers: Mapping[str, str] | None = None) -> Response:
    response = Response(status=status, headers=headers)
    del response.headers["Content-Type"]
    return response


def record_answer(record: Mapping[str, Any]) -> Response:
    """One record with its version; 304 for a client that has it."""
    tag = f'"{record["version"]}"'
    # What stands behind an expanded reference has a version of its own.
    known = [one for one, _ in _tags("If-None-Match")]
    if not request.args.get("expand") and (tag in known or "*" in known):
        return empty_answer(304, {"ETag": tag})
    return answer(record, version=record["version"])


def wanted_versions() -> frozenset[int] | None:
    """The versions of which the client says that one must be in force; None without a condition.

    A weak tag, or one that is no version, matches none. Raises `BadQuery` for a malformed header.
    """
    tags = _tags("If-Match")
    if not tags or any(tag == "*" for tag, _ in tags):
        return None
    strong = (tag.strip('"') for tag, weak in tags if not weak)
    return frozenset(int(tag) for tag in strong if re.fullmatch("[0-9]{1,10}", tag))


def _tags(header: str) -> list[tuple[str, bool]]:
    """Each tag of the header in its quotes, and whether it is weak."""
    text = request.headers.get(header)
    if text is None:
        return []
    text = text.strip()
    if text == "*":
        return [("*", False)]
    if not text:
        raise BadQuery("rest.bad_tag", header=header)
    found, place = [], 0
    while place < len(text):
        match = _TAG.match(text, place)
        if match is None:
            raise BadQuery("rest.bad_tag", header=header)
        found.append((f'"{match[2] if match[3] is None else match[3]}"', bool(match[1])))
        rest = text[match.end() :].lstrip()
        if rest and not rest.startswith(","):
            raise BadQuery("rest.bad_tag", header=header)
        place = len(text) - len(rest.lstrip(", \t"))
    return found

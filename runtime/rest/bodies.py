"""Bodies of requests: JSON, read strictly, within limits that keep a worker alive."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from runtime.kernel.errors import BadQuery

# Bytes. A thousand records with long notes fit; a pasted film does not.
MAX_BODY = 16 * 1024 * 1024
# Rows of one bulk call.
MAX_ROWS = 1_000
# Records nest by two levels (a row, its sum of money).
MAX_DEPTH = 32
_TYPES = frozenset({"application/json", "application/merge-patch+json"})


def read_body() -> Any:
    """The JSON value that was sent; None where nothing was sent.

    Raises `BadQuery` (400) for what is no JSON, `UnsupportedMediaType` (415) for another type,
    `RequestEntityTooLarge` (413) beyond `MAX_BODY`.
    """
    request.max_content_length = MAX_BODY
    raw = request.get_data(cache=False)
    if not raw:
        return None
    if request.mimetype not in _TYPES:
        raise UnsupportedMediaType
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_number
        )
    except RecursionError as error:
        raise BadQuery("rest.deep", limit=MAX_DEPTH) from error
    except ValueError as error:
        # Not UTF-8, not JSON, or a number of thousands of digits.
        raise BadQuery("rest.not_json", why=_why(error)) from error
    _check_depth(value)
    return value


def need_body() -> Any:
    """As `read_body`, but an empty body is refused."""
    value = read_body()
    if value is None:
        raise BadQuery("rest.no_body")
    return value


def _why(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}: line {error.lineno}, column {error.colno}"
    return "UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)[:100]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: of two values of one name nobody can say which counts."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadQuery("rest.twice", name=twice[:80])
    return made


def _no_number(name: str) -> NoReturn:
    raise BadQuery("rest.no_number", name=name)


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return
    raise BadQuery("rest.deep", limit=MAX_DEPTH)


def _inside(value: Any) -> list[Any]:
    """The containers directly inside a value."""
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return []
    return [inner for inner in value if isinstance(inner, dict | list)]

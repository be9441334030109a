"""Which status a refusal of the domain has over HTTP."""

from __future__ import annotations

from runtime.http.state import NotSignedIn
from runtime.kernel.errors import (
    BadQuery,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    QurucuError,
    Refused,
    RevisionMoved,
    ValidationFailed,
)

_STATUS: dict[type, int] = {
    NotSignedIn: 401,
    Forbidden: 403,
    NotFound: 404,
    Refused: 409,
    Conflict: 409,
    RevisionMoved: 409,
    ValidationFailed: 422,
    Invalid: 422,
    BadQuery: 400,
}


def status_of(error: QurucuError) -> int:
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)

"""Folds text for search and sorting, so that `Əliyev`, `ALIYEV` and `eliyev` meet."""

from __future__ import annotations

import re
import unicodedata

# NFKD takes marks off ç ş ğ ü ö й ё; these letters have no decomposition.
_LETTERS = str.maketrans({"ı": "i", "ə": "e", "ё": "е", "ø": "o", "đ": "d", "ł": "l", "æ": "ae"})
_NOT_WORD = re.compile(r"[\W_]+")
# A B-tree entry of PostgreSQL holds 2,704 bytes; a sort key must leave room for the id.
SORT_KEY_BYTES = 2400


class _Folded(dict[int, str]):
    """What `str.translate` asks for each character; a character is worked out once a process.

    Folding knows no context, so that a text folds as its characters do.
    """

    def __missing__(self, code: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(code).casefold().translate(_LETTERS))
        bare = "".join(char for char in decomposed if not unicodedata.combining(char))
        # What comes apart may be a capital: 𝑨 is A.
        folded = self[code] = bare.casefold().translate(_LETTERS)
        return folded


_FOLDED = _Folded()


def fold(text: str) -> str:
    """Lower case without marks: the form in which texts are compared."""
    return text.lower() if text.isascii() else text.translate(_FOLDED)


def sort_key(text: str) -> str:
    """The folded text that lists sort by, cut at `SORT_KEY_BYTES` of UTF-8."""
    folded = fold(text)
    if len(folded) * 4 <= SORT_KEY_BYTES:
        return folded
    return folded.encode()[:SORT_KEY_BYTES].decode(errors="ignore")


def words(text: str) -> str:
    """Folded words with one space around each, so that ` ab` finds a word that begins with `ab`."""
    return spaced(fold(text))


def spaced(folded: str) -> str:
    """`words` of a text that is folded already."""
    bare = _NOT_WORD.sub(" ", folded).strip()
    return f" {bare} " if bare else ""

"""Folder -> modules as plain data; every file that cannot be read is a problem with its place."""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Any

from runtime.definitions.bundle import FOLDERS, KEY, File, ModuleSource, kind_of
from runtime.kernel.errors import DefinitionProblem

MAX_FILE_BYTES = 2_000_000
MAX_FILES = 5_000
MAX_DEPTH = 40
MAX_NODES = 200_000
# What may stand in a module's folder beside definitions.
_COMPANIONS = {"README.md", "CHANGELOG.md", "LICENSE"}


class _Unreadable(Exception):
    """Why a file is no JSON for us; becomes a problem at once."""


def load_folder(folder: Path) -> tuple[list[ModuleSource], list[DefinitionProblem]]:
    """One module folder, or several beside each other."""
    if not folder.is_dir():
        return [], [_problem(str(folder), "there is no such folder")]
    if (folder / "module.json").is_file():
        module, problems = _load_module(folder)
        return [module], problems
    modules: list[ModuleSource] = []
    problems = []
    for inner in sorted(path for path in folder.iterdir() if (path / "module.json").is_file()):
        module, found = _load_module(inner)
        if module.key in [one.key for one in modules]:
            place = f"{inner.name}/module.json"
            problems.append(_problem(place, f"another folder here holds the module {module.key}"))
            continue
        modules.append(module)
        problems += found
    if not modules:
        problems.append(_problem(str(folder), "no module.json here nor in a folder inside"))
    return modules, problems


def load_file(path: Path) -> tuple[dict[str, Any], list[DefinitionProblem]]:
    """One JSON file outside any module: a mapping."""
    try:
        return _read(path), []
    except _Unreadable as error:
        return {}, [_problem(str(path), str(error))]


def _load_module(folder: Path) -> tuple[ModuleSource, list[DefinitionProblem]]:
    files: list[File] = []
    problems: list[DefinitionProblem] = []
    key = _own_key(folder / "module.json") or folder.resolve().name
    for path in _paths(folder):
        relative = _shown(path.relative_to(folder))
        place = f"{key}/{relative}"
        if path.is_symlink():
            problems.append(_problem(place, "a link to another place is not followed"))
            continue
        kind = kind_of(relative)
        if kind is None:
            if relative not in _COMPANIONS:
                problems.append(_stranger(place))
            continue
        try:
            files.append(File(relative, kind, _read(path)))
        except _Unreadable as error:
            problems.append(_problem(place, str(error)))
        if len(files) > MAX_FILES:
            problems.append(_problem(key, "too many files", allowed=f"at most {MAX_FILES}"))
            break
    return ModuleSource(key, tuple(files)), problems


def _paths(folder: Path) -> Iterable[Path]:
    """Files below the folder; hidden ones and Python's caches are nobody's definitions."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        ours = path.is_file() or path.is_symlink()
        if ours and not any(part.startswith((".", "__")) for part in parts):
            yield path


def _shown(path: Path) -> str:
    """The path as text, also when the file system has bytes in it that are none."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode()


def _own_key(manifest: Path) -> str | None:
    """What the module calls itself; its folder may be named otherwise."""
    try:
        key = None if manifest.is_symlink() else _read(manifest).get("key")
    except _Unreadable:
        return None
    return key if isinstance(key, str) and KEY.fullmatch(key) else None


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _Unreadable(f"larger than {MAX_FILE_BYTES:,} bytes")
        return parse(path.read_bytes())
    except OSError as error:
        raise _Unreadable(f"cannot be read: {error.strerror}") from error


def parse(raw: bytes) -> dict[str, Any]:
    """Bytes -> a JSON object; refuses what JSON (RFC 8259) leaves to chance."""
    try:
        content = json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=_without_repeats,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except UnicodeDecodeError as error:
        raise _Unreadable(f"not UTF-8: byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise _Unreadable(
            f"not JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error
    except RecursionError as error:
        raise _Unreadable(f"nested deeper than {MAX_DEPTH} levels") from error
    except ValueError as error:
        raise _Unreadable(str(error)) from error
    if not isinstance(content, dict):
        raise _Unreadable("not a JSON object")
    _measure(content)
    _no_half_letters(content)
    return content


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _Unreadable(f"the key {twice!r} stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise _Unreadable(f"{name} is no JSON number")


def _finite(written: str) -> float:
    number = float(written)
    if not isfinite(number):
        raise _Unreadable(f"{written[:40]} is larger than any number here")
    return number


def _no_half_letters(content: Any) -> None:
    r"""A lone `\ud800` is no text: it could be neither kept nor shown."""
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise _Unreadable("half a letter: a surrogate without its other half") from error


def _measure(content: Any) -> None:
    """Refuses a document that would cost more to check than any real one."""
    nodes, level = 0, [content]
    for _ in range(MAX_DEPTH):
        nodes += len(level)
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if nodes > MAX_NODES:
            raise _Unreadable(f"more than {MAX_NODES:,} values")
        if not level:
            return
    raise _Unreadable(f"nested deeper than {MAX_DEPTH} levels")


def _stranger(place: str) -> DefinitionProblem:
    return _problem(
        place,
        "no kind of definition stands here",
        allowed="module.json, " + ", ".join(f"{folder}/*.json" for folder in FOLDERS),
    )


def _problem(file: str, problem: str, allowed: str = "") -> DefinitionProblem:
    return DefinitionProblem(file, "$", problem, allowed=allowed)

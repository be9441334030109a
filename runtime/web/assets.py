"""Builds the static files: style, scripts and icons under names that tell their content.

`python -m runtime.web.assets` runs at set-up, after `npm ci`; it does nothing when nothing changed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from runtime.web.trim import trim, words_of

WEB = Path(__file__).parent
OWN = WEB / "assets"
DIST = WEB / "static" / "dist"
ROOT = WEB.parent.parent
_TABLER = ROOT / "node_modules/@tabler/core/dist/css/tabler.min.css"
_HTMX = ROOT / "node_modules/htmx.org/dist/htmx.min.js"
_MANIFEST = "manifest.json"
# Where classes are written: templates, scripts, and Python that makes HTML.
_SOURCES = ("*.html", "*.js", "*.py")


class AssetsMissing(Exception):
    """The front-end packages or the built files are not there; the text says the remedy."""


@cache
def manifest() -> Mapping[str, str]:
    """Name -> address of each static file. Raises `AssetsMissing` before the set-up has run."""
    path = DIST / _MANIFEST
    if not path.is_file():
        raise AssetsMissing("The style and scripts are not built: run `make setup`.")
    files = json.loads(path.read_text("utf-8"))["files"]
    return {name: f"/static/{hashed}" for name, hashed in files.items()}


def build() -> bool:
    """Writes the files; False when they were up to date. Raises `AssetsMissing`."""
    for package in (_TABLER, _HTMX):
        if not package.is_file():
            raise AssetsMissing(f"{package} is not there: run `npm ci --ignore-scripts`.")
    inputs = _digest_of_inputs()
    if _is_current(inputs):
        return False
    DIST.mkdir(parents=True, exist_ok=True)
    written = {name: _write(name, content) for name, content in _made()}
    manifest_text = json.dumps({"inputs": inputs, "files": written}, indent=2)
    (DIST / _MANIFEST).write_text(manifest_text, "utf-8")
    keep = {_MANIFEST, *written.values(), *(f"{name}.gz" for name in written.values())}
    for path in DIST.iterdir():
        if path.name not in keep:
            path.unlink()
    return True


def _is_current(inputs: str) -> bool:
    path = DIST / _MANIFEST
    if not path.is_file():
        return False
    found = json.loads(path.read_text("utf-8"))
    there = all((DIST / name).is_file() for name in found["files"].values())
    return there and found["inputs"] == inputs


def _digest_of_inputs() -> str:
    digest = hashlib.sha256()
    for path in [_TABLER, _HTMX, *_sources(), *sorted(OWN.iterdir())]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for package in ("runtime", "constructor"):
        for pattern in _SOURCES:
            yield from sorted((ROOT / package).rglob(pattern))


def _made() -> Iterator[tuple[str, bytes]]:
    used = set()
    for path in _sources():
        used |= words_of(path.read_text("utf-8"))
    own = "\n".join(path.read_text("utf-8") for path in sorted(OWN.glob("*.css")))
    yield "app.css", f"{trim(_TABLER.read_text('utf-8'), used)}\n{own}".encode()
    yield "htmx.js", re.sub(rb"\n?//# sourceMappingURL=.*", b"", _HTMX.read_bytes())
    yield "app.js", "".join(_wrapped(path) for path in sorted(OWN.glob("*.js"))).encode()
    for path in sorted(OWN.glob("*.svg")):
        yield path.name, path.read_bytes()


def _wrapped(path: Path) -> str:
    """Each file keeps its names to itself."""
    return f"(() => {{\n{path.read_text('utf-8')}}})();\n"


def _write(name: str, content: bytes) -> str:
    stem, _, ending = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
    (DIST / hashed).write_bytes(content)
    # No time stamp in the archive: equal files are equal bytes.
    (DIST / f"{hashed}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    return hashed


def main() -> int:
    try:
        built = build()
    except AssetsMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("Assets built.\n" if built else "Assets are up to date.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Do the modules that a module requires exist, in a version that fits, without a circle?"""

from __future__ import annotations

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from runtime.definitions.index import Index, Source
from runtime.definitions.report import Report

RUNTIME_VERSION = "0.1.0"


def check_modules(found: Index, report: Report) -> None:
    for key, module in found.bundle.items():
        source = Source(key, key, key, f"{key}/module.json", "$", module.manifest)
        requires = module.manifest.get("requires", {})
        _version(source, ".requires.runtime", requires.get("runtime"), RUNTIME_VERSION, report)
        for other, wanted in requires.get("modules", {}).items():
            _requirement(found, source, other, wanted, report)
    for circle in _circles(found):
        source = Source(circle[0], "", circle[0], f"{circle[0]}/module.json", "$", {})
        way = " -> ".join((*circle, circle[0]))
        report.add(
            source, ".requires.modules", "the modules require each other in a circle", found=way
        )


def _requirement(found: Index, source: Source, other: str, wanted: str, report: Report) -> None:
    path = f".requires.modules.{other}"
    if other not in found.bundle:
        report.add(
            source, path,
            "this module is not here: put its folder beside this one, or install it first"
            f" (qurucu modules install {other})",
            found=other, allowed=sorted(set(found.bundle) - {source.key}),
        )  # fmt: skip
        return
    _version(source, path, wanted, found.bundle[other].manifest.get("version"), report)


def _version(
    source: Source, path: str, wanted: str | None, there: str | None, report: Report
) -> None:
    if wanted is None or there is None:
        return
    try:
        fits = Version(there) in SpecifierSet(wanted)
    except InvalidVersion:
        return  # said of the module that has it
    except (InvalidSpecifier, ValueError):
        report.add(source, path, "not a range of versions such as >=1.0,<2", found=wanted)
        return
    if not fits:
        report.add(source, path, f"version {there} is there and does not fit", found=wanted)


def _circles(found: Index) -> list[tuple[str, ...]]:
    """Circles that the requirements close, each beginning at its first module by name."""
    circles: list[tuple[str, ...]] = []
    done: set[str] = set()
    for start in sorted(found.bundle):
        # The way from the start, with what is still to be looked at from each step of it.
        way: list[tuple[str, list[str]]] = [] if start in done else [(start, _needs(found, start))]
        while way:
            key, needs = way[-1]
            if not needs:
                done.add(key)
                way.pop()
                continue
            following, keys = needs.pop(0), [step for step, _ in way]
            if following in keys:
                circles.append(_from_first(keys[keys.index(following) :]))
            elif following not in done:
                way.append((following, _needs(found, following)))
    return list(dict.fromkeys(circles))


def _needs(found: Index, key: str) -> list[str]:
    requires = found.bundle[key].manifest.get("requires", {}).get("modules", {})
    return sorted(other for other in requires if other in found.bundle)


def _from_first(circle: list[str]) -> tuple[str, ...]:
    first = circle.index(min(circle))
    return (*circle[first:], *circle[:first])


def in_order(found: Index) -> list[str]:
    """The modules so that each stands after those it requires; the bundle has no circle."""
    ordered: list[str] = []

    def place(key: str) -> None:
        if key in ordered or key not in found.bundle:
            return
        for other in sorted(found.bundle[key].manifest.get("requires", {}).get("modules", {})):
            place(other)
        ordered.append(key)

    for key in sorted(found.bundle):
        place(key)
    return ordered

"""Every mistake of a bundle at once, each with its place and a way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from runtime.definitions.bundle import Bundle, File, Json, ModuleSource
from runtime.definitions.checks.behaviour import check_behaviour
from runtime.definitions.checks.demo import check_demo
from runtime.definitions.checks.entities import check_entities
from runtime.definitions.checks.identity import check_identity
from runtime.definitions.checks.imports import check_mapping
from runtime.definitions.checks.labels import check_labels
from runtime.definitions.checks.modules import check_modules
from runtime.definitions.checks.structure import check_structure
from runtime.definitions.checks.views import check_views
from runtime.definitions.index import Source, index
from runtime.definitions.report import Report
from runtime.kernel.errors import DefinitionErrors, DefinitionProblem


def problems_of(
    bundle: Bundle, unread: Iterable[DefinitionProblem] = ()
) -> list[DefinitionProblem]:
    """What is wrong with the bundle.

    What is broken is cut out and the rest looked at all the same. Nobody is told that something
    does not exist while its name stands in what was cut out, or in the name of a file that could
    not be read (`unread`).
    """
    sound, problems, hidden = check_structure(bundle)
    found = index(sound)
    report = Report(hidden=frozenset(hidden | {_stem(problem.file) for problem in unread}))
    check_identity(found, report)
    check_modules(found, report)
    check_entities(found, report)
    check_behaviour(found, report)
    check_views(found, report)
    check_labels(found, report)
    check_demo(found, report)
    return sorted([*problems, *report.problems], key=lambda problem: problem.file)


def problems_of_mapping(bundle: Bundle, place: str, content: Json) -> list[DefinitionProblem]:
    """What is wrong with a mapping that is no part of the bundle; `place` names its file."""
    alone = {"": ModuleSource("", (File(place, "import", content),))}
    sound, problems, hidden = check_structure(alone)
    report = Report(hidden=frozenset(hidden))
    for file in sound[""].files:
        check_mapping(index(bundle), Source(place, place, "", place, "$", file.content), report)
    return [replace(problem, file=place) for problem in [*problems, *report.problems]]


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".json").removesuffix(".extends")


def require_sound(bundle: Bundle, problems: Iterable[DefinitionProblem] = ()) -> None:
    """Raises `DefinitionErrors` with `problems` of loading and everything that the check finds."""
    unread = list(problems)
    found = [*unread, *problems_of(bundle, unread)]
    if found:
        raise DefinitionErrors(found)

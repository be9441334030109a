"""Every mistake of a bundle at once, each with its place and a way out."""

from __future__ import annotations

from collections.abc import Iterable

from runtime.definitions.bundle import Bundle
from runtime.definitions.checks.behaviour import check_behaviour
from runtime.definitions.checks.demo import check_demo
from runtime.definitions.checks.entities import check_entities
from runtime.definitions.checks.identity import check_identity
from runtime.definitions.checks.labels import check_labels
from runtime.definitions.checks.modules import check_modules
from runtime.definitions.checks.structure import check_structure
from runtime.definitions.checks.views import check_views
from runtime.definitions.index import index
from runtime.definitions.report import Report
from runtime.kernel.errors import DefinitionErrors, DefinitionProblem


def problems_of(bundle: Bundle) -> list[DefinitionProblem]:
    """What is wrong with the bundle.

    While a file has not the shape of its kind, the others are still looked at: what they say of
    the broken one would be noise, so only their own mistakes are reported.
    """
    sound, problems = check_structure(bundle)
    found = index(sound)
    report = Report()
    check_identity(found, report)
    check_modules(found, report)
    check_entities(found, report)
    check_behaviour(found, report)
    check_views(found, report)
    check_labels(found, report)
    check_demo(found, report)
    if problems:
        report.problems = [p for p in report.problems if not p.problem.startswith("there is no ")]
    return [*problems, *report.problems]


def require_sound(bundle: Bundle, problems: Iterable[DefinitionProblem] = ()) -> None:
    """Raises `DefinitionErrors` with `problems` of loading and everything that the check finds."""
    found = [*problems, *problems_of(bundle)]
    if found:
        raise DefinitionErrors(found)

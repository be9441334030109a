"""The plan between two revisions: every step with its risk and what the rows say to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from runtime.catalog.compile import compile_catalog
from runtime.catalog.model import Catalog
from runtime.definitions.bundle import Bundle, from_json, to_json
from runtime.kernel.i18n import say
from runtime.kernel.locale import locale_of
from runtime.storage.changes import changes
from runtime.storage.park import load_parked
from runtime.storage.revisions import bundle_of, catalog_of, stamp_in_force
from runtime.storage.settings import load_workspace
from runtime.storage.steps.base import Finding, Look, Risk, Step
from runtime.storage.steps.files import ChangeDefinition

AnyStep = Step | ChangeDefinition
# Steps that say no more than what another step of the same plan says already.
_QUIET = frozenset({"add_index", "drop_index"})


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step and its finding."""

    step: AnyStep
    finding: Finding

    @property
    def risk(self) -> Risk:
        return self.step.risk(self.finding)

    def to_json(self, language: str) -> dict[str, Any]:
        finding = self.finding
        return {
            "step": self.step.kind,
            "about": self.step.about,
            "risk": str(self.risk),
            "text": say(language, self.step.title(finding)),
            "rows": finding.rows,
            "converts": finding.converts,
            "fails": finding.fails,
            "samples": [
                {
                    "record": sample.record,
                    "value": sample.value,
                    "reason": say(language, sample.reason),
                }
                for sample in finding.samples
            ],
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing a bundle would do. `base` is the revision it was made against."""

    base: int
    before: Catalog
    after: Catalog
    bundle: Bundle
    steps: tuple[PlannedStep, ...]

    @property
    def empty(self) -> bool:
        return not self.steps

    def of_risk(self, risk: Risk) -> list[PlannedStep]:
        return [step for step in self.steps if step.risk is risk]

    def to_json(self, language: str = "en") -> dict[str, Any]:
        """What `definitions plan --json` prints; indexes are named only when nothing else is."""
        shown = [step for step in self.steps if step.step.kind not in _QUIET] or self.steps
        return {"base": self.base, "steps": [step.to_json(language) for step in shown]}


def make_plan(
    connection: Connection, bundle: Bundle, moves: Mapping[str, str] | None = None
) -> Plan:
    """The plan from the revision in force to `bundle`, which is sound and canonical."""
    base = stamp_in_force(connection).number
    workspace = load_workspace(connection)
    stored = bundle_of(connection, base)
    before = catalog_of(connection, base, workspace)
    after = compile_catalog(bundle, workspace, base + 1)
    parked = load_parked(connection, after)
    steps: list[AnyStep] = list(changes(before, after, parked, moves or {}))
    steps += _files(from_json(stored), bundle)
    look = Look(connection, locale_of(workspace), moves or {})
    planned = tuple(PlannedStep(step, step.inspect(look)) for step in steps)
    return Plan(base, before, after, bundle, planned)


def _files(old: Bundle, new: Bundle) -> list[AnyStep]:
    before = {f"{m}/{p}": c for m, files in to_json(old).items() for p, c in files.items()}
    after = {f"{m}/{p}": c for m, files in to_json(new).items() for p, c in files.items()}
    steps: list[AnyStep] = []
    for file in sorted({*before, *after}):
        if file not in before:
            steps.append(ChangeDefinition(file, "added"))
        elif file not in after:
            steps.append(ChangeDefinition(file, "removed"))
        elif not _same(before[file], after[file]):
            steps.append(ChangeDefinition(file, "changed"))
    return steps


def _same(one: Any, other: Any) -> bool:
    """Equality that minds the order of members: the order of fields is what screens show."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(_same(a, b) for a, b in pairs)
    return type(one) is type(other) and bool(one == other)

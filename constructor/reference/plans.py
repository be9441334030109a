"""`plans.md`: the steps that a plan is made of, and what their risks mean."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

from constructor.reference.markdown import page, sentence, table
from runtime.kernel.i18n import texts
from runtime.storage import steps
from runtime.storage.park import KEPT
from runtime.storage.steps.base import Step
from runtime.storage.steps.files import ChangeDefinition

_RISKS = (
    ("safe", "nothing can be lost"),
    ("check", "a rule gets tighter: rows that do not fit stay and ask at their next edit"),
    (
        "lossy",
        f"values leave the screens and are kept for {KEPT.days} days; asks, or needs `--yes`",
    ),
    ("refused", "cannot be done as it stands; nothing is published"),
)


def plans_page() -> str:
    """`plans.md`."""
    kinds = sorted(_kinds(), key=lambda kind: (kind.phase, kind.kind))
    rows = [(f"`{kind.kind}`", _said(kind), _line(kind.kind)) for kind in kinds]
    return page(
        "Plans",
        "`qurucu definitions plan` and `publish` compare the files with the revision in force by"
        " `uid` and print one line for each step, with its risk and the rows that it touches."
        " `--json` gives each step as `step` (the word below), `about` (the uid), `risk`, `text`,"
        " `rows`, `converts`, `fails` and `samples`.",
        "## Risks",
        table(("Risk", "Means"), [(f"`{name}`", text) for name, text in _RISKS]),
        "## Steps, in the order in which they are carried out",
        table(("Step", "What happens", "Printed as"), rows),
    )


def _kinds() -> Iterator[type[Step] | type[ChangeDefinition]]:
    yield ChangeDefinition
    seen: set[str] = set()
    for info in pkgutil.iter_modules(steps.__path__):
        module = importlib.import_module(f"{steps.__name__}.{info.name}")
        for kind in vars(module).values():
            if inspect.isclass(kind) and issubclass(kind, Step) and hasattr(kind, "kind"):
                if kind.kind not in seen and kind.__module__ == module.__name__:
                    seen.add(kind.kind)
                    yield kind


def _line(kind: str) -> str:
    """The line that people read, with names in the place of what differs."""
    text = texts("en").get(f"step.{kind}") or texts("en")["step.definition_changed"]
    return f"`{text if isinstance(text, str) else text['other']}`"


def _said(kind: type) -> str:
    return sentence(" ".join((kind.__doc__ or "").strip().partition("\n\n")[0].split()))

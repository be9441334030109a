"""Which transitions a person may take from a state, and what stands in the way of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from runtime.catalog.model import Transition, Workflow
from runtime.kernel.errors import Message, message


@dataclass(frozen=True, slots=True)
class Option:
    """A step out of the state in which a record is. `blocked` says why it cannot be taken."""

    transition: Transition
    blocked: Message | None = None


def options(
    workflow: Workflow,
    state: str | None,
    roles: frozenset[str],
    *,
    owner: bool,
    editable: bool,
    called: Callable[[str], str] = str,
) -> list[Option]:
    """Every step out of `state`, in the order of the definition. `called` says what people call
    the role of a key."""
    return [
        Option(step, obstacle(step, roles, owner=owner, editable=editable, called=called))
        for step in workflow.transitions.values()
        if state in step.sources
    ]


def obstacle(
    step: Transition,
    roles: frozenset[str],
    *,
    owner: bool,
    editable: bool,
    called: Callable[[str], str] = str,
) -> Message | None:
    """Why these roles may not take the step; None when they may."""
    if owner:
        return None
    if not editable:
        return message("workflow.not_editable")
    if step.roles is not None and not roles & set(step.roles):
        return message("workflow.not_your_role", roles=", ".join(map(called, step.roles)))
    return None


def asked_fields(workflow: Workflow, step: Transition, values: Mapping[str, Any]) -> list[str]:
    """What a person is asked for while taking the step: the fields that it names, and those that
    the next state requires and the record lacks."""
    required = workflow.states[step.target].requires
    missing = [key for key in required if values.get(key) in (None, ())]
    return list(dict.fromkeys([*step.ask, *missing]))

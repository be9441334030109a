"""The step for what changes no table: titles, views, roles, workflows' steps, mappings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from runtime.kernel.errors import Message, message
from runtime.storage.steps.base import Finding, Risk, Work


@dataclass(frozen=True, slots=True)
class ChangeDefinition:
    """A file of definitions that was added, changed or removed."""

    kind: ClassVar[str] = "change_definition"
    phase: ClassVar[int] = 95
    file: str
    change: str

    @property
    def about(self) -> str:
        return self.file

    def risk(self, finding: Finding) -> Risk:
        return Risk.SAFE

    def inspect(self, look: object) -> Finding:
        return Finding()

    def title(self, finding: Finding) -> Message:
        return message(f"step.definition_{self.change}", file=self.file)

    def apply(self, work: Work) -> None:
        """Nothing in the database: the revision itself holds the new text."""

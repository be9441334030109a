"""The contract of a view kind: prepared once per revision, filled per request."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from runtime.catalog.model import Entity, View
from runtime.records.context import Context

Prepared = TypeVar("Prepared")
Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks: its path and the pairs after the `?`, in order."""

    path: str
    pairs: tuple[tuple[str, str], ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """The last value of `name`."""
        return next((value for key, value in reversed(self.pairs) if key == name), default)


class ViewKind(ABC, Generic[Prepared, Given]):
    """How one kind of screen shows an entity. One instance serves every view of the kind.

    `Prepared` depends on the revision, the roles and the language alone; `Given` is what one
    request brings: what its address asks, a record, what was typed.
    """

    name: ClassVar[str]  # the word under `kind` in definitions
    template: ClassVar[str]  # with a block for each part that HTMX may replace

    @abstractmethod
    def prepare(self, ctx: Context, entity: Entity, view: View | None) -> Prepared:
        """Everything that no record changes; `view` is None where the author left it to us."""

    @abstractmethod
    def context(self, ctx: Context, prepared: Prepared, given: Given) -> Mapping[str, Any]:
        """What the template shows."""

    def prepared(self, ctx: Context, entity: Entity, view: View | None) -> Prepared:
        """The one `prepare` of this revision, these roles and this language."""
        name = (
            "view", self.name, entity.uid, view.uid if view else "",
            ctx.roles_key, ctx.actor.language,
        )  # fmt: skip
        return ctx.model.once(name, lambda: self.prepare(ctx, entity, view))

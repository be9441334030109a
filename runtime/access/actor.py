"""The one who acts: every reader and writer of records takes one."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.definitions.index import OWNER
from runtime.kernel.locale import Locale


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or the product itself (`user_id` None), with roles by key.

    `origin` says by which door the act came: `form`, `rest`, `import`, `cli`, `demo`.
    """

    user_id: int | None
    roles: frozenset[str]
    locale: Locale
    origin: str = "form"
    name: str = ""
    email: str = ""

    @property
    def is_owner(self) -> bool:
        return OWNER in self.roles

    @property
    def language(self) -> str:
        return self.locale.language

    @property
    def identity(self) -> str:
        """Whose idempotency keys these are."""
        return "product" if self.user_id is None else f"user:{self.user_id}"


def product_actor(locale: Locale, origin: str) -> Actor:
    """The product acting for the operator of the machine: commands, imports, demo data."""
    return Actor(None, frozenset({OWNER}), locale, origin)

"""Who may take a step, and what the others read."""

from __future__ import annotations

import pytest

from runtime.kernel.errors import Forbidden
from tests.kit.builders import entity, module, role, texts, workflow
from tests.kit.workspace import Space

ORDER = "shop.order"


def test_a_step_of_others_names_their_role_as_people_call_it(lite: Space) -> None:
    rights = {ORDER: {"see": "all", "create": True, "edit": "all"}}
    steps = [{"key": "pay", "from": ["new"], "to": "paid", "roles": ["cashier"]}]
    lite.publish(
        module(
            "shop",
            entity("order", words={"status": "shop.flow"}, name="text"),
            workflow("shop.flow", ORDER, ["new", "paid"], steps),
            role("cashier", rights),
            role("seller", rights),
            texts("az", {"shop.cashier": {"title": "Kassir"}}),
        )
    )
    order = lite.create("order", name="First")
    with pytest.raises(Forbidden) as refused:
        lite.move("order", order, "pay", lite.actor("seller", language="az"))
    assert refused.value.message.params["roles"] == "Kassir"

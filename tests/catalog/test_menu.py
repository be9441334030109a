"""The order in which people meet the entities of a module."""

from __future__ import annotations

from runtime.catalog.compile import compile_catalog
from runtime.definitions.check import problems_of
from runtime.kernel.workspace import Workspace
from tests.kit.builders import entity, module


def test_the_menu_of_a_module_gives_the_order_and_what_it_leaves_out_follows() -> None:
    shop = module(
        "shop",
        entity("bill", name="text"),
        entity("customer", name="text"),
        entity("order", name="text"),
        menu=["shop.order", "shop.customer"],
    )
    catalog = compile_catalog({"shop": shop}, Workspace(), 1)
    assert list(catalog.by_key) == ["order", "customer", "bill"]


def test_a_menu_names_entities_of_its_own_module() -> None:
    base = module("base", entity("branch", name="text"))
    shop = module(
        "shop",
        entity("order", name="text"),
        requires={"base": ">=1.0"},
        menu=["shop.ordr", "base.branch"],
    )
    found = problems_of({"base": base, "shop": shop})
    assert [(one.path, one.suggestion) for one in found] == [
        ("$.menu[0]", "shop.order"),
        ("$.menu[1]", ""),
    ]

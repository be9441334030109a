"""Whatever lists an author saves, the address of the entity shows every record."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kit.builders import entity, module, view
from tests.kit.visitor import Visitor
from tests.kit.workspace import Space
from tests.web.test_lists import titles

Visit = Callable[[Space, str], Visitor]


def saved(name: str, **words: object) -> object:
    return view(f"shop.customer.{name}", "shop.customer", title=name.capitalize(), **words)


@pytest.mark.parametrize("whole", [True, False])
def test_a_filtered_list_does_not_hide_the_rest(lite: Space, visit: Visit, whole: bool) -> None:
    views = [saved("baku", filter={"city": "Baku"}, settings={"sort": "name"})]
    views += [saved("everybody", settings={"sort": "name"})] if whole else []
    lite.publish(module("shop", entity("customer", name="text", city="text"), *views))
    lite.create("customer", name="Ali", city="Baku")
    lite.create("customer", name="Vali", city="Ganja")
    lite.person("owner@demo.test", "owner")
    owner = visit(lite, "owner@demo.test")

    assert titles(owner.get("/e/customer")) == ["Ali", "Vali"]
    assert titles(owner.get("/e/customer?view=baku")) == ["Ali"]
    page = owner.get("/e/customer").text
    assert (">All<" in page, ">Everybody<" in page) == (not whole, whole)

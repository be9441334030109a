"""What the plan says to an author who forgot a uid, or who moves what is not removed."""

from __future__ import annotations

from typing import Any

import pytest

from constructor.hints import rename_hints
from constructor.publish import Act, plan_bundle
from runtime.definitions.bundle import ModuleSource
from runtime.kernel.errors import Refused
from runtime.storage.engine import reading
from runtime.storage.plan import Plan
from tests.kit.builders import entity, field, module
from tests.kit.workspace import Space

OPTIONS = [{"key": "one", "title": "One"}, {"key": "two", "title": "Two"}]


def shop(**fields: Any) -> ModuleSource:
    return module("shop", entity("customer", name="text", **fields))


def planned(space: Space, source: ModuleSource, moves: dict[str, str] | None = None) -> Plan:
    with reading(space.engine) as connection:
        return plan_bundle(connection, {source.key: source}, Act(moves=moves or {}))


@pytest.mark.parametrize(
    ("before", "after", "hint"),
    [
        (
            {"phone": field("phone")},
            {"mobile": field("phone")},
            'Is mobile the former phone? Then write "uid": "shop.customer.phone" into its x-field',
        ),
        (
            {"kind": field("choice", options=OPTIONS)},
            {"kind": field("choice", options=[{"key": "uno", "title": "One"}, OPTIONS[1]])},
            'Is uno the former one? Then write "uid": "shop.customer.kind.one" into it',
        ),
    ],
)
def test_a_forgotten_uid_is_pointed_at(
    lite: Space, before: dict[str, Any], after: dict[str, Any], hint: str
) -> None:
    lite.publish(shop(**before))
    lite.create("customer", name="Ali", **({"kind": "one"} if "kind" in before else {}))
    [said] = rename_hints(planned(lite, shop(**after)))
    assert said.startswith(hint)


def test_an_entity_under_another_key_is_pointed_at(lite: Space) -> None:
    lite.publish(shop())
    [said] = rename_hints(
        planned(
            lite,
            module("shop", entity("buyer", words={"_top": {"title": "Customer"}}, name="text")),
        )
    )
    assert said.startswith("Is buyer the former customer?")


def test_no_hint_where_nothing_is_like_what_goes(lite: Space) -> None:
    lite.publish(shop(phone=field("phone")))
    assert rename_hints(planned(lite, shop(born=field("date")))) == []


def test_a_move_of_what_stays_is_refused(lite: Space) -> None:
    source = shop(kind=field("choice", options=OPTIONS))
    lite.publish(source)
    with pytest.raises(Refused) as refused:
        planned(lite, source, {"shop.customer.kind.one": "two"})
    assert refused.value.message.key == "publishing.no_move"


def test_a_move_to_nowhere_says_what_is_there(lite: Space) -> None:
    lite.publish(shop(kind=field("choice", options=OPTIONS)))
    lite.create("customer", name="Ali", kind="one")
    less = shop(kind=field("choice", options=OPTIONS[1:]))
    plan = planned(lite, less, {"shop.customer.kind.one": "three"})
    [step] = [one for one in plan.to_json()["steps"] if one["step"] == "remove_option"]
    assert step["risk"] == "refused"
    assert step["samples"][0]["reason"] == "There is no three here; allowed: two"

"""Who may do what: every route of REST, for strangers and for roles."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.routing import Rule

from tests.kit.builders import entity, field, module, role, view, workflow
from tests.kit.visitor import Visitor
from tests.kit.workspace import Space
from tests.rest.caller import RECORDS, Caller, problem

SEES_ALL = {"see": "all"}
FULL = {"see": "all", "create": True, "edit": "all", "delete": "all"}
OWN = {"see": "own", "create": True, "edit": "own", "delete": "own"}
# Routes that show a stranger nothing of the workspace.
OPEN = {"rest.static", "rest.docs_page", "rest.nothing"}


def shop() -> object:
    return module(
        "shop",
        entity("city", name="text"),
        entity("secret", name="text", amount="money"),
        entity(
            "order",
            words={"status": "shop.order.flow", "titled_by": "{name}"},
            name="text",
            city=field("reference", to="shop.city"),
            secret=field("reference", to="shop.secret"),
            secrets=field("references", to="shop.secret"),
        ),
        workflow(
            "shop.order.flow",
            "shop.order",
            ["new", "done"],
            [{"key": "finish", "from": ["new"], "to": "done", "roles": ["finisher"]}],
        ),
        view("shop.order.all", "shop.order"),
        role("reader", {"shop.order": SEES_ALL, "shop.city": SEES_ALL}),
        role("worker", {"shop.order": OWN}),
        role("editor", {"shop.order": FULL, "shop.city": SEES_ALL}),
        role("finisher", {"shop.order": FULL}),
        role("giver", {"shop.order": {"create": True}}),
    )


@pytest.fixture
def shopkeeper(space: Space, calling: Callable[..., Caller]) -> Caller:
    """The owner; order 1 is theirs, order 2 lies in the bin."""
    space.publish(shop())
    owner = calling(space, "owner")
    owner.post("city", {"name": "Baku"})
    owner.post("secret", {"name": "Hush", "amount": {"amount": "5"}})
    values = {"name": "Order", "city": 1, "secret": 1, "secrets": [1]}
    assert owner.post("order", [values, values]).status_code == 201
    owner.delete("order/2")
    return owner


def routes(caller: Caller) -> list[tuple[str, str]]:
    """Every method of every address of REST, aimed at what is there."""
    found = [
        (method, _address(rule))
        for rule in caller.app.url_map.iter_rules()
        if rule.endpoint.startswith("rest.") and rule.endpoint not in OPEN
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]
    assert len(found) >= 10
    return found


def _address(rule: Rule) -> str:
    record = "2" if rule.endpoint.endswith("restore_record") else "1"
    values = {"entity": "order", "record": record, "name": "finish"}
    return "".join(values.get(data, data) if dynamic else data for dynamic, data in rule._trace)[1:]


def dump(space: Space) -> list[object]:
    tables = ("shop_order", "shop_city", "shop_secret", "shop_order__secrets", "sys_change")
    return [space.snapshot(table) for table in tables]


def attempt(caller: Caller, method: str, path: str) -> int:
    """Sends what would be done if it were allowed; the status of the answer."""
    plain = path.endswith("/restore") or "/transitions/" in path
    response = caller.send(method, path, {} if plain else {"name": "New"})
    assert response.status_code == 200 or response.content_type == "application/problem+json"
    return response.status_code


def test_a_stranger_is_asked_who_they_are(shopkeeper: Caller, space: Space) -> None:
    before = dump(space)
    for token in ("", "wrong", shopkeeper.token[:-1], "ə"):
        caller = Caller(shopkeeper.app, token)
        for method, path in routes(shopkeeper):
            response = caller.send(method, path, {"name": "New"})
            problem(response, 401)
            assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert dump(space) == before


@pytest.mark.parametrize("roles", [(), ("giver",)])
def test_an_entity_that_one_may_not_see_is_nowhere(
    shopkeeper: Caller, space: Space, calling: Callable[..., Caller], roles: tuple[str, ...]
) -> None:
    caller, before = calling(space, *roles), dump(space)
    for method, path in routes(shopkeeper):
        if path.startswith(RECORDS):
            assert attempt(caller, method, path) == 404, (method, path)
    assert dump(space) == before
    assert not any("order" in path for path in caller.get("/api/v1/openapi.json").json["paths"])


def test_a_reader_reads_and_changes_nothing(
    shopkeeper: Caller, space: Space, calling: Callable[..., Caller]
) -> None:
    reader, before = calling(space, "reader"), dump(space)
    for method, path in routes(shopkeeper):
        wanted = {200} if method == "GET" else {403}
        assert attempt(reader, method, path) in wanted, (method, path)
    assert dump(space) == before


def test_records_of_others_are_not_there_for_who_sees_their_own(
    shopkeeper: Caller, space: Space, calling: Callable[..., Caller]
) -> None:
    worker, before = calling(space, "worker"), dump(space)
    for method, path in routes(shopkeeper):
        if "/order/" in path and "aggregate" not in path:
            assert attempt(worker, method, path) == 404, (method, path)
    assert dump(space) == before
    assert worker.data("order") == worker.data("order?bin=1") == []
    assert worker.get("order/aggregate").json == {"data": [{"count": 0}]}
    path = worker.post("order", {"name": "Mine"}).headers["Location"]
    assert worker.patch(path, {"name": "Still mine"}).status_code == 200
    assert worker.ids("order") == [3]
    assert worker.delete(path).status_code == 204


def test_a_step_of_another_role_is_forbidden(
    shopkeeper: Caller, space: Space, calling: Callable[..., Caller]
) -> None:
    problem(calling(space, "editor").post("order/1/transitions/finish"), 403)
    assert calling(space, "finisher").post("order/1/transitions/finish").status_code == 200


def test_an_unseen_entity_does_not_show_through_relations(
    shopkeeper: Caller, space: Space, calling: Callable[..., Caller]
) -> None:
    editor = calling(space, "editor")
    [order] = editor.data("order?expand=city")
    assert (order["secret"], order["secrets"]) == (1, [])
    assert order["city"]["name"] == "Baku"
    for asked in (
        "expand=secret",
        "expand=secrets",
        "secret.name=Hush",
        "secret.name=Else",
        "secret.amount__gt=1",
        "secret.colour=1",
        "secret.name__isnull=true",
    ):
        problem(editor.get(f"order?{asked}"), 404)
        if "expand" not in asked:
            problem(editor.get(f"order/aggregate?{asked}"), 404)
    problem(editor.get("order/1?expand=secret"), 404)
    shopkeeper.post("secret", {"name": "Hush"})
    refused = problem(editor.patch("order/1", {"secret": 2, "secrets": [2]}), 422)
    assert "Hush" not in str(refused)
    assert editor.ids("order?q=hush") == []
    document = editor.get("/api/v1/openapi.json")
    assert "Hush" not in document.text and "/records/secret" not in document.text
    assert document.json["tags"] == [
        {"name": "city", "description": "City"}, {"name": "order", "description": "Order"},
    ]  # fmt: skip
    expand = [
        one["schema"]["pattern"]
        for one in document.json["paths"]["/api/v1/records/order"]["get"]["parameters"]
        if one.get("name") == "expand"
    ]
    assert "city" in expand[0] and "secret" not in expand[0]


def test_an_expanded_record_that_one_may_not_see_keeps_its_secrets(
    space: Space, calling: Callable[..., Caller]
) -> None:
    space.publish(
        module(
            "shop",
            entity("part", name="text", of=field("reference", to="shop.part")),
            role("worker", {"shop.part": OWN}),
        )
    )
    owner, worker = calling(space, "owner"), calling(space, "worker")
    part = owner.post("part", {"name": "Secret"}).json["id"]
    mine = worker.post("part", {"name": "Mine"}).json["id"]
    owner.patch(f"part/{mine}", {"of": part})
    [seen] = worker.data("part?expand=of")
    assert seen["of"] == {"id": part, "title": None}


def test_a_person_who_is_switched_off_is_a_stranger_at_once(
    shopkeeper: Caller, space: Space
) -> None:
    assert shopkeeper.get("order").status_code == 200
    space.sql("UPDATE sys_user SET active = false")
    problem(shopkeeper.get("order"), 401)


def test_a_session_reads_and_writes_with_its_token_alone(shopkeeper: Caller, space: Space) -> None:
    visitor = Visitor(shopkeeper.app).sign_in("owner@demo.test")
    assert visitor.get(f"{RECORDS}/order/1").status_code == 200
    for headers in (
        {},
        {"X-CSRF-Token": "wrong"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        refused = visitor.client.patch(f"{RECORDS}/order/1", json={"name": "X"}, headers=headers)
        problem(refused, 403)
    token = space.sql("SELECT csrf FROM sys_session")[0][0]
    done = visitor.client.patch(
        f"{RECORDS}/order/1", json={"name": "X"}, headers={"X-CSRF-Token": token}
    )
    assert done.status_code == 200

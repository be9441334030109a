"""One record on the screen: making it, looking at it, changing it, moving it along."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from runtime.access.policy import may_create, require_create, require_sight
from runtime.catalog.model import Entity, Transition
from runtime.http.state import state
from runtime.kernel.errors import (
    Conflict,
    Forbidden,
    Message,
    NotFound,
    RowErrors,
    ValidationFailed,
)
from runtime.kernel.i18n import say, translate, within
from runtime.kernel.ids import token
from runtime.records import find, moves, write
from runtime.records.context import Context
from runtime.records.find import Record
from runtime.records.idempotency import once
from runtime.records.validate import Source
from runtime.views.card import card, history_text
from runtime.views.form import (
    FORM,
    Filling,
    Group,
    Layout,
    Typed,
    asked,
    groups,
    layout,
    needed_at_start,
    with_conflicts,
    with_typed,
)
from runtime.web.flash import tell
from runtime.web.render import Screen, answer, wants_fragment
from runtime.web.typed import Picked, merge_errors, read_form, resolve_pickers
from runtime.workflow.machine import asked_fields

blueprint = Blueprint("records", __name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it came: what was typed, and what became of the names beside pickers."""

    typed: Typed
    picked: Picked
    version: int | None = None
    errors: Mapping[str, tuple[Message, ...]] = field(default_factory=dict)


def entity_of(ctx: Context, key: str) -> Entity:
    """Raises `NotFound` for an entity that is not there or not the actor's to see."""
    entity = ctx.catalog.by_key.get(key)
    if entity is None:
        raise NotFound
    require_sight(ctx.catalog, ctx.actor, entity)
    return entity


def leave(address: str) -> AnyResponse:
    """On to another page: 303, or what HTMX follows with the whole page."""
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


# New records


@blueprint.get("/e/<key>/new")
def new(key: str) -> Response:
    """An empty form; values in the address (`?patient=12`) stand in it already."""
    ctx = state().ctx
    entity = entity_of(ctx, key)
    require_create(ctx.catalog, ctx.actor, entity)
    return _new_page(ctx, entity, None)


@blueprint.post("/e/<key>/new")
def create(key: str) -> AnyResponse:
    """Makes the record, or brings the form back with what is wrong (422)."""
    here = state()
    entity = entity_of(here.ctx, key)
    require_create(here.ctx.catalog, here.ctx.actor, entity)
    sent = _read(here.ctx, entity, layout(here.ctx, entity))

    def work(ctx: Context) -> int:
        made = write.create(ctx, ctx.catalog.by_key[key], [sent.typed.texts], Source.TEXT)
        _stop_at(sent)
        return made.ids[0] or 0

    try:
        record_id = here.write(_only_once(sent, key, work))
    except ValidationFailed as error:
        return _new_page(here.ctx, entity_of(here.ctx, key), _with_errors(sent, error))
    _tell_about(here.ctx, key, record_id, "done.created")
    if request.form.get("_then") == "new":
        return leave(f"/e/{key}/new")
    return leave(f"/e/{key}/{record_id}")


def _new_page(ctx: Context, entity: Entity, sent: Sent | None) -> Response:
    form = layout(ctx, entity)
    values = {one.key: one.default for one in form.fields if one.default is not None}
    needed = needed_at_start(entity)
    made = FORM.context(ctx, form, Filling(values, needed))["groups"]
    if sent is None:
        sent_by_address = {k: v for k, v in request.args.items() if k in entity.by_key}
        made = with_typed(made, _prefilled(ctx, entity, sent_by_address), {}, ctx.actor.language)
    language = ctx.actor.language
    title = translate(language, "form.new", entity=within(language, entity.title(language)))
    page = _FormPage(title, f"/e/{entity.key}/new", f"/e/{entity.key}", savable=True)
    return _form_answer(ctx, entity, page, made, sent)


def _prefilled(ctx: Context, entity: Entity, given: Mapping[str, str]) -> Typed:
    """Values of the address as if they were typed; a picker shows the record's title."""
    beside = {}
    for key, text in given.items():
        one = entity.by_key[key]
        if one.type.name == "reference" and text.isascii() and text.isdigit() and len(text) < 16:
            target = ctx.catalog.target(one)
            beside[key] = find.titles(ctx, target, [int(text)]).get(int(text), "")
    return Typed(given, beside)


# One record


@blueprint.get("/e/<key>/<int:record_id>")
def show(key: str, record_id: int) -> Response:
    """The record's page."""
    ctx = state().ctx
    entity = entity_of(ctx, key)
    record = find.get(ctx, entity, record_id)
    values = {
        **card(ctx, record),
        "entity": entity,
        "nonce": token(),
        "list_title": entity.list_title(ctx.actor.language),
        "editable": _allowed(ctx, record, "edit"),
        "deletable": _allowed(ctx, record, "delete"),
        "created": ctx.actor.locale.minute(record.values["created_at"]),
        "creator": record.values["created_by"].title if record.values["created_by"] else "",
    }
    return answer(Screen("card/view.html", record.title, values, here=key))


def _allowed(ctx: Context, record: Record, verb: Any) -> bool:
    granted = ctx.scope(record.entity, verb)
    creator = record.values["created_by"]
    mine = creator is not None and creator.id == ctx.actor.user_id
    return granted == "all" or (granted == "own" and mine)


@blueprint.get("/e/<key>/<int:record_id>/edit")
def edit(key: str, record_id: int) -> Response:
    """The form filled with the record."""
    ctx = state().ctx
    record = find.get(ctx, entity_of(ctx, key), record_id)
    if not _allowed(ctx, record, "edit"):
        raise Forbidden
    return _edit_page(ctx, record, None)


@blueprint.post("/e/<key>/<int:record_id>/edit")
def update(key: str, record_id: int) -> AnyResponse:
    """Saves what was changed; edits of others to other fields stay, the same field asks (409)."""
    here = state()
    entity = entity_of(here.ctx, key)
    sent = _read(here.ctx, entity, layout(here.ctx, entity))
    theirs = set(request.form.getlist("_theirs"))
    texts = {name: text for name, text in sent.typed.texts.items() if name not in theirs}

    def work(ctx: Context) -> int:
        change = write.Edit(record_id, texts, sent.version)
        merge = sent.version is not None
        done, _ = write.update(ctx, ctx.catalog.by_key[key], [change], Source.TEXT, merge=merge)
        _stop_at(sent)
        return len(done)

    try:
        changed = here.write(_only_once(sent, f"{key}/{record_id}", work))
    except ValidationFailed as error:
        record = find.get(here.ctx, entity_of(here.ctx, key), record_id)
        return _edit_page(here.ctx, record, _with_errors(sent, error))
    except Conflict as conflict:
        record = find.get(here.ctx, entity_of(here.ctx, key), record_id)
        return _edit_page(here.ctx, record, sent, conflict)
    _tell_about(here.ctx, key, record_id, "done.saved" if changed else "done.unchanged")
    return leave(f"/e/{key}/{record_id}")


def _edit_page(
    ctx: Context, record: Record, sent: Sent | None, conflict: Conflict | None = None
) -> Response:
    entity = record.entity
    flow = entity.workflow
    now_in = flow.states.get(record.values.get("status", "")) if flow else None
    needed = now_in.requires if now_in else ()
    form = layout(ctx, entity)
    made = FORM.context(ctx, form, Filling(record.values, needed))["groups"]
    title = translate(ctx.actor.language, "form.edit", title=record.title)
    place = f"/e/{entity.key}/{record.id}"
    version = sent.version if sent and sent.version and not conflict else record.version
    page = _FormPage(title, f"{place}/edit", place, version=version, conflict=conflict)
    return _form_answer(ctx, entity, page, made, sent)


# Steps of the workflow


@blueprint.get("/e/<key>/<int:record_id>/steps/<step>")
def ask_step(key: str, record_id: int, step: str) -> Response:
    """The form of the fields that a step asks for."""
    ctx = state().ctx
    record = find.get(ctx, entity_of(ctx, key), record_id)
    return _step_page(ctx, record, _step_of(record.entity, step), None)


@blueprint.post("/e/<key>/<int:record_id>/steps/<step>")
def take_step(key: str, record_id: int, step: str) -> AnyResponse:
    """Takes the step; asks first for what is missing."""
    here = state()
    record = find.get(here.ctx, entity_of(here.ctx, key), record_id)
    wanted = _step_of(record.entity, step)
    form = _step_layout(record, wanted)
    sent = _read(here.ctx, record.entity, form)
    if wanted.ask and not sent.typed.texts:
        return _step_page(here.ctx, record, wanted, None)

    def work(ctx: Context) -> int:
        move = moves.Move(record_id, step, sent.typed.texts, sent.version)
        moves.move(ctx, ctx.catalog.by_key[key], move, Source.TEXT)
        _stop_at(sent)
        return record_id

    try:
        here.write(_only_once(sent, f"{key}/{record_id}/{step}", work))
    except ValidationFailed as error:
        record = find.get(here.ctx, entity_of(here.ctx, key), record_id)
        return _step_page(
            here.ctx, record, _step_of(record.entity, step), _with_errors(sent, error)
        )
    _tell_about(here.ctx, key, record_id, "done.moved")
    return leave(f"/e/{key}/{record_id}")


def _step_of(entity: Entity, step: str) -> Transition:
    found = entity.workflow.transitions.get(step) if entity.workflow else None
    if found is None:
        raise NotFound("error.no_transition", transition=step)
    return found


def _step_layout(record: Record, step: Transition) -> Layout:
    assert record.entity.workflow is not None  # noqa: S101 - a step comes from one
    return asked(record.entity, asked_fields(record.entity.workflow, step, record.values))


def _step_page(ctx: Context, record: Record, step: Transition, sent: Sent | None) -> Response:
    entity = record.entity
    form = _step_layout(record, step)
    made = groups(ctx, form, Filling(record.values, tuple(one.key for one in form.fields)))
    spoken = step.title(ctx.actor.language)
    title = translate(ctx.actor.language, "step.form_title", step=spoken, title=record.title)
    place = f"/e/{entity.key}/{record.id}"
    page = _FormPage(title, f"{place}/steps/{step.key}", place, version=record.version, save=spoken)
    return _form_answer(ctx, entity, page, made, sent)


# What the forms share


@dataclass(frozen=True, slots=True)
class _FormPage:
    """Where a form is sent, where Cancel leads, what its button says."""

    title: str
    action: str
    back: str
    version: int | None = None
    save: str = ""
    savable: bool = False
    conflict: Conflict | None = None


def _form_answer(
    ctx: Context, entity: Entity, page: _FormPage, made: list[Group], sent: Sent | None
) -> Response:
    language = ctx.actor.language
    status = 200
    if sent is not None:
        errors = merge_errors(sent.errors, sent.picked)
        made = with_typed(made, sent.typed, errors, language, sent.picked.candidates)
        status = 422
    if page.conflict is not None:
        made = with_conflicts(made, entity, page.conflict.fields, _history_shown(ctx, entity))
        status = 409
    shown = {one.key for group in made for one in group.inputs}
    strange = [] if sent is None else [
        (key, [say(language, text) for text in texts])
        for key, texts in sent.errors.items()
        if key not in shown
    ]  # fmt: skip
    values = {
        "groups": made,
        "page": page,
        "nonce": token(),
        "others": strange,
        "wrong": [one for group in made for one in group.inputs if one.errors],
        "addable": _addable(ctx),
    }
    screen = Screen(FORM.template, page.title, values, entity.key, ("form", "content"), status)
    return answer(screen)


def _addable(ctx: Context) -> dict[str, str]:
    """What the actor may make on the way, by key, as it stands within a sentence."""
    language = ctx.actor.language
    return {
        one.key: within(language, one.title(language))
        for one in ctx.catalog.entities.values()
        if may_create(ctx.catalog, ctx.actor, one)
    }


def _history_shown(ctx: Context, entity: Entity) -> Callable[[Any, Any], str]:
    def shown(one: Any, value: Any) -> str:
        known: dict[int, str] = {}
        if one.type.name in ("reference", "references") and value:
            ids = value if isinstance(value, list) else [value]
            known = find.titles(ctx, ctx.catalog.target(one), ids)
        return history_text(one, value, ctx.actor.locale, known)

    return shown


def _read(ctx: Context, entity: Entity, form: Layout) -> Sent:
    typed, picked = resolve_pickers(ctx, entity, read_form(request.form, form))
    version = request.form.get("_version", "")
    known = version.isascii() and version.isdigit() and len(version) < 10
    return Sent(typed, picked, int(version) if known else None)


def _with_errors(sent: Sent, error: ValidationFailed) -> Sent:
    return Sent(sent.typed, sent.picked, sent.version, error.first)


def _stop_at(sent: Sent) -> None:
    """A name beside a picker that means nothing stops what would otherwise be saved without it."""
    if sent.picked.errors:
        raise ValidationFailed([RowErrors(0, sent.picked.errors)])


def _only_once(sent: Sent, what: str, work: Callable[[Context], int]) -> Callable[[Context], int]:
    """A form sent twice does its work once; the same form sent with other content is another."""
    nonce = request.form.get("_nonce", "")[:100]
    if not nonce:
        return work
    content = [what, dict(sent.typed.texts), dict(sent.typed.beside), sent.version]
    written = json.dumps(content, sort_keys=True).encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(written).hexdigest()

    def run(ctx: Context) -> int:
        done, _ = once(ctx, f"form:{nonce}:{digest}", digest, lambda: work(ctx))
        return int(done)

    return run


def _tell_about(ctx: Context, key: str, record_id: int, text: str) -> None:
    """The line that says what happened, with the record's name."""
    entity = ctx.catalog.by_key[key]
    title = find.titles(ctx, entity, [record_id]).get(record_id, f"#{record_id}")
    if text != "done.moved" or entity.workflow is None:
        tell(translate(ctx.actor.language, text, title=title))
        return
    now_in = find.get(ctx, entity, record_id).values["status"]
    state_title = entity.workflow.states[now_in].title(ctx.actor.language)
    tell(translate(ctx.actor.language, text, title=title, state=state_title))

"""The recycle bin on the screen: into it, a look inside, out of it, away for good."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from runtime.http.state import state
from runtime.kernel.errors import Forbidden
from runtime.kernel.i18n import translate
from runtime.records import find, trash
from runtime.records.find import Query
from runtime.web.flash import Undo, tell
from runtime.web.records import entity_of, leave
from runtime.web.render import Screen, answer

blueprint = Blueprint("bin", __name__)


@blueprint.post("/e/<key>/<int:record_id>/delete")
def delete(key: str, record_id: int) -> AnyResponse:
    """Into the bin, with the way back in the line that says so."""
    here = state()
    title = find.get(here.ctx, entity_of(here.ctx, key), record_id).title
    here.write(lambda ctx: trash.delete(ctx, ctx.catalog.by_key[key], [record_id]))
    text = translate(here.ctx.actor.language, "done.deleted", title=title)
    tell(text, Undo(f"/e/{key}/{record_id}/restore"))
    return leave(f"/e/{key}")


@blueprint.get("/e/<key>/bin")
def show(key: str) -> Response:
    """What lies in the bin, the last one in first."""
    ctx = state().ctx
    entity = entity_of(ctx, key)
    query = Query(
        entity,
        bin=True,
        sort="-deleted_at",
        fields=("deleted_at", "updated_by"),
        cursor=request.args.get("cursor", ""),
    )
    page = find.find(ctx, query)
    language, locale = ctx.actor.language, ctx.actor.locale
    rows = [
        (
            record.id,
            record.title,
            locale.minute(record.values["deleted_at"]),
            record.values["updated_by"].title if record.values["updated_by"] else "",
        )
        for record in page.records(locale)
    ]
    values = {
        "entity": entity,
        "list_title": entity.list_title(language),
        "rows": rows,
        "next": page.next,
        "previous": page.previous,
        "restorable": ctx.scope(entity, "delete") != "none",
    }
    title = translate(language, "bin.title", list=entity.list_title(language))
    return answer(Screen("bin.html", title, values, here=key))


@blueprint.post("/e/<key>/<int:record_id>/restore")
def restore(key: str, record_id: int) -> AnyResponse:
    """Out of the bin, with everything that went in with it."""
    here = state()
    entity_of(here.ctx, key)
    here.write(lambda ctx: trash.restore(ctx, ctx.catalog.by_key[key], [record_id]))
    record = find.get(here.ctx, entity_of(here.ctx, key), record_id)
    tell(translate(here.ctx.actor.language, "done.restored", title=record.title))
    return leave(f"/e/{key}/{record_id}")


@blueprint.get("/e/<key>/<int:record_id>/purge")
def ask_purge(key: str, record_id: int) -> Response:
    """Asks before a record goes for good."""
    ctx = state().ctx
    entity = entity_of(ctx, key)
    record = find.get(ctx, entity, record_id, deleted=True)
    if ctx.scope(entity, "delete") == "none":
        raise Forbidden
    language = ctx.actor.language
    values = {"record": record, "entity": entity}
    title = translate(language, "bin.purge_one", title=record.title)
    return answer(Screen("purge.html", title, values, here=key))


@blueprint.post("/e/<key>/<int:record_id>/purge")
def purge(key: str, record_id: int) -> AnyResponse:
    """Away for good; the history keeps that it was there."""
    here = state()
    record = find.get(here.ctx, entity_of(here.ctx, key), record_id, deleted=True)
    here.write(lambda ctx: trash.purge(ctx, ctx.catalog.by_key[key], [record_id]))
    tell(translate(here.ctx.actor.language, "done.purged", title=record.title))
    return leave(f"/e/{key}/bin")

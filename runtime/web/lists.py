"""The list of an entity, whole or as the block that HTMX swaps."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from runtime.catalog.model import Entity, View
from runtime.http.state import state
from runtime.kernel.errors import NotFound
from runtime.records.context import Context
from runtime.views.base import Asked
from runtime.views.table import TABLE, filled_in, views_for
from runtime.web.records import entity_of
from runtime.web.render import Screen, answer

blueprint = Blueprint("lists", __name__)


@blueprint.get("/e/<key>")
def list_page(key: str) -> AnyResponse:
    """Records of the entity; `?view=` names a saved view, the rest is read by the view."""
    ctx = state().ctx
    entity = entity_of(ctx, key)
    asked = Asked(request.path, tuple(request.args.items(multi=True)))
    prepared = TABLE.prepared(ctx, entity, _view(ctx, entity, asked.get("view")))
    elsewhere = filled_in(ctx, prepared, asked)
    if elsewhere:
        return Response(status=303, headers={"Location": elsewhere})
    values = TABLE.context(ctx, prepared, asked)
    return answer(Screen(TABLE.template, prepared.title, values, here=entity.key, blocks=("list",)))


def _view(ctx: Context, entity: Entity, key: str) -> View | None:
    """The saved view of this name, the first one where none is named."""
    views = views_for(ctx, entity)
    if not key:
        return views[0] if views else None
    found = next((view for view in views if view.key == key), None)
    if found is None:
        raise NotFound
    return found

"""What a picker offers while a name is typed."""

from __future__ import annotations

import re

from flask import Blueprint, Response, make_response, request
from markupsafe import Markup

from runtime.http.state import state
from runtime.kernel.i18n import translate
from runtime.web.records import entity_of
from runtime.web.typed import candidates

blueprint = Blueprint("suggest", __name__)
_LIST = re.compile(r"f-[a-z][a-z0-9_]{0,39}")
_OPTION = Markup('<li role="option" id="{}-o{}" aria-selected="false" data-value="{}">{}</li>')


@blueprint.get("/e/<key>/options")
def options(key: str) -> Response:
    """Entries of a listbox: the records that the typed name may mean, the best first."""
    ctx = state().ctx
    entity = entity_of(ctx, key)
    list_id = request.args.get("list", "")
    asked = next((text for name, text in request.args.items() if name.endswith("__text")), "")
    prefix = list_id if _LIST.fullmatch(list_id) else "f"
    found = candidates(ctx, entity, request.args.get("q", asked))
    items = [
        _OPTION.format(prefix, number, one.value, one.label) for number, one in enumerate(found)
    ]
    if not items:
        text = translate(ctx.actor.language, "form.no_match", text=asked.strip()[:80])
        items = [Markup('<li class="picker-none" role="presentation">{}</li>').format(text)]
    return make_response(str(Markup("").join(items)))

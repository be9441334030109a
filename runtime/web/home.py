"""The home page: the signed-in person's day, and the search over everything."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from runtime.access.policy import may_create
from runtime.catalog.model import Entity, View
from runtime.http.state import state
from runtime.kernel.i18n import translate
from runtime.query.search import search_words
from runtime.records.context import Context
from runtime.records.counts import kept_counts
from runtime.records.find import Count, Query, find
from runtime.records.recent import recent
from runtime.views.table import TABLE, views_for
from runtime.web.icons import icon_name
from runtime.web.render import Screen, answer
from runtime.web.shell import menu, start_entity
from runtime.web.times import spoken, today

blueprint = Blueprint("home", __name__)

# Lists with a number beside them; each may cost a statement after a write.
_COUNTED = 16
_RECENT = 10
# Kinds of records that one search looks through, and what it shows of each.
_SEARCHED = 10
_FOUND = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A list that the person can open, with the count where it is known."""

    title: str
    href: str
    count: str


@dataclass(frozen=True, slots=True)
class Card:
    """An entity with its saved lists."""

    title: str
    one: str
    href: str
    icon: str
    count: str
    may_create: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A record that was touched lately."""

    href: str
    title: str
    entity: str
    what: str
    when: str
    full: str


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found of one entity."""

    title: str
    records: tuple[tuple[str, str], ...]
    all_url: str


@blueprint.get("/")
def home() -> Response:
    """Where the day begins: lists that wait, what changed lately."""
    ctx = state().ctx
    values = {"cards": _cards(ctx), "changes": _changes(ctx), "modules": len(ctx.catalog.modules)}
    title = today(ctx.actor.locale, ctx.now())
    return answer(Screen("home.html", title, values, here="home"))


@blueprint.get("/search")
def search() -> Response:
    """Records of every kind that hold the words."""
    ctx = state().ctx
    text = request.args.get("q", "").strip()[:200]
    asked = search_words(text)
    hits = [one for entity in _ordered(ctx)[:_SEARCHED] if (one := _hits(ctx, entity, text, asked))]
    title = translate(ctx.actor.language, "search.title")
    values = {"text": text, "hits": hits if asked else []}
    return answer(Screen("search.html", title, values))


def _hits(ctx: Context, entity: Entity, text: str, asked: tuple[str, ...]) -> Hits | None:
    if not asked:
        return None
    page = find(ctx, Query(entity, search=asked, limit=_FOUND))
    found = page.records(ctx.actor.locale)
    if not found:
        return None
    href = f"/e/{entity.key}"
    records = tuple((f"{href}/{one.id}", one.title) for one in found)
    more = f"{href}?{urlencode({'q': text})}" if page.next else ""
    return Hits(entity.list_title(ctx.actor.language), records, more)


def _ordered(ctx: Context) -> list[Entity]:
    """The entities of the menu; what modules call their start comes first, the trade before what
    it stands on."""
    shown = [ctx.catalog.by_key[item.key] for group in menu(ctx) for item in group.items]
    starts = [start_entity(ctx, module.start) for module in ctx.catalog.modules.values()][::-1]
    rest = len(starts)
    return sorted(shown, key=lambda one: starts.index(one.uid) if one.uid in starts else rest)


def _cards(ctx: Context) -> list[Card]:
    """Entities with their saved lists; the lists of a module's start are counted."""
    starts = {start_entity(ctx, module.start) for module in ctx.catalog.modules.values()}
    entities = _ordered(ctx)
    views = {e.uid: views_for(ctx, e)[1:] if e.uid in starts else [] for e in entities}
    questions: list[tuple[Entity, View | None]] = [
        (entity, view) for entity in entities for view in (None, *views[entity.uid])
    ]
    counted = questions[:_COUNTED]
    counts = kept_counts(ctx, [_question(ctx, entity, view) for entity, view in counted])
    known = dict(zip(((e.uid, v.uid if v else "") for e, v in counted), counts, strict=True))
    return [_card(ctx, entity, views[entity.uid], known) for entity in entities]


def _question(ctx: Context, entity: Entity, view: View | None) -> Query:
    conditions = TABLE.prepared(ctx, entity, view).where if view else ()
    return Query(entity, conditions=conditions)


def _card(
    ctx: Context, entity: Entity, views: list[View], known: dict[tuple[str, str], Count]
) -> Card:
    language = ctx.actor.language
    href = f"/e/{entity.key}"
    lines = tuple(
        Line(
            view.title(language),
            f"{href}?view={view.key}",
            _written(ctx, known.get((entity.uid, view.uid))),
        )
        for view in views
    )
    return Card(
        entity.list_title(language),
        entity.title(language),
        href,
        icon_name(entity.icon),
        _written(ctx, known.get((entity.uid, ""))),
        may_create(ctx.catalog, ctx.actor, entity),
        lines,
    )


def _written(ctx: Context, count: Count | None) -> str:
    if count is None:
        return ""
    number = ctx.actor.locale.integer(count.value)
    return number if count.exact else f"{number}+"


def _changes(ctx: Context) -> list[Change]:
    locale, now = ctx.actor.locale, ctx.now()
    made = []
    for one in recent(ctx, _RECENT):
        who = one.person or translate(locale.language, "history.product")
        what = translate(locale.language, f"history.{one.kind}")
        made.append(
            Change(
                f"/e/{one.entity.key}/{one.id}",
                one.title,
                one.entity.title(locale.language),
                f"{who} · {what}",
                spoken(locale, one.at, now),
                locale.datetime(one.at),
            )
        )
    return made

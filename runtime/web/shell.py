"""The frame of every screen: what the actor may see and add, rendered once per set of roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment
from markupsafe import Markup

from runtime.access.policy import may_create, visible
from runtime.catalog.model import Entity
from runtime.records.context import Context
from runtime.web.icons import icon_name


@dataclass(frozen=True, slots=True)
class Item:
    """An entity in a menu: the name of many and of one."""

    key: str
    href: str
    icon: str
    title: str
    one: str


@dataclass(frozen=True, slots=True)
class Group:
    """The entities of one module."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Shell:
    """Side bar, + menu and bottom bar as HTML."""

    side: Markup
    add: Markup
    bottom: Markup


def shell(ctx: Context, environment: Environment, here: str) -> Shell:
    """The frame around the screen `here`: the key of an entity, or `home`."""
    name = ("shell", ctx.roles_key, ctx.actor.language, here)
    return ctx.model.once(name, lambda: _rendered(ctx, environment, here))


def _rendered(ctx: Context, environment: Environment, here: str) -> Shell:
    nav = environment.get_template("nav.html").module
    groups = menu(ctx)
    items = addable(ctx)
    main = main_item(groups, ctx)
    return Shell(
        nav.side(groups, here, ctx.catalog.workspace.name),  # type: ignore[attr-defined]
        nav.add(items),  # type: ignore[attr-defined]
        nav.bottom(groups, main, items, here),  # type: ignore[attr-defined]
    )


def menu(ctx: Context) -> list[Group]:
    """What the actor may see, by module in the order of their requirements."""
    language = ctx.actor.language
    shown = [entity for entity in visible(ctx.catalog, ctx.actor) if entity.in_menu]
    groups = []
    for module in ctx.catalog.modules.values():
        items = tuple(item(one, language) for one in shown if one.module == module.key)
        if items:
            groups.append(Group(module.title(language), items))
    return groups


def item(entity: Entity, language: str) -> Item:
    return Item(
        entity.key,
        f"/e/{entity.key}",
        icon_name(entity.icon),
        entity.list_title(language),
        entity.title(language),
    )


def addable(ctx: Context) -> list[Item]:
    """The entities of the menu that the actor may add a record to."""
    return [
        item(entity, ctx.actor.language)
        for entity in visible(ctx.catalog, ctx.actor)
        if entity.in_menu and may_create(ctx.catalog, ctx.actor, entity)
    ]


def main_item(groups: Sequence[Group], ctx: Context) -> Item | None:
    """The list that the actor's work begins with: what the last module calls its start."""
    items = {one.key: one for group in groups for one in group.items}
    for module in reversed([*ctx.catalog.modules.values()]):
        start = ctx.catalog.entities.get(start_entity(ctx, module.start))
        if start and start.key in items:
            return items[start.key]
    return next(iter(items.values()), None)


def start_entity(ctx: Context, uid: str) -> str:
    """The entity behind a module's `start`, which names it or one of its views."""
    view = ctx.catalog.views.get(uid)
    return view.entity if view else uid

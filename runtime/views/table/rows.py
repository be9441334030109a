"""Rows as HTML: what a column needs is worked out once, a cell then costs a call or two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from runtime.catalog.model import Entity
from runtime.fields.base import Field, FieldType
from runtime.fields.html import escaped
from runtime.kernel.locale import Locale
from runtime.query.selection import Selection
from runtime.records.find import Page

Show = Callable[[Any], str]
Write = Callable[[Page], Markup]
# Cells beside the title that a phone has room for.
ON_CARD = 4
# Different values of one column whose HTML is kept: options, yes and no, small numbers.
_KEPT = 200


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table. `sort` is what its header sorts by, "" when it cannot."""

    field: Field
    title: str
    sort: str
    # Whether a card on a phone shows it.
    on_card: bool

    @property
    def classes(self) -> str:
        words = ["state" if self.field.type.name == "status" else ""]
        words.append("number" if self.field.type.align == "end" else "")
        words.append("" if self.on_card else "wide")
        return " ".join(word for word in words if word)


def row_writer(
    entity: Entity, columns: Sequence[Column], selection: Selection, locale: Locale
) -> Write:
    """Page -> the `<tr>`s of its rows."""
    cells = tuple(_cell(column, selection, locale) for column in columns)
    title, link = selection.title, f'<tr><th scope="row"><a href="/e/{entity.key}/'

    def write(page: Page) -> Markup:
        parts: list[str] = []
        add = parts.append
        links = tuple(page.links.get(column.field.key) for column in columns)
        for row in page.rows:
            said = title(row, locale) if title else ""
            add(f'{link}{row[0]}">{escaped(said or f"#{row[0]}")}</a></th>')
            for (before, read, show), linked in zip(cells, links, strict=True):
                add(before)
                value = read(row, locale) if linked is None else linked.get(row[0], ())
                if value is not None and value != ():
                    add(show(value))
                add("</td>")
            add("</tr>\n")
        return Markup("".join(parts))  # noqa: S704 - cells escape themselves

    return write


def _cell(column: Column, selection: Selection, locale: Locale) -> tuple[str, Any, Show]:
    """The opening tag, the reader of the value, and its HTML."""
    classes = f' class="{column.classes}"' if column.classes else ""
    # A chip says what it is by itself.
    labelled = column.on_card and not column.field.choices
    label = Markup(' data-label="{}"').format(column.title) if labelled else ""
    return f"<td{classes}{label}>", selection.readers.get(column.field.key), _show(column, locale)


def _show(column: Column, locale: Locale) -> Show:
    one = column.field
    cell = one.type.cell
    if one.choices or one.type.name in ("boolean", "date"):
        return _keeping(lambda value: cell(one, value, locale))
    if type(one.type).cell is FieldType.cell:
        text = one.type.text
        return lambda value: escaped(text(one, value, locale))
    return lambda value: cell(one, value, locale)


def _keeping(show: Show) -> Show:
    """For values that come again and again."""
    kept: dict[Any, str] = {}

    def shown(value: Any) -> str:
        found = kept.get(value)
        if found is None:
            found = show(value)
            if len(kept) < _KEPT:
                kept[value] = found
        return found

    return shown

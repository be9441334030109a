"""What a person asks for, turned into a job: the file, its layout, the rule for duplicates."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from runtime.catalog.model import Catalog, Entity
from runtime.definitions.report import nearest
from runtime.kernel.errors import Refused
from runtime.transfer.batch import OnDuplicate
from runtime.transfer.guess import guess
from runtime.transfer.layout import lay_out
from runtime.transfer.mapping import find_mapping
from runtime.transfer.run import Job, sign
from runtime.transfer.sheet import Sheet


def entity_called(catalog: Catalog, key: str) -> Entity:
    """Raises `Refused` with the nearest key where there is none of this one."""
    entity = catalog.by_key.get(key)
    if entity is None:
        known = list(catalog.by_key)
        suggestion = nearest(key, known) or ", ".join(known[:20]) or "-"
        raise Refused("transfer.no_entity", entity=key, suggestion=suggestion)
    return entity


def make_job(
    connection: Connection,
    catalog: Catalog,
    entity: Entity,
    sheet: Sheet,
    *,
    page: str | None = None,
    mapping: str | None = None,
    on_duplicate: OnDuplicate = OnDuplicate.SKIP,
) -> Job:
    """`mapping` names a file or a mapping of a module; without one the columns are guessed.

    Raises `Refused` or `DefinitionErrors` when file and mapping do not go together.
    """
    content = find_mapping(connection, catalog, entity, mapping) if mapping else None
    if content is None:
        layout = guess(catalog, entity, sheet.header)
    else:
        layout = lay_out(content, catalog, sheet.header)
    signature = sign(sheet, entity.uid, page, content, on_duplicate)
    return Job(sheet, layout, on_duplicate, signature)

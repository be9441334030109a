"""The product's own tables, `sys_…`: revisions, people, history, counters, imports."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from runtime.fields.columns import UtcDateTime, key_text

# 64 bits on PostgreSQL; SQLite counts only in columns that it calls INTEGER.
Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = sa.MetaData(naming_convention=NAMES)


def _table(name: str, *columns: Any) -> sa.Table:
    return sa.Table(name, metadata, *columns, sqlite_autoincrement=True)


def _id() -> sa.Column[Any]:
    return sa.Column("id", Id, primary_key=True)


def _moment(name: str, **words: Any) -> sa.Column[Any]:
    return sa.Column(name, UtcDateTime, **words)


published = _table(
    "sys_published",
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, nullable=False),
    # Moves when settings of the workspace change: the catalog is compiled from both.
    sa.Column("settings_version", sa.Integer, nullable=False, server_default="0"),
)
revision = _table(
    "sys_revision",
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("parent", sa.Integer),
    _moment("created_at", nullable=False),
    sa.Column("author", Id, sa.ForeignKey("sys_user.id")),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("sha256", key_text(), nullable=False),
    sa.Column("runtime_version", key_text(), nullable=False),
    sa.Column("bundle", sa.Text, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
)
module = _table(
    "sys_module",
    sa.Column("key", key_text(), primary_key=True),
    sa.Column("version", key_text(), nullable=False),
    # The files as they were installed: an upgrade merges three ways against them.
    sa.Column("base", sa.Text, nullable=False),
    _moment("installed_at", nullable=False),
)
setting = _table(
    "sys_setting",
    sa.Column("key", key_text(), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
parked = _table(
    "sys_parked",
    _id(),
    # "column": still there under `physical`; "values": in sys_parked_value; "table": renamed.
    sa.Column("kind", key_text(), nullable=False),
    sa.Column("uid", key_text(), nullable=False),
    sa.Column("entity_uid", key_text(), nullable=False),
    sa.Column("physical", key_text(), nullable=False),
    # Revision whose bundle says what the values mean.
    sa.Column("revision", sa.Integer, nullable=False),
    _moment("parked_at", nullable=False),
    _moment("expires_at", nullable=False),
    sa.Index("ix_sys_parked_uid", "uid"),
)
parked_value = _table(
    "sys_parked_value",
    _id(),
    sa.Column("parked_id", Id, sa.ForeignKey("sys_parked.id"), nullable=False),
    sa.Column("record_id", Id, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Index("ix_sys_parked_value_parked_id", "parked_id", "record_id"),
)
counter = _table(
    "sys_counter",
    sa.Column("field_uid", key_text(), primary_key=True),
    sa.Column("period", key_text(), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)
user = _table(
    "sys_user",
    _id(),
    sa.Column("email", key_text(), nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("password", sa.Text),
    sa.Column("language", key_text()),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    _moment("created_at", nullable=False),
)
user_role = _table(
    "sys_user_role",
    sa.Column("user_id", Id, sa.ForeignKey("sys_user.id"), primary_key=True),
    sa.Column("role", key_text(), primary_key=True),
)
session = _table(
    "sys_session",
    # SHA-256 of the cookie: a stolen database opens no session.
    sa.Column("hash", key_text(), primary_key=True),
    sa.Column("user_id", Id, sa.ForeignKey("sys_user.id"), nullable=False),
    sa.Column("csrf", key_text(), nullable=False),
    _moment("created_at", nullable=False),
    _moment("expires_at", nullable=False),
    sa.Index("ix_sys_session_user_id", "user_id"),
)
token = _table(
    "sys_token",
    sa.Column("hash", key_text(), primary_key=True),
    sa.Column("user_id", Id, sa.ForeignKey("sys_user.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    _moment("created_at", nullable=False),
    sa.Index("ix_sys_token_user_id", "user_id"),
)
attempt = _table(
    "sys_attempt",
    sa.Column("subject", key_text(), primary_key=True),
    sa.Column("window", sa.BigInteger, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)
operation = _table(
    "sys_operation",
    _id(),
    _moment("at", nullable=False),
    sa.Column("user_id", Id, sa.ForeignKey("sys_user.id")),
    sa.Column("kind", key_text(), nullable=False),
    sa.Column("origin", key_text(), nullable=False),
)
change = _table(
    "sys_change",
    _id(),
    sa.Column("operation_id", Id, sa.ForeignKey("sys_operation.id"), nullable=False),
    sa.Column("entity_uid", key_text(), nullable=False),
    sa.Column("record_id", Id, nullable=False),
    sa.Column("kind", key_text(), nullable=False),
    # The record's version after the change.
    sa.Column("version", sa.Integer, nullable=False),
    # {field uid: [old, new]} in the JSON form of the field.
    sa.Column("changes", sa.Text, nullable=False),
    sa.Index("ix_sys_change_record", "entity_uid", "record_id", "id"),
    sa.Index("ix_sys_change_operation_id", "operation_id"),
)
status_log = _table(
    "sys_status_log",
    _id(),
    sa.Column("operation_id", Id, sa.ForeignKey("sys_operation.id"), nullable=False),
    sa.Column("entity_uid", key_text(), nullable=False),
    sa.Column("record_id", Id, nullable=False),
    sa.Column("source", key_text()),
    sa.Column("target", key_text(), nullable=False),
    sa.Column("transition", key_text()),
    sa.Column("imported", sa.Boolean, nullable=False, server_default=sa.false()),
    _moment("at", nullable=False),
    # Time spent in `source`.
    sa.Column("seconds", sa.BigInteger),
    sa.Index("ix_sys_status_log_record", "entity_uid", "record_id", "id"),
)
idempotency = _table(
    "sys_idempotency",
    sa.Column("actor", key_text(), primary_key=True),
    sa.Column("key", key_text(), primary_key=True),
    # SHA-256 of what was asked: the same key with other content is a mistake.
    sa.Column("request", key_text(), nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    _moment("created_at", nullable=False),
    sa.Index("ix_sys_idempotency_created_at", "created_at"),
)
import_run = _table(
    "sys_import",
    _id(),
    sa.Column("entity_uid", key_text(), nullable=False),
    # SHA-256 over file, mapping, sheet and the rule for duplicates: what makes it the same run.
    sa.Column("signature", key_text(), nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    # Which column fills which field, by uid: a run that goes on reads as it began.
    sa.Column("layout", sa.Text, nullable=False),
    # All that the run wrote is one operation; none, while it has changed nothing.
    sa.Column("operation_id", Id, sa.ForeignKey("sys_operation.id")),
    # The checkpoint: rows that are through, whatever became of them.
    sa.Column("done_rows", sa.BigInteger, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("updated", sa.BigInteger, nullable=False),
    sa.Column("skipped", sa.BigInteger, nullable=False),
    sa.Column("refused", sa.BigInteger, nullable=False),
    sa.Column("related", sa.BigInteger, nullable=False),
    _moment("started_at", nullable=False),
    _moment("finished_at"),
    sa.Index("ix_sys_import_signature", "signature"),
    # Two processes with one file do not both begin.
    sa.Index(
        "uq_sys_import_open", "signature", unique=True,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    ),
)  # fmt: skip
import_error = _table(
    "sys_import_error",
    _id(),
    sa.Column("import_id", Id, sa.ForeignKey("sys_import.id"), nullable=False),
    sa.Column("row", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("cells", sa.Text, nullable=False),
    sa.Index("ix_sys_import_error_import_id", "import_id", "row"),
)

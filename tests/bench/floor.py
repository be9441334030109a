"""The floor: a hand-written Flask + SQLAlchemy Core + Jinja application with fixed tables.

No rights, no history, no translations: the physical limit for a system like ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import Flask, jsonify, redirect, request
from jinja2 import DictLoader, Environment

from runtime.storage.engine import make_engine
from tests.bench import data

metadata = sa.MetaData()
Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
company = sa.Table(
    "company", metadata, sa.Column("id", Id, primary_key=True), sa.Column("name", sa.Text)
)
contact = sa.Table(
    "contact",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("email", sa.Text),
    sa.Column("phone", sa.Text),
    sa.Column("city", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("balance", sa.BigInteger),
    sa.Column("birth_date", sa.Date),
    sa.Column("company", Id, sa.ForeignKey("company.id")),
    sa.Column("active", sa.Boolean),
    sa.Column("rating", sa.Integer),
    sa.Column("source", sa.Text),
    sa.Column("note", sa.Text),
    sa.Index("ix_contact_status", "status", "id"),
    sa.Index("ix_contact_city", "city", "id"),
    sa.Index("ix_contact_company", "company"),
)
related = [
    sa.Table(
        f"related{number}",
        metadata,
        sa.Column("id", Id, primary_key=True),
        sa.Column("contact", Id, sa.ForeignKey("contact.id"), index=True),
        sa.Column("title", sa.Text),
        sa.Column("day", sa.Date),
    )
    for number in range(1, data.RELATED + 1)
]

_PAGES = {
    "base.html": """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ title }}
</title><link rel="stylesheet" href="/static/app.css"><script src="/static/htmx.js" defer></script>
</head><body><nav><a href="/contacts">Contacts</a> <a href="/companies">Companies</a></nav>
<main><h1>{{ title }}</h1>{% block main %}{% endblock %}</main></body></html>""",
    "list.html": """{% extends "base.html" %}{% block main %}<form><input type="search" name="q">
</form>{% if total is not none %}<p>{{ total }} found</p>{% endif %}
<table><thead><tr>{% for name in names %}<th><a href="?sort={{ name }}">{{ name }}</a></th>
{% endfor %}</tr></thead><tbody>{% for row in rows %}<tr><td><a href="/contacts/{{ row.id }}">
{{ row.name }}</a></td><td>{{ row.email }}</td><td>{{ row.phone }}</td><td>{{ row.city }}</td><td>
{{ row.status }}</td><td>{{ "%.2f"|format(row.balance / 100) }}</td><td>{{ row.birth_date }}</td>
<td><a href="/companies/{{ row.company }}">{{ row.company_name }}</a></td><td>{{ row.active }}</td>
<td>{{ row.rating }}</td><td>{{ row.source }}</td><td>{{ row.note }}</td></tr>{% endfor %}</tbody>
</table><a href="?page=2">next</a>{% endblock %}""",
    "record.html": """{% extends "base.html" %}{% block main %}<dl>{% for name in names %}<dt>
{{ name }}</dt><dd>{{ row[name] }}</dd>{% endfor %}<dt>Company</dt><dd>{{ row.company_name }}</dd>
</dl>{% for rows in lists %}<table>{% for one in rows %}<tr><td>{{ one.title }}</td><td>
{{ one.day }}</td></tr>{% endfor %}</table>{% endfor %}{% endblock %}""",
}
_NAMES = [column.name for column in contact.columns][1:]
_JOINED = sa.select(contact, company.c.name.label("company_name")).select_from(
    contact.outerjoin(company, contact.c.company == company.c.id)
)
_NEWEST = _JOINED.order_by(contact.c.id.desc()).limit(51)
_ONE = _JOINED.where(contact.c.id == sa.bindparam("record"))


def create_app(url: str) -> Flask:
    app = Flask(__name__)
    engine = make_engine(url)
    pages = Environment(loader=DictLoader(_PAGES), autoescape=True)

    @contextmanager
    def reading() -> Iterator[sa.Connection]:
        with engine.connect() as connection:
            yield connection

    def listed(rows: Any, total: int | None = None) -> str:
        template = pages.get_template("list.html")
        return template.render(title="Contacts", names=_NAMES, rows=rows, total=total)

    @app.get("/contacts")
    def contacts() -> str:
        with reading() as connection:
            offset = request.args.get("offset", 0, int)
            statement = _NEWEST.offset(offset) if offset else _NEWEST
            return listed(connection.execute(statement).all()[:50])

    @app.get("/filtered")
    def filtered() -> str:
        city = contact.c.city == request.args["city"]
        with reading() as connection:
            rows = connection.execute(_NEWEST.where(city)).all()[:50]
            counted = sa.select(sa.func.count()).select_from(contact).where(city)
            return listed(rows, connection.execute(counted).scalar())

    @app.get("/search")
    def search() -> str:
        wanted = contact.c.name.ilike(f"%{request.args['q']}%")
        with reading() as connection:
            return listed(connection.execute(_NEWEST.where(wanted)).all()[:50])

    @app.get("/contacts/<int:record>")
    def one(record: int) -> str:
        with reading() as connection:
            row = connection.execute(_ONE, {"record": record}).one()
            lists = [
                connection.execute(
                    sa.select(t).where(t.c.contact == record).order_by(t.c.id.desc()).limit(10)
                ).all()
                for t in related
            ]
        template = pages.get_template("record.html")
        return template.render(title=row.name, names=_NAMES, row=row._mapping, lists=lists)

    @app.post("/contacts")
    def create() -> Any:
        form = request.form
        values = {name: form.get(name) for name in ("name", "email", "phone", "city", "note")}
        values |= {"status": "new", "balance": int(float(form["balance"]) * 100)}
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            made = connection.execute(contact.insert().values(values)).inserted_primary_key
        return redirect(f"/contacts/{made[0]}", 303)

    @app.post("/contacts/<int:record>")
    def update(record: int) -> Any:
        change = contact.update().where(contact.c.id == record)
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.execute(change.values(city=request.form["city"]))
        return redirect(f"/contacts/{record}", 303)

    @app.get("/api/contacts")
    def rest_list() -> Any:
        newest = sa.select(contact).order_by(contact.c.id.desc()).limit(51)
        with reading() as connection:
            rows = connection.execute(newest).all()[:50]
        return jsonify({"data": [_json(row) for row in rows], "next": str(rows[-1].id)})

    @app.get("/api/contacts/<int:record>")
    def rest_one(record: int) -> Any:
        with reading() as connection:
            row = connection.execute(sa.select(contact).where(contact.c.id == record)).one()
        return jsonify(_json(row))

    @app.get("/api/grouped")
    def grouped() -> Any:
        figures = sa.select(
            contact.c.status, sa.func.count().label("count"), sa.func.sum(contact.c.balance)
        ).group_by(contact.c.status)
        with reading() as connection:
            rows = connection.execute(figures).all()
        return jsonify([{"status": row[0], "count": row[1], "sum": float(row[2])} for row in rows])

    return app


def _json(row: Any) -> dict[str, Any]:
    return {**row._mapping, "birth_date": row.birth_date and row.birth_date.isoformat()}


def fill(url: str) -> list[int]:
    """Makes the tables with the benchmark's rows; gives ids of contacts with related rows."""
    engine = make_engine(url)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        metadata.create_all(connection)
        names = {name: number for number, name in enumerate(data.company_names(), 1)}
        connection.execute(company.insert(), [{"id": n, "name": name} for name, n in names.items()])
        batch = []
        for number, row in enumerate(data.contacts(), 1):
            batch.append(_typed(number, row, names))
            if len(batch) == 10_000:
                connection.execute(contact.insert(), batch)
                batch = []
        ids = list(range(data.CONTACTS - data.MEASURED + 1, data.CONTACTS + 1))
        for table in related:
            rows = [
                {"contact": one, "title": f"Row {n}"}
                for one in ids
                for n in range(data.RELATED_ROWS)
            ]
            connection.execute(table.insert(), rows)
        _finish(connection)
    engine.dispose()
    return ids


def _typed(number: int, row: dict[str, str], names: dict[str, int]) -> dict[str, Any]:
    birth = sa.Date().python_type.fromisoformat(row["birth_date"])
    return {
        **row,
        "id": number,
        "company": names[row["company"]],
        "balance": round(float(row["balance"]) * 100),
        "active": row["active"] == "true",
        "rating": int(row["rating"]),
        "birth_date": birth,
    }


def _finish(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("ANALYZE")
        return
    connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    connection.exec_driver_sql(
        "CREATE INDEX ix_contact_name_trgm ON contact USING gin (name gin_trgm_ops)"
    )
    for table in ("contact", "company"):
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )
    connection.exec_driver_sql("ANALYZE")

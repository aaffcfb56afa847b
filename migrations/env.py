"""Migrations: plain Alembic, the same on SQLite and PostgreSQL; `trace.migrate` gives the connection."""

import os
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from trace.db import ExactDecimal, UTCDateTime, open_sessions
from trace.tables import metadata


def render_plain(kind: str, column_type: object, _context: AutogenContext) -> str | Literal[False]:
    """Write our own column types as SQLAlchemy's, so that a migration never changes with our code."""
    if kind == "type" and isinstance(column_type, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(column_type, ExactDecimal):
        return "sa.String(length=40)"
    return False


def run(connection: Connection) -> None:
    """Run what was asked on this connection."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=render_plain,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:  # the `alembic` command itself
    with open_sessions(os.environ["DATABASE_URL"]).write.kw["bind"].begin() as opened:
        run(opened)

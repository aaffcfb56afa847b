"""The ledger lines of an event lie side by side, and indexes hold only what is looked up

Each event that is recorded writes a page of every index it has a row in (docs/performance.md).
"""

import sqlalchemy as sa
from alembic import op

from trace.db import append_only_ddl

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ACCOUNTS = ("grown", "lot", "lost", "packed", "sold")
TOLD = "account, lot_id, subject, commodity, amount"


def upgrade() -> None:
    number = "ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY id)"
    _make_anew(
        f"event_id, {number} AS number",
        "event_id, number",
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "number", name=op.f("pk_ledger_line")),
        sqlite_with_rowid=False,
    )
    _index("ix_ledger_line_lot_id", "ledger_line", "lot_id", "amount < 0")
    op.drop_index("ix_lot_plot_id", "lot")
    _index("ix_lot_plot_id", "lot", "plot_id", "plot_id IS NOT NULL")


def downgrade() -> None:
    op.drop_index("ix_lot_plot_id", "lot")
    op.create_index("ix_lot_plot_id", "lot", ["plot_id"])
    _make_anew(
        "event_id, number",
        "event_id",
        sa.Column("id", BIG, nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_line")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('ledger_line', 'id'), max(id)) FROM ledger_line HAVING max(id) > 0")
    op.create_index("ix_ledger_line_event_id", "ledger_line", ["event_id"])
    op.create_index("ix_ledger_line_lot_id", "ledger_line", ["lot_id"])


def _make_anew(read: str, written: str, *key: sa.Column[int] | sa.PrimaryKeyConstraint, **options: bool) -> None:
    """Make the ledger again with another key, with the lines it has, append-only as before."""
    op.execute(f"CREATE TABLE kept_line AS SELECT {read}, {TOLD} FROM ledger_line")
    op.drop_table("ledger_line")
    op.create_table(
        "ledger_line",
        *key,
        sa.Column("account", _words("account", *ACCOUNTS), nullable=False),
        sa.Column("lot_id", BIG, nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=True),
        sa.Column("commodity", _words("commodity", "g", "unit"), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_ledger_line_amount_not_zero")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_ledger_line_event_id_event")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_ledger_line_lot_id_lot")),
        **options,
    )
    op.execute(
        f"INSERT INTO ledger_line ({written}, {TOLD}) SELECT {written}, {TOLD} FROM kept_line ORDER BY event_id, number"
    )
    op.drop_table("kept_line")
    for statement in append_only_ddl("ledger_line", op.get_bind().dialect.name):
        op.execute(statement)


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)


def _index(name: str, table: str, column: str, holds: str) -> None:
    """Index only the rows of which something holds."""
    op.create_index(name, table, [column], sqlite_where=sa.text(holds), postgresql_where=sa.text(holds))

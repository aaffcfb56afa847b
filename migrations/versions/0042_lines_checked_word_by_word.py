"""The account of a ledger line is compared word by word

SQLite makes a table of its own of a list of words, for every row that is checked by it (docs/performance.md). To
PostgreSQL both are one.
"""

import sqlalchemy as sa
from alembic import op

from trace.db import append_only_ddl

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TOLD = "event_id, number, account, lot_id, subject, commodity, amount"
WORD_BY_WORD = "account = 'grown' OR account = 'lot' OR account = 'lost' OR account = 'packed' OR account = 'sold'"
IN_A_LIST = "account IN ('grown', 'lot', 'lost', 'packed', 'sold')"


def upgrade() -> None:
    _check(WORD_BY_WORD)


def downgrade() -> None:
    _check(IN_A_LIST)


def _check(account: str) -> None:
    """Make the ledger again with another check, with the lines it has, append-only as before."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute(f"CREATE TABLE kept_line AS SELECT {TOLD} FROM ledger_line")
    op.drop_table("ledger_line")
    op.create_table(
        "ledger_line",
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("lot_id", BIG, nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=True),
        sa.Column("commodity", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(account, name=op.f("ck_ledger_line_account")),
        sa.CheckConstraint("commodity IN ('g', 'unit')", name=op.f("ck_ledger_line_commodity")),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_ledger_line_amount_not_zero")),
        sa.PrimaryKeyConstraint("event_id", "number", name=op.f("pk_ledger_line")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_ledger_line_event_id_event")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_ledger_line_lot_id_lot")),
        sqlite_with_rowid=False,
    )
    op.execute(f"INSERT INTO ledger_line ({TOLD}) SELECT {TOLD} FROM kept_line ORDER BY event_id, number")
    op.drop_table("kept_line")
    op.create_index("ix_ledger_line_lot_id", "ledger_line", ["lot_id"], sqlite_where=sa.text("amount < 0"))
    for statement in append_only_ddl("ledger_line", "sqlite"):
        op.execute(statement)

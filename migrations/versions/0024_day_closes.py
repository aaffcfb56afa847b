"""Closings of the day, frozen"""

import sqlalchemy as sa
from alembic import op

from trace.db import append_only_ddl

revision = "0024"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TABLES = ("day_close", "day_close_line", "day_close_slip")


def upgrade() -> None:
    _closes()
    _lines()
    for table in TABLES:
        for statement in append_only_ddl(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _closes() -> None:
    op.create_table(
        "day_close",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("open_hand_overs", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        _to("day_close", "party_id", "party"),
        _to("day_close", "entered_by_id", "party"),
        _to("day_close", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_close")),
        sa.UniqueConstraint("code", "party_id", name=op.f("uq_day_close_code_party_id")),
        sa.UniqueConstraint("party_id", "day", "number", name=op.f("uq_day_close_party_id_day_number")),
    )


def _lines() -> None:
    op.create_table(
        "day_close_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("close_id", BIG, nullable=False),
        sa.Column(
            "side",
            sa.Enum("bought", "sold", name="side", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("other_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(length=60), nullable=True) for name in ("pluck_standard", "grade")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("slips", "reversed")),
        sa.Column("net_g", sa.BigInteger(), nullable=False),
        sa.Column("amount_yuan", sa.String(length=40), nullable=False),
        _to("day_close_line", "close_id", "day_close"),
        _to("day_close_line", "other_id", "party"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_close_line")),
    )
    op.create_index("ix_day_close_line_close_id", "day_close_line", ["close_id"])
    op.create_table(
        "day_close_slip",
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("slip_id", BIG, nullable=False),
        sa.Column("taken_back", sa.Boolean(), nullable=False),
        sa.Column("close_id", BIG, nullable=False),
        _to("day_close_slip", "party_id", "party"),
        _to("day_close_slip", "slip_id", "weigh_slip"),
        _to("day_close_slip", "close_id", "day_close"),
        sa.PrimaryKeyConstraint("party_id", "slip_id", "taken_back", name=op.f("pk_day_close_slip")),
    )
    op.create_index("ix_day_close_slip_close_id", "day_close_slip", ["close_id"])


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))

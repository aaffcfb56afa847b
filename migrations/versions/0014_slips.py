"""Weigh slips, reversed and never changed; names of who weighed, apart"""

import sqlalchemy as sa
from alembic import op

from trace.db import append_only_ddl

revision = "0014"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
APPEND_ONLY = ("weigh_slip", "slip_reversal")


def upgrade() -> None:
    _names()
    _slips()
    for table in APPEND_ONLY:
        for statement in append_only_ddl(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for table in ("slip_counter", "slip_reversal", "weigh_slip", "written_name"):
        op.drop_table(table)


def _names() -> None:
    op.create_table(
        "written_name",
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("commitment", name=op.f("pk_written_name")),
    )


def _slips() -> None:
    op.create_table(
        "weigh_slip",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("kind", _words("slipkind", "hand-over", "intake"), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=False),
        sa.Column("receiver_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", BIG, nullable=True),
        sa.Column("intake_id", BIG, nullable=True),
        sa.Column("weighed_on", sa.Date(), nullable=False),
        sa.Column("weighed_at", MOMENT, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("gross_g", "tare_g", "deduction_g")),
        sa.Column("deduction_reason", sa.String(length=120), nullable=True),
        sa.Column("net_g", sa.BigInteger(), nullable=False),
        sa.Column("as_typed", sa.JSON(none_as_null=True), nullable=True),
        *(sa.Column(name, sa.String(length=40), nullable=True) for name in ("price_yuan_per_kg", "amount_yuan")),
        *(sa.Column(name, sa.String(length=60), nullable=True) for name in ("pluck_standard", "grade")),
        sa.Column("weigher_commitment", sa.LargeBinary(length=32), nullable=True),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("mode", _words("mode", "live", "history", "capture", "offline", "paper"), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("issued_at", MOMENT, nullable=False),
        *(_to("weigh_slip", column, "party") for column in ("party_id", "giver_id", "receiver_id", "entered_by_id")),
        _to("weigh_slip", "delivery_id", "delivery"),
        _to("weigh_slip", "intake_id", "intake"),
        _to("weigh_slip", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weigh_slip")),
        sa.UniqueConstraint("code", "party_id", name=op.f("uq_weigh_slip_code_party_id")),
        sa.UniqueConstraint("token", name=op.f("uq_weigh_slip_token")),
    )
    for column in ("giver_id", "receiver_id"):
        op.create_index(f"ix_weigh_slip_{column}_weighed_on", "weigh_slip", [column, "weighed_on"])
    for column in ("delivery_id", "intake_id"):
        known = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_weigh_slip_{column}", "weigh_slip", [column], sqlite_where=known, postgresql_where=known
        )
    op.create_table(
        "slip_reversal",
        sa.Column("slip_id", BIG, nullable=False, autoincrement=False),
        sa.Column("replacement_id", BIG, nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("reversed_at", MOMENT, nullable=False),
        _to("slip_reversal", "slip_id", "weigh_slip"),
        _to("slip_reversal", "replacement_id", "weigh_slip"),
        _to("slip_reversal", "account_id", "account"),
        sa.PrimaryKeyConstraint("slip_id", name=op.f("pk_slip_reversal")),
        sa.UniqueConstraint("replacement_id", name=op.f("uq_slip_reversal_replacement_id")),
    )
    op.create_table(
        "slip_counter",
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("weighed_on", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        _to("slip_counter", "party_id", "party"),
        sa.PrimaryKeyConstraint("party_id", "weighed_on", name=op.f("pk_slip_counter")),
    )


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))

"""Numbered paper forms: runs, sheets, lines typed in, sheets declared void"""

import sqlalchemy as sa
from alembic import op

from trace.db import append_only_ddl

revision = "0034"
down_revision = "0024"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TABLES = ("paper_form_run", "paper_form", "paper_form_use", "paper_form_void")
RECORDS = (("picking_id", "picking"), ("input_use_id", "input_use"), ("intake_id", "intake"))


def upgrade() -> None:
    _runs()
    _forms()
    _fates()
    for table in TABLES:
        for statement in append_only_ddl(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _runs() -> None:
    kinds = sa.Enum(
        "pickings", "inputs", "intakes", name="formkind", native_enum=False, create_constraint=True, length=20
    )
    op.create_table(
        "paper_form_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("kind", kinds, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("first", "count")),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("entered_by_id", "account_id")),
        sa.Column("issued_at", MOMENT, nullable=False),
        _to("paper_form_run", "party_id", "party"),
        _to("paper_form_run", "entered_by_id", "party"),
        _to("paper_form_run", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_form_run")),
        sa.UniqueConstraint("code", "party_id", name=op.f("uq_paper_form_run_code_party_id")),
        sa.UniqueConstraint("first", name=op.f("uq_paper_form_run_first")),
    )
    op.create_index("ix_paper_form_run_party_id", "paper_form_run", ["party_id"])


def _forms() -> None:
    op.create_table(
        "paper_form",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        _to("paper_form", "run_id", "paper_form_run"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_form")),
        sa.UniqueConstraint("number", name=op.f("uq_paper_form_number")),
    )
    op.create_index("ix_paper_form_run_id", "paper_form", ["run_id"])


def _fates() -> None:
    op.create_table(
        "paper_form_use",
        sa.Column("form_id", BIG, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        *(sa.Column(name, BIG, nullable=True) for name, _ in RECORDS),
        sa.Column("writer_commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        _to("paper_form_use", "form_id", "paper_form"),
        *(_to("paper_form_use", name, table) for name, table in RECORDS),
        sa.PrimaryKeyConstraint("form_id", "line", name=op.f("pk_paper_form_use")),
        *(sa.UniqueConstraint(name, name=op.f(f"uq_paper_form_use_{name}")) for name, _ in RECORDS),
    )
    op.create_table(
        "paper_form_void",
        sa.Column("form_id", BIG, nullable=False, autoincrement=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("voided_at", MOMENT, nullable=False),
        _to("paper_form_void", "form_id", "paper_form"),
        _to("paper_form_void", "account_id", "account"),
        sa.PrimaryKeyConstraint("form_id", name=op.f("pk_paper_form_void")),
    )


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))

"""Editions of the tables that rules judge by; findings name the table and the row"""

import sqlalchemy as sa
from alembic import op

from trace.db import append_only_ddl

revision = "0011"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAMED = (sa.Column("table_name", sa.String(length=40)), sa.Column("table_row", sa.String(length=200)))


def upgrade() -> None:
    for column in NAMED:
        op.add_column("finding", column._copy())
    op.create_table(
        "table_edition",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=36), nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("edition", sa.String(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=600), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_table_edition_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_edition")),
        sa.UniqueConstraint("code", name=op.f("uq_table_edition_code")),
        sa.UniqueConstraint("table_name", "edition", name=op.f("uq_table_edition_table_name_edition")),
    )
    op.create_table(
        "table_row",
        sa.Column("edition_id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cells", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["table_edition.id"], name=op.f("fk_table_row_edition_id_table_edition")
        ),
        sa.PrimaryKeyConstraint("edition_id", "number", name=op.f("pk_table_row")),
    )
    for table in ("table_edition", "table_row"):
        for statement in append_only_ddl(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("table_row")
    op.drop_table("table_edition")
    for column in reversed(NAMED):
        op.drop_column("finding", column.name)

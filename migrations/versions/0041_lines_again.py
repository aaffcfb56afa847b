"""Lines of paper forms that are typed in again once their record was undone; slips by who entered them"""

import sqlalchemy as sa
from alembic import op

from trace.db import append_only_ddl

revision = "0041"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
RECORDS = (("picking_id", "picking"), ("input_use_id", "input_use"), ("intake_id", "intake"))
COLUMNS = "form_id, line, picking_id, input_use_id, intake_id, writer_commitment, used_at"
ENTERED_BY = "ix_weigh_slip_entered_by_id"


def upgrade() -> None:
    _remake(sa.Column("id", BIG, nullable=False), key=("id",))
    op.create_index("ix_paper_form_use_form_id_line", "paper_form_use", ["form_id", "line"])
    given = sa.text("entered_by_id IS NOT NULL")
    op.create_index(ENTERED_BY, "weigh_slip", ["entered_by_id"], sqlite_where=given, postgresql_where=given)


def downgrade() -> None:
    op.drop_index(ENTERED_BY, "weigh_slip")
    _remake(key=("form_id", "line"))


def _remake(*first: sa.Column[int], key: tuple[str, ...]) -> None:
    """Make the table anew with the rows it has: the latest of each line where there is one line's worth of room."""
    op.execute("CREATE TABLE kept_use AS SELECT * FROM paper_form_use")
    op.drop_table("paper_form_use")
    op.create_table(
        "paper_form_use",
        *first,
        sa.Column("form_id", BIG, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        *(sa.Column(name, BIG, nullable=True) for name, _ in RECORDS),
        sa.Column("writer_commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        _to("form_id", "paper_form"),
        *(_to(name, table) for name, table in RECORDS),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_paper_form_use")),
        *(sa.UniqueConstraint(name, name=op.f(f"uq_paper_form_use_{name}")) for name, _ in RECORDS),
    )
    latest = (
        "WHERE NOT EXISTS (SELECT 1 FROM kept_use AS later WHERE later.form_id = kept_use.form_id "
        "AND later.line = kept_use.line AND later.used_at > kept_use.used_at)"
    )
    op.execute(
        f"INSERT INTO paper_form_use ({COLUMNS}) SELECT {COLUMNS} FROM kept_use {latest} ORDER BY used_at"  # noqa: S608 -- fixed
    )
    op.drop_table("kept_use")
    for statement in append_only_ddl("paper_form_use", op.get_bind().dialect.name):
        op.execute(statement)


def _to(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_paper_form_use_{column}_{other}"))

"""Files of laboratory reports, by hash"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "report_file",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("result_id", BIG, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_file")),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name=op.f("fk_report_file_result_id_result")),
        sa.ForeignKeyConstraint(["sha256"], ["stored_file.sha256"], name=op.f("fk_report_file_sha256_stored_file")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_report_file_event_id_event")),
        sa.UniqueConstraint("result_id", "sha256", name=op.f("uq_report_file_result_id_sha256")),
    )
    op.create_index("ix_report_file_code", "report_file", ["code"], unique=True)
    op.create_index("ix_report_file_event_id", "report_file", ["event_id"])


def downgrade() -> None:
    op.drop_table("report_file")

"""Retained samples; the laboratory's number on a report, the method of an analyte"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("result", sa.Column("accreditation", sa.String(length=60), nullable=True))
    op.add_column("result_item", sa.Column("method", sa.String(length=80), nullable=True))
    op.create_table(
        "retained_sample",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("sample_id", BIG, nullable=False),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("kept_from", sa.Date(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("disposed_on", sa.Date(), nullable=True),
        sa.Column("disposed_by", sa.String(length=60), nullable=True),
        sa.Column("disposal", sa.String(length=200), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retained_sample")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_retained_sample_party_id_party")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_retained_sample_sample_id_sample")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_retained_sample_account_id_account")),
    )
    op.create_index("ix_retained_sample_party_id_code", "retained_sample", ["party_id", "code"], unique=True)
    op.create_index("ix_retained_sample_sample_id", "retained_sample", ["sample_id"])
    op.create_index("ix_retained_sample_keep_until", "retained_sample", ["keep_until"])


def downgrade() -> None:
    op.drop_table("retained_sample")
    op.drop_column("result_item", "method")
    op.drop_column("result", "accreditation")

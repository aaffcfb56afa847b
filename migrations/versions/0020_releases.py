"""Releases of lots, and the plans that say what they need

Tea that was packed before this counts as let go when it was first packed, so that what stands in stock can be shipped.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "lot_release",
        sa.Column("id", BIG, nullable=False),
        sa.Column("lot_id", BIG, nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.String(length=60), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_release")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_release_lot_id_lot")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_lot_release_account_id_account")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_lot_release_event_id_event")),
    )
    op.create_index("ix_lot_release_lot_id", "lot_release", ["lot_id"])
    op.create_index("ix_lot_release_event_id", "lot_release", ["event_id"])
    op.create_table(
        "release_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("product_kind", sa.String(length=60), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_plan")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_release_plan_party_id_party")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_release_plan_account_id_account")),
    )
    op.create_index("ix_release_plan_party_id_code", "release_plan", ["party_id", "code"], unique=True)
    op.create_table(
        "release_plan_item",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("every_lots", sa.Integer(), nullable=False),
        sa.CheckConstraint("every_lots > 0", name=op.f("ck_release_plan_item_every_lots_positive")),
        sa.PrimaryKeyConstraint("plan_id", "item", name=op.f("pk_release_plan_item")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["release_plan.id"], name=op.f("fk_release_plan_item_plan_id_release_plan")
        ),
    )
    op.execute(
        "INSERT INTO lot_release (lot_id, released_at, recorded_at) "
        "SELECT e.parent_id, MIN(v.event_time), MIN(v.recorded_at) FROM lineage_edge e "
        "JOIN lot p ON p.id = e.parent_id AND p.kind IN ('made', 'finished', 'by-product') "
        "JOIN lot c ON c.id = e.child_id AND c.kind = 'packed' JOIN event v ON v.id = e.event_id GROUP BY e.parent_id"
    )


def downgrade() -> None:
    op.drop_table("release_plan_item")
    op.drop_table("release_plan")
    op.drop_table("lot_release")

"""What a pack claims, holds and weighs: claims, outer volume and form of an item, weights of units, labels used"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("trade_item", sa.Column("volume_ml", sa.String(40), nullable=True))
    op.add_column("trade_item", sa.Column("packaging_form", sa.String(60), nullable=True))
    op.add_column("trade_item", sa.Column("claims", sa.JSON(), nullable=True))
    op.add_column("pack", sa.Column("unit_weights_grams", sa.JSON(), nullable=True))
    op.add_column("pack", sa.Column("labels_used", sa.Integer(), nullable=True))


def downgrade() -> None:
    for table, name in (
        *(("pack", "labels_used"), ("pack", "unit_weights_grams")),
        *(("trade_item", "claims"), ("trade_item", "packaging_form"), ("trade_item", "volume_ml")),
    ):
        op.drop_column(table, name)

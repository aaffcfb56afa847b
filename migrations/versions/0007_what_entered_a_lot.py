"""What was drawn for each lot, so that a trace forward need not sum all inputs of every lot it meets"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lot", sa.Column("entered_g", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE lot SET entered_g = drawn.mass_g FROM "
        "(SELECT child_id, SUM(mass_g) AS mass_g FROM lineage_edge GROUP BY child_id) AS drawn "
        "WHERE drawn.child_id = lot.id"
    )
    op.drop_index("ix_lineage_edge_parent_id_child_id", "lineage_edge")
    op.create_index("ix_lineage_edge_parent_id", "lineage_edge", ["parent_id", "child_id", "event_id", "mass_g"])


def downgrade() -> None:
    op.drop_index("ix_lineage_edge_parent_id", "lineage_edge")
    op.create_index("ix_lineage_edge_parent_id_child_id", "lineage_edge", ["parent_id", "child_id"])
    op.execute("ALTER TABLE lot DROP COLUMN entered_g")

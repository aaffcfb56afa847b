"""Registers: where a firm is and how it is reached; shipments and intakes found by either side"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0014"
branch_labels = None
depends_on = None

_COLUMNS = {"address": 200, "contact": 60}
_INDEXES = (
    ("ix_shipment_seller_id_shipped_on", "shipment", ["seller_id", "shipped_on"]),
    ("ix_shipment_buyer_id_shipped_on", "shipment", ["buyer_id", "shipped_on"]),
    ("ix_intake_supplier_id_received_on", "intake", ["supplier_id", "received_on"]),
)


def upgrade() -> None:
    for name, length in _COLUMNS.items():
        op.add_column("party", sa.Column(name, sa.String(length=length), nullable=True))
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _ in reversed(_INDEXES):
        op.drop_index(name, table)
    for name in reversed(_COLUMNS):
        op.drop_column("party", name)

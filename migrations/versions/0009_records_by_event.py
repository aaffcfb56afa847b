"""Records are found by their event: a delivery by the intake that closed it, what is corrected by its event"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLES = (
    *("conformity_certificate", "delivery", "delivery_return", "destruction", "input_purchase", "input_use", "intake"),
    *("logistic_unit", "outside_receipt", "pack", "picking", "result", "rework", "run", "sample", "unit_return"),
)
_COLUMNS = (
    *((table, "event_id") for table in _TABLES),
    *(("intake", "hand_over_event_id"), ("logistic_unit", "opened_event_id")),
)


def upgrade() -> None:
    for table, column in _COLUMNS:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table, column in reversed(_COLUMNS):
        op.drop_index(f"ix_{table}_{column}", table)

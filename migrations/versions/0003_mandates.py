"""Mandates: known by a code, and ended at a moment"""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0003_mandates"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mandate", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mandate", sa.Column("code", sa.String(length=36), nullable=True))
    table = sa.table("mandate", sa.column("id", sa.Integer), sa.column("code", sa.String))
    for row in op.get_bind().execute(sa.select(table.c.id)).scalars().all():
        op.get_bind().execute(table.update().where(table.c.id == row).values(code=str(uuid.uuid4())))
    with op.batch_alter_table("mandate") as batch:  # its rows may change: no trigger stands on it
        batch.alter_column("code", existing_type=sa.String(length=36), nullable=False)
        batch.create_unique_constraint(op.f("uq_mandate_code"), ["code"])


def downgrade() -> None:
    with op.batch_alter_table("mandate") as batch:
        batch.drop_constraint(op.f("uq_mandate_code"), type_="unique")
        batch.drop_column("code")
        batch.drop_column("ended_at")

"""Findings know the record they judge and may be withdrawn; samples by themselves; corrections of quality records"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# A constraint cannot be added apart from its column on SQLite, so these are written as one statement each.
REFERENCES = (
    ("finding", "answered_by_id", "account", False),
    ("sample", "taken_by_id", "party", False),
    ("sample", "laboratory_id", "party", False),
    ("sample", "event_id", "event", True),
    ("input_use", "purchase_id", "input_purchase", True),
    ("conformity_certificate", "void_event_id", "event", True),
)
MOMENT = sa.DateTime(timezone=True)
COLUMNS = (
    ("finding", sa.Column("noun", sa.String(length=40), nullable=False, server_default="")),
    (
        "finding",
        sa.Column(
            "record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, server_default="0"
        ),
    ),
    ("finding", sa.Column("withdrawn_at", MOMENT, nullable=True)),
    ("sample", sa.Column("code", sa.String(length=40), nullable=True)),
    ("sample", sa.Column("mass_g", sa.BigInteger(), nullable=True)),
    ("sample", sa.Column("as_typed", sa.JSON(none_as_null=True), nullable=True)),
    ("sample", sa.Column("undone_at", MOMENT, nullable=True)),
    ("result", sa.Column("undone_at", MOMENT, nullable=True)),
    ("result_item", sa.Column("replaced_at", MOMENT, nullable=True)),
    ("input_use", sa.Column("weather", sa.String(length=60), nullable=True)),
    ("input_use", sa.Column("undone_at", MOMENT, nullable=True)),
    ("conformity_certificate", sa.Column("as_typed", sa.JSON(none_as_null=True), nullable=True)),
    ("conformity_certificate", sa.Column("void_at", MOMENT, nullable=True)),
    ("conformity_certificate", sa.Column("void_reason", sa.String(length=200), nullable=True)),
    ("conformity_certificate", sa.Column("undone_at", MOMENT, nullable=True)),
    ("recall", sa.Column("reason", sa.String(length=400), nullable=True)),
)
INDEXES = (
    ("ix_finding_noun_record_id", "finding", ["noun", "record_id"], False),
    ("ix_sample_taken_by_id_code", "sample", ["taken_by_id", "code"], True),
    ("ix_sample_laboratory_id", "sample", ["laboratory_id"], False),
    ("ix_season_record_noun_record_id", "season_record", ["noun", "record_id"], False),
)
# What the findings that seasons brought were about: rule, noun, the season file's arrays.
JUDGED = (
    ("harvest_inside_phi", "picking", "('harvests')"),
    ("output_exceeds_input", "run", "('runs')"),
    ("mrl_exceeded", "result", "('tests')"),
    ("code_check_digit", "party", "('cooperatives', 'plants')"),
)


def _purchases() -> None:
    op.create_table(
        "input_purchase",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("buyer_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("supplier", sa.String(length=120), nullable=False),
        sa.Column("maker_code", sa.String(length=60), nullable=True),
        sa.Column("quantity", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("bought_on", sa.Date(), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["buyer_id"], ["party.id"], name=op.f("fk_input_purchase_buyer_id_party")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["input_product.id"], name=op.f("fk_input_purchase_product_id_input_product")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_input_purchase_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_input_purchase")),
        sa.UniqueConstraint("buyer_id", "code", name=op.f("uq_input_purchase_buyer_id_code")),
    )
    op.create_index(op.f("ix_input_purchase_product_id"), "input_purchase", ["product_id"])


def upgrade() -> None:
    _purchases()
    for table, column in COLUMNS:
        op.add_column(table, column._copy())
    big = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    for table, column, other, is_big in REFERENCES:
        named = f"CONSTRAINT fk_{table}_{column}_{other} REFERENCES {other} (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {big if is_big else 'INTEGER'} {named}")
    for name, table, columns, unique in INDEXES:
        op.create_index(name, table, columns, unique=unique)
    for rule, noun, arrays in JUDGED:
        known = (
            "SELECT min(r.record_id) FROM season_record r WHERE r.season_id = finding.season_id "
            f"AND r.noun IN {arrays} AND r.alias = finding.record"
        )
        op.execute(f"UPDATE finding SET noun = '{noun}', record_id = COALESCE(({known}), 0) WHERE rule = '{rule}'")
    op.drop_column("finding", "affects")


def downgrade() -> None:
    op.add_column("finding", sa.Column("affects", sa.JSON(none_as_null=True), nullable=False, server_default="[]"))
    op.execute("DELETE FROM finding WHERE withdrawn_at IS NOT NULL")
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    for table, column, _, _ in reversed(REFERENCES):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column.name)
    op.drop_table("input_purchase")

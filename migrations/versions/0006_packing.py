"""Packing: ranges name their events; shipments of several packs; reworks, logistic units; what is undone is marked"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MARKED = ("pack", "run", "shipment")


def upgrade() -> None:
    op.add_column("party", sa.Column("gs1_prefix", sa.String(length=12), nullable=True))
    for table in MARKED:
        op.add_column(table, sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    for table in ("pack", "run"):
        op.add_column(table, sa.Column("as_typed", sa.JSON(), nullable=True))
    _point("run", "by_product_lot_id", "lot")
    op.execute(
        "UPDATE run SET by_product_lot_id = made.child_id FROM (SELECT DISTINCT e.event_id, e.child_id "
        "FROM lineage_edge e JOIN lot ON lot.id = e.child_id WHERE lot.kind = 'by-product') AS made "
        "WHERE made.event_id = run.event_id"
    )
    _point("unit_range", "event_id", "event")
    op.create_index("ix_unit_range_event_id", "unit_range", ["event_id"])
    op.execute(
        "UPDATE unit_range SET event_id = shipment.event_id FROM shipment WHERE shipment.unit_range_id = unit_range.id"
    )
    for table in ("unit_return", "destruction"):
        op.execute(
            f"UPDATE unit_range SET event_id = {table}.event_id FROM {table} WHERE {table}.unit_range_id = unit_range.id"
        )
    op.add_column("shipment", sa.Column("delivery_note", sa.String(length=40), nullable=True))
    op.drop_index("ix_shipment_pack_id", "shipment")
    with op.batch_alter_table("shipment") as batch_op:
        batch_op.drop_constraint("fk_shipment_pack_id_pack", type_="foreignkey")
        batch_op.drop_constraint("fk_shipment_unit_range_id_unit_range", type_="foreignkey")
        batch_op.drop_column("pack_id")
        batch_op.drop_column("unit_range_id")
    op.create_index("ix_shipment_event_id", "shipment", ["event_id"])
    _create_reworks()
    _create_logistic_units()


def _point(table: str, column: str, to: str) -> None:
    """Add a column that names a row elsewhere, or none: one statement, as SQLite wants it."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    name = f"fk_{table}_{column}_{to}"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT {name} REFERENCES {to} (id)")


def _create_reworks() -> None:
    op.create_table(
        "rework",
        sa.Column("id", BIG, nullable=False),
        sa.Column("lot_id", BIG, nullable=False),
        sa.Column("reworked_on", sa.Date(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.Column("as_typed", sa.JSON(), nullable=True),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_rework_lot_id_lot")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_rework_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rework")),
        sa.UniqueConstraint("lot_id", name=op.f("uq_rework_lot_id")),
    )


def _create_logistic_units() -> None:
    op.create_table(
        "sscc_counter",
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.Column("next_number", BIG, nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_sscc_counter")),
    )
    events = ("event_id", "shipped_event_id", "opened_event_id")
    op.create_table(
        "logistic_unit",
        sa.Column("id", BIG, nullable=False),
        sa.Column("sscc", sa.String(length=18), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("packed_on", sa.Date(), nullable=False),
        *(sa.Column(event, BIG, nullable=event != "event_id") for event in events),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_logistic_unit_party_id_party")),
        *(
            sa.ForeignKeyConstraint([event], ["event.id"], name=op.f(f"fk_logistic_unit_{event}_event"))
            for event in events
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistic_unit")),
    )
    standing = sa.text("undone_at IS NULL")
    op.create_index(
        "ix_logistic_unit_sscc",
        "logistic_unit",
        ["sscc"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    for column in ("party_id", "shipped_event_id"):
        op.create_index(op.f(f"ix_logistic_unit_{column}"), "logistic_unit", [column])
    links = {"unit_id": "logistic_unit", "inner_id": "logistic_unit", "pack_id": "pack"}
    op.create_table(
        "logistic_unit_item",
        sa.Column("id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("inner_id", BIG, nullable=True),
        sa.Column("pack_id", sa.Integer(), nullable=True),
        sa.Column("first_position", sa.Integer(), nullable=True),
        sa.Column("last_position", sa.Integer(), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_logistic_unit_item_{column}_{to}"))
            for column, to in links.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistic_unit_item")),
        sa.CheckConstraint(
            "(inner_id IS NULL) <> (pack_id IS NULL)", name=op.f("ck_logistic_unit_item_one_kind")
        ),
        sa.CheckConstraint(
            "first_position >= 1 AND last_position >= first_position",
            name=op.f("ck_logistic_unit_item_positions_in_order"),
        ),
    )
    for column in links:
        op.create_index(op.f(f"ix_logistic_unit_item_{column}"), "logistic_unit_item", [column])


def downgrade() -> None:
    """Take it back; of a shipment of several ranges only the first is kept, and of one undone nothing."""
    for table in ("logistic_unit_item", "logistic_unit", "sscc_counter", "rework"):
        op.drop_table(table)
    op.drop_index("ix_shipment_event_id", "shipment")
    op.add_column("shipment", sa.Column("pack_id", sa.Integer(), nullable=True))
    op.add_column("shipment", sa.Column("unit_range_id", BIG, nullable=True))
    op.execute(
        "UPDATE shipment SET unit_range_id = "
        "(SELECT MIN(u.id) FROM unit_range u WHERE u.event_id = shipment.event_id)"
    )
    op.execute("DELETE FROM shipment WHERE unit_range_id IS NULL")
    op.execute("UPDATE shipment SET pack_id = (SELECT u.pack_id FROM unit_range u WHERE u.id = unit_range_id)")
    with op.batch_alter_table("shipment") as batch_op:
        batch_op.alter_column("pack_id", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("unit_range_id", existing_type=BIG, nullable=False)
        batch_op.create_foreign_key("fk_shipment_pack_id_pack", "pack", ["pack_id"], ["id"])
        batch_op.create_foreign_key(
            "fk_shipment_unit_range_id_unit_range", "unit_range", ["unit_range_id"], ["id"]
        )
        batch_op.drop_column("delivery_note")
    op.create_index("ix_shipment_pack_id", "shipment", ["pack_id"])
    op.drop_index("ix_unit_range_event_id", "unit_range")
    op.execute("ALTER TABLE unit_range DROP COLUMN event_id")
    op.execute("ALTER TABLE run DROP COLUMN by_product_lot_id")
    for table in ("pack", "run"):
        op.drop_column(table, "as_typed")
    for table in MARKED:
        op.drop_column(table, "undone_at")
    op.drop_column("party", "gs1_prefix")

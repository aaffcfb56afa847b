"""Tea between parties: deliveries, returns, destructions, tea from outside; what the receiver's scale said"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FATES = ("shipped", "activated", "void", "locked")


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)


def _moment(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def upgrade() -> None:
    op.add_column("lot", sa.Column("declared_origin", sa.String(length=200), nullable=True))
    for name in ("gross_g", "tare_g", "deduction_g"):
        op.add_column("intake", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column("intake", sa.Column("deduction_reason", sa.String(length=120), nullable=True))
    op.add_column("intake", sa.Column("as_typed", sa.JSON(), nullable=True))
    op.add_column("intake", _moment("undone_at"))
    # One statement for both engines; a constraint cannot be added apart from its column on SQLite.
    key = "CONSTRAINT fk_intake_hand_over_event_id_event REFERENCES event (id)"
    op.execute(f"ALTER TABLE intake ADD COLUMN hand_over_event_id {_big()} {key}")
    _find_hand_overs()
    _let_fates_be(*FATES, "returned")
    _add_deliveries()
    _add_returns()
    _add_destructions()
    _add_outside()


def _big() -> str:
    return "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"


def _find_hand_overs() -> None:
    """Say of each intake which event handed over what it took in: the one that names it."""
    read = op.get_bind().execute
    sent = {}
    for row, document in read(sa.text("SELECT id, document FROM event WHERE biz_step = 'shipping'")):
        named = json.loads(bytes(document)).get("chasu:intake")
        if named:
            sent[named] = row
    query = "SELECT i.id, p.code, l.code FROM intake i JOIN lot l ON l.id = i.lot_id JOIN party p ON p.id = l.party_id"
    known = [(intake, sent.get(f"{party}/{code}")) for intake, party, code in read(sa.text(query))]
    rows = [{"intake": intake, "event": event} for intake, event in known if event is not None]
    if rows:
        read(sa.text("UPDATE intake SET hand_over_event_id = :event WHERE id = :intake"), rows)


def _let_fates_be(*fates: str) -> None:
    """Change which fates a range of positions may have. SQLite changes no constraint: the table is written anew.

    Its rows go in again under the name that shipments point to, so that at the end every key leads somewhere.
    """
    if op.get_bind().dialect.name != "sqlite":
        words = ", ".join(f"'{fate}'" for fate in fates)
        op.execute("ALTER TABLE unit_range DROP CONSTRAINT ck_unit_range_fate")
        op.execute(f"ALTER TABLE unit_range ADD CONSTRAINT ck_unit_range_fate CHECK (fate IN ({words}))")
        return
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TABLE kept_unit_range AS SELECT * FROM unit_range")
    op.drop_table("unit_range")
    op.create_table(
        "unit_range",
        sa.Column("id", BIG, nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("first_position", sa.Integer(), nullable=False),
        sa.Column("last_position", sa.Integer(), nullable=False),
        sa.Column("fate", _words("fate", *fates), nullable=False),
        sa.CheckConstraint(
            "first_position >= 1 AND last_position >= first_position", name=op.f("ck_unit_range_positions_in_order")
        ),
        _to("unit_range", "pack_id", "pack"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_range")),
    )
    op.create_index("ix_unit_range_pack_id_first_position", "unit_range", ["pack_id", "first_position"])
    columns = "id, pack_id, first_position, last_position, fate"
    op.execute(f"INSERT INTO unit_range ({columns}) SELECT {columns} FROM kept_unit_range")
    op.execute("DROP TABLE kept_unit_range")


def _add_deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=False),
        sa.Column("receiver_id", sa.Integer(), nullable=False),
        sa.Column("kind", _words("deliverykind", "hand-over", "shipment"), nullable=False),
        sa.Column("state", _words("deliverystate", "sent", "received", "returned"), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("note_number", sa.String(length=60), nullable=True),
        sa.Column("price_yuan_per_kg", sa.String(length=40), nullable=True),
        sa.Column("carrier", sa.String(length=60), nullable=True),
        sa.Column("vehicle", sa.String(length=20), nullable=True),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("closed_by_id", BIG, nullable=True),
        _moment("undone_at"),
        _to("delivery", "giver_id", "party"),
        _to("delivery", "receiver_id", "party"),
        _to("delivery", "event_id", "event"),
        _to("delivery", "closed_by_id", "event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("giver_id", "code", name=op.f("uq_delivery_giver_id_code")),
    )
    _index("delivery", "code", "receiver_id", "closed_by_id")
    op.create_table(
        "delivery_item",
        sa.Column("id", BIG, nullable=False),
        sa.Column("delivery_id", BIG, nullable=False),
        sa.Column("lot_id", BIG, nullable=False),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.Column("as_typed", sa.JSON(), nullable=True),
        _to("delivery_item", "delivery_id", "delivery"),
        _to("delivery_item", "lot_id", "lot"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_item")),
    )
    _index("delivery_item", "delivery_id", "lot_id")


def _add_returns() -> None:
    op.create_table(
        "delivery_return",
        sa.Column("id", BIG, nullable=False),
        sa.Column("delivery_id", BIG, nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        _moment("undone_at"),
        _to("delivery_return", "delivery_id", "delivery"),
        _to("delivery_return", "event_id", "event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_return")),
    )
    _index("delivery_return", "delivery_id")
    op.create_table(
        "unit_return",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("seller_id", sa.Integer(), nullable=False),
        sa.Column("buyer_id", sa.Integer(), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.Column("first_position", sa.Integer(), nullable=False),
        sa.Column("last_position", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("unit_range_id", BIG, nullable=True),
        sa.Column("event_id", BIG, nullable=False),
        _moment("undone_at"),
        sa.CheckConstraint(
            "first_position >= 1 AND last_position >= first_position", name=op.f("ck_unit_return_positions_in_order")
        ),
        _to("unit_return", "pack_id", "pack"),
        _to("unit_return", "seller_id", "party"),
        _to("unit_return", "buyer_id", "party"),
        _to("unit_return", "unit_range_id", "unit_range"),
        _to("unit_return", "event_id", "event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_return")),
        sa.UniqueConstraint("seller_id", "code", name=op.f("uq_unit_return_seller_id_code")),
    )
    _index("unit_return", "code", "pack_id", "unit_range_id")


def _add_destructions() -> None:
    op.create_table(
        "destruction",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", BIG, nullable=False),
        sa.Column("destroyed_on", sa.Date(), nullable=False),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.Column("as_typed", sa.JSON(), nullable=True),
        sa.Column("first_position", sa.Integer(), nullable=True),
        sa.Column("last_position", sa.Integer(), nullable=True),
        sa.Column("unit_range_id", BIG, nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("method", sa.String(length=120), nullable=False),
        sa.Column("witness", sa.String(length=60), nullable=True),
        sa.Column("event_id", BIG, nullable=False),
        _moment("undone_at"),
        _to("destruction", "party_id", "party"),
        _to("destruction", "lot_id", "lot"),
        _to("destruction", "unit_range_id", "unit_range"),
        _to("destruction", "event_id", "event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction")),
        sa.UniqueConstraint("party_id", "code", name=op.f("uq_destruction_party_id_code")),
    )
    _index("destruction", "code", "lot_id", "unit_range_id")


def _add_outside() -> None:
    op.create_table(
        "outside_receipt",
        sa.Column("id", BIG, nullable=False),
        sa.Column("lot_id", BIG, nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=True),
        sa.Column("supplier_name", sa.String(length=120), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.Column("as_typed", sa.JSON(), nullable=True),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("price_yuan_per_kg", sa.String(length=40), nullable=True),
        sa.Column("event_id", BIG, nullable=False),
        _moment("undone_at"),
        sa.CheckConstraint(
            "supplier_id IS NOT NULL OR supplier_name IS NOT NULL", name=op.f("ck_outside_receipt_supplier_named")
        ),
        _to("outside_receipt", "lot_id", "lot"),
        _to("outside_receipt", "supplier_id", "party"),
        _to("outside_receipt", "event_id", "event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_receipt")),
        sa.UniqueConstraint("lot_id", name=op.f("uq_outside_receipt_lot_id")),
    )


def downgrade() -> None:
    """Take the tables away. Positions that came back are as if shipped: an older version knows no return."""
    for table in ("outside_receipt", "destruction", "unit_return", "delivery_return", "delivery_item", "delivery"):
        op.drop_table(table)
    op.execute("DELETE FROM unit_range WHERE fate = 'returned'")
    _let_fates_be(*FATES)
    op.execute("ALTER TABLE intake DROP COLUMN hand_over_event_id")
    for name in ("undone_at", "as_typed", "deduction_reason", "deduction_g", "tare_g", "gross_g"):
        op.drop_column("intake", name)
    op.drop_column("lot", "declared_origin")

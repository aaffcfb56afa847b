"""Growing: labels of input products, purchases and uses in full, work on plots, workers, openings, early claims"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEW_SCHEMES = ("field-work", "pest")
SCHEMES = (
    *("step", "grade", "pluck-standard", "cultivar", "product-kind", "crop", "loss", "input-kind", "party-kind"),
    "analyte",
)
PRODUCT = (
    sa.Column("maker", sa.String(length=120), nullable=True),
    sa.Column("other_actives", sa.JSON(), nullable=True),
    sa.Column("formulation", sa.String(length=60), nullable=True),
    sa.Column("registered_until", sa.Date(), nullable=True),
    sa.Column("crops", sa.JSON(), nullable=True),
    sa.Column("targets", sa.JSON(), nullable=True),
    sa.Column("max_per_mu", sa.String(length=40), nullable=True),
    sa.Column("label_sha256", sa.String(length=64), nullable=True),
)
USE = (
    sa.Column("dilution", sa.String(length=40), nullable=True),
    sa.Column("maker_code", sa.String(length=60), nullable=True),
)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def upgrade() -> None:
    _let_schemes_be(*SCHEMES, *NEW_SCHEMES)
    _add_workers()
    for column in PRODUCT:
        op.add_column("input_product", column)
    for column in USE:
        op.add_column("input_use", column)
    for table in ("input_use", "input_purchase"):
        # One statement for both engines; a constraint cannot be added apart from its column on SQLite.
        key = f"CONSTRAINT fk_{table}_worker_id_worker REFERENCES worker (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN worker_id INTEGER {key}")
    op.add_column("picking", sa.Column("claim", sa.String(length=20), nullable=True))
    _add_field_work()
    _add_openings()


def _add_workers() -> None:
    op.create_table(
        "worker",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=True),
        _to("worker", "party_id", "party"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
        sa.UniqueConstraint("party_id", "name", name=op.f("uq_worker_party_id_name")),
    )


def _add_field_work() -> None:
    op.create_table(
        "field_work",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("plot_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("pest", sa.String(length=60), nullable=True),
        sa.Column("per_100_leaves", sa.String(length=40), nullable=True),
        sa.Column("decision", sa.String(length=120), nullable=True),
        sa.Column("quantity", sa.String(length=40), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("area_mu", sa.String(length=40), nullable=True),
        sa.Column("weather", sa.String(length=60), nullable=True),
        sa.Column("worker_id", sa.Integer(), nullable=True),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        _to("field_work", "plot_id", "plot"),
        _to("field_work", "worker_id", "worker"),
        _to("field_work", "event_id", "event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_work")),
    )
    _index("field_work", "code", "plot_id", "event_id")


def _add_openings() -> None:
    op.create_table(
        "plot_opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plot_id", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        _to("plot_opening", "plot_id", "plot"),
        _to("plot_opening", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plot_opening")),
    )
    _index("plot_opening", "plot_id")


def _let_schemes_be(*schemes: str) -> None:
    """Let a word belong to these lists and no others."""
    if op.get_bind().dialect.name != "sqlite":
        words = ", ".join(f"'{scheme}'" for scheme in schemes)
        op.execute("ALTER TABLE term DROP CONSTRAINT ck_term_scheme")
        op.execute(f"ALTER TABLE term ADD CONSTRAINT ck_term_scheme CHECK (scheme IN ({words}))")
        return
    op.execute("CREATE TABLE kept_term AS SELECT * FROM term")  # SQLite changes no constraint
    op.drop_table("term")
    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "scheme",
            sa.Enum(*schemes, name="scheme", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
        sa.UniqueConstraint("scheme", "code", name=op.f("uq_term_scheme_code")),
    )
    op.execute("INSERT INTO term (id, scheme, code, name_zh, name_en) SELECT id, scheme, code, name_zh, name_en FROM kept_term")
    op.drop_table("kept_term")


def downgrade() -> None:
    op.drop_table("plot_opening")
    op.drop_table("field_work")
    for table, columns in (
        ("picking", ["claim"]),
        ("input_purchase", ["worker_id"]),
        ("input_use", ["worker_id", *(column.name for column in USE)]),
        ("input_product", [column.name for column in PRODUCT]),
    ):
        for column in columns:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    op.drop_table("worker")
    op.execute("DELETE FROM term WHERE scheme IN ('field-work', 'pest')")
    _let_schemes_be(*SCHEMES)

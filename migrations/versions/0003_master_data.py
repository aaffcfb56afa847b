"""Master data by date: versions of plots, licences and facilities; merges; revisions"""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

REVISED = ("party", "licence", "facility", "brand", "village", "plot", "trade_item", "input_product")
# SQLite cannot add a constraint apart from its column.
REFERENCES = (
    ("party", "merged_into_id", "party"),
    ("plot", "merged_into_id", "plot"),
    ("mandate", "account_id", "account"),
)
PLOT_COLUMNS = {"west": "Double", "south": "Double", "east": "Double", "north": "Double", "from_on": "Date", "until_on": "Date"}
INDICES = (("party", "merged_into_id"), ("plot", "merged_into_id"), ("plot", "west"))


def _table(name: str, *columns: sa.Column | sa.Constraint, references: dict[str, str], unique: tuple[str, ...] = ()) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        *columns,
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{name}_{column}_{other}"))
            for column, other in references.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        *(sa.UniqueConstraint(column, name=op.f(f"uq_{name}_{column}")) for column in unique),
    )


def _merges(noun: str) -> None:
    _table(
        f"{noun}_merge",
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        references={"from_id": noun, "into_id": noun, "account_id": "account"},
        unique=("from_id",),
    )


def _recorded() -> tuple[sa.Column, sa.Column]:
    return (
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    )


def upgrade() -> None:
    for table in REVISED:
        op.execute(f"ALTER TABLE {table} ADD COLUMN revision INTEGER DEFAULT 1 NOT NULL")
    for table, column, other in REFERENCES:
        name = f"fk_{table}_{column}_{other}"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER CONSTRAINT {name} REFERENCES {other} (id)")
    op.add_column("licence", sa.Column("valid_from", sa.Date(), nullable=True))
    for column, kind in PLOT_COLUMNS.items():
        op.add_column("plot", sa.Column(column, getattr(sa, kind)(), nullable=True))
    for table, column in INDICES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    _name_mandates()
    _merges("party")
    _merges("plot")
    _make_versions()
    _make_descent_and_towns()
    _keep_first_versions()


def _name_mandates() -> None:
    op.add_column("mandate", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("ALTER TABLE mandate ADD COLUMN code VARCHAR(36) DEFAULT '' NOT NULL")
    written = op.get_bind()
    for (row,) in written.execute(sa.text("SELECT id FROM mandate")).all():
        named = {"code": str(uuid.uuid4()), "row": row}
        written.execute(sa.text("UPDATE mandate SET code = :code WHERE id = :row"), named)
    op.create_index("ix_mandate_code", "mandate", ["code"], unique=True)


def _make_versions() -> None:
    _table(
        "plot_version",
        sa.Column("plot_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("holder_id", sa.Integer(), nullable=True),
        sa.Column("cooperative_id", sa.Integer(), nullable=True),
        sa.Column("cultivar", sa.String(length=60), nullable=False),
        sa.Column("planted_year", sa.Integer(), nullable=True),
        sa.Column("area_mu", sa.String(length=40), nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column("certification", sa.String(length=60), nullable=True),
        sa.Column("outline", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        *_recorded(),
        references={"plot_id": "plot", "holder_id": "party", "cooperative_id": "party", "account_id": "account"},
    )
    op.create_index("ix_plot_version_plot_id_from_on", "plot_version", ["plot_id", "from_on"])
    op.create_index(op.f("ix_plot_version_holder_id"), "plot_version", ["holder_id"])
    _table(
        "facility_version",
        sa.Column("facility_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("capacity_g_per_day", sa.Integer(), nullable=True),
        *_recorded(),
        references={"facility_id": "facility", "account_id": "account"},
    )
    op.create_index("ix_facility_version_facility_id_from_on", "facility_version", ["facility_id", "from_on"])
    _table(
        "licence_term",
        sa.Column("licence_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("product_kinds", sa.JSON(), nullable=False),
        *_recorded(),
        references={"licence_id": "licence", "account_id": "account"},
    )
    op.create_index("ix_licence_term_licence_id", "licence_term", ["licence_id"])


def _make_descent_and_towns() -> None:
    op.create_table(
        "plot_descent",
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["plot.id"], name=op.f("fk_plot_descent_parent_id_plot")),
        sa.ForeignKeyConstraint(["child_id"], ["plot.id"], name=op.f("fk_plot_descent_child_id_plot")),
        sa.PrimaryKeyConstraint("parent_id", "child_id", name=op.f("pk_plot_descent")),
    )
    op.create_index(op.f("ix_plot_descent_child_id"), "plot_descent", ["child_id"])
    _table(
        "town_area",
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("outline", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        references={"account_id": "account"},
        unique=("code",),
    )


def _keep_first_versions() -> None:
    """Keep what rows say now as what held from the beginning, and the box around each outline."""
    same = "cultivar, planted_year, area_mu, area_m2, certification, outline, holder_id, cooperative_id"
    op.execute(
        f"INSERT INTO plot_version (plot_id, {same}, recorded_at) SELECT id, {same}, CURRENT_TIMESTAMP FROM plot ORDER BY id"
    )
    same = "name, longitude, latitude, capacity_g_per_day"
    op.execute(
        f"INSERT INTO facility_version (facility_id, {same}, recorded_at) "
        f"SELECT id, {same}, CURRENT_TIMESTAMP FROM facility ORDER BY id"
    )
    op.execute(
        "INSERT INTO licence_term (licence_id, valid_to, product_kinds, recorded_at) "
        "SELECT id, valid_to, product_kinds, CURRENT_TIMESTAMP FROM licence ORDER BY id"
    )
    plot = sa.table("plot", sa.column("id", sa.Integer()), sa.column("outline", sa.JSON()), *map(sa.column, PLOT_COLUMNS))
    written = op.get_bind()
    for row, outline in written.execute(sa.select(plot.c.id, plot.c.outline)).all():
        ring = outline.get("coordinates", [[]])[0] if outline else []
        if ring:
            east, north = (max(point[axis] for point in ring) for axis in (0, 1))
            west, south = (min(point[axis] for point in ring) for axis in (0, 1))
            edges = {"west": west, "south": south, "east": east, "north": north}
            written.execute(plot.update().where(plot.c.id == row).values(edges))


def downgrade() -> None:
    for table in ("town_area", "plot_descent", "licence_term", "facility_version", "plot_version", "plot_merge", "party_merge"):
        op.drop_table(table)
    op.drop_index("ix_mandate_code", "mandate")
    for table, column in INDICES:
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
    for column in PLOT_COLUMNS:
        op.drop_column("plot", column)
    op.drop_column("licence", "valid_from")
    op.drop_column("mandate", "code")
    op.drop_column("mandate", "ended_at")
    for table, column, _ in REFERENCES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    for table in REVISED:
        op.drop_column(table, "revision")

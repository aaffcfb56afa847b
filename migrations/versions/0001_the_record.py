"""The record"""

import sqlalchemy as sa
from alembic import op

from trace.db import append_only_ddl

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("event", "event_position", "ledger_line", "stored_file")


def upgrade() -> None:
    op.create_table(
        "input_product",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("active", sa.String(length=60), nullable=True),
        sa.Column("registration", sa.String(length=60), nullable=True),
        sa.Column("interval_days", sa.Integer(), nullable=True),
        sa.Column("max_applications", sa.Integer(), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_input_product")),
        sa.UniqueConstraint("code", name=op.f("uq_input_product_code")),
    )
    op.create_table(
        "instance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=36), nullable=False),
        sa.Column("id_url", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
    )
    op.create_table(
        "party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("member_of_id", sa.Integer(), nullable=True),
        sa.Column("led_by_village", sa.Boolean(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_of_id"], ["party.id"], name=op.f("fk_party_member_of_id_party")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
        sa.UniqueConstraint("code", name=op.f("uq_party_code")),
        sa.UniqueConstraint("uscc", name=op.f("uq_party_uscc")),
    )
    op.create_table(
        "season",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("town_code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("town_name", sa.String(length=120), nullable=False),
        sa.Column("timezone", sa.String(length=60), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_season")),
        sa.UniqueConstraint("town_code", "name", name=op.f("uq_season_town_code_name")),
    )
    op.create_table(
        "sequencer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "last_position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sequencer")),
    )
    op.create_table(
        "stored_file",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_stored_file")),
    )
    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "scheme",
            sa.Enum(
                "step",
                "grade",
                "pluck-standard",
                "cultivar",
                "product-kind",
                "crop",
                "loss",
                "input-kind",
                "party-kind",
                "analyte",
                name="scheme",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
        sa.UniqueConstraint("scheme", "code", name=op.f("uq_term_scheme_code")),
    )
    op.create_table(
        "village",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column("tea_households", sa.Integer(), nullable=True),
        sa.Column("elevation_m", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_village")),
        sa.UniqueConstraint("code", name=op.f("uq_village_code")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "operator",
                "officer",
                "coop",
                "broker",
                "plant",
                "brand",
                "laboratory",
                "auditor",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("party_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_api_key_party_id_party")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("sha256", name=op.f("uq_api_key_sha256")),
    )
    op.create_table(
        "brand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("gi_mark_holder", sa.String(length=18), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["party.id"], name=op.f("fk_brand_owner_id_party")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand")),
        sa.UniqueConstraint("code", name=op.f("uq_brand_code")),
    )
    op.create_table(
        "event",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("event_id", sa.String(length=200), nullable=False),
        sa.Column("declares_error", sa.Boolean(), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("biz_step", sa.String(length=300), nullable=True),
        sa.Column("event_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("utc_offset", sa.String(length=6), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "live",
                "history",
                "capture",
                "offline",
                "paper",
                name="mode",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_event_party_id_party")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint(
            "event_id", "declares_error", name=op.f("uq_event_event_id_declares_error")
        ),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_party_id", ["party_id"], unique=False)

    op.create_table(
        "facility",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("capacity_g_per_day", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_facility_party_id_party")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
        sa.UniqueConstraint("code", name=op.f("uq_facility_code")),
    )
    with op.batch_alter_table("facility", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_facility_party_id"), ["party_id"], unique=False
        )

    op.create_table(
        "finding",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column(
            "severity",
            sa.Enum(
                "refuse",
                "reason",
                "note",
                name="severity",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("record", sa.String(length=60), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("season_id", sa.Integer(), nullable=True),
        sa.Column("affects", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("edition", sa.String(length=120), nullable=True),
        sa.Column("source", sa.String(length=600), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=60), nullable=True),
        sa.Column("answer", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_finding_party_id_party")
        ),
        sa.ForeignKeyConstraint(
            ["season_id"], ["season.id"], name=op.f("fk_finding_season_id_season")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_finding_party_id"), ["party_id"], unique=False
        )
        batch_op.create_index(
            "ix_finding_rule_record", ["rule", "record"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_finding_season_id"), ["season_id"], unique=False
        )

    op.create_table(
        "licence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("product_kinds", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_licence_party_id_party")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence")),
        sa.UniqueConstraint("number", name=op.f("uq_licence_number")),
    )
    with op.batch_alter_table("licence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_licence_party_id"), ["party_id"], unique=False
        )

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=True),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_person_party_id_party")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("party_id", name=op.f("uq_person_party_id")),
    )
    op.create_table(
        "plot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("village_id", sa.Integer(), nullable=False),
        sa.Column("cooperative_id", sa.Integer(), nullable=True),
        sa.Column("holder_id", sa.Integer(), nullable=True),
        sa.Column("cultivar", sa.String(length=60), nullable=False),
        sa.Column("clonal", sa.Boolean(), nullable=True),
        sa.Column("planted_year", sa.Integer(), nullable=True),
        sa.Column("area_mu", sa.String(length=40), nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column("certification", sa.String(length=60), nullable=True),
        sa.Column("crs", sa.String(length=20), nullable=False),
        sa.Column("outline", sa.JSON(none_as_null=True), nullable=False),
        sa.CheckConstraint("area_m2 > 0", name=op.f("ck_plot_area_positive")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"], ["party.id"], name=op.f("fk_plot_cooperative_id_party")
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["party.id"], name=op.f("fk_plot_holder_id_party")
        ),
        sa.ForeignKeyConstraint(
            ["village_id"], ["village.id"], name=op.f("fk_plot_village_id_village")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plot")),
        sa.UniqueConstraint("code", name=op.f("uq_plot_code")),
    )
    with op.batch_alter_table("plot", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plot_cooperative_id"), ["cooperative_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_plot_holder_id"), ["holder_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_plot_village_id"), ["village_id"], unique=False
        )

    op.create_table(
        "season_plot",
        sa.Column("season_id", sa.Integer(), nullable=False),
        sa.Column("plot_id", sa.Integer(), nullable=False),
        sa.Column("village_id", sa.Integer(), nullable=False),
        sa.Column("area_mu", sa.String(length=40), nullable=False),
        sa.Column("clonal", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plot_id"], ["plot.id"], name=op.f("fk_season_plot_plot_id_plot")
        ),
        sa.ForeignKeyConstraint(
            ["season_id"], ["season.id"], name=op.f("fk_season_plot_season_id_season")
        ),
        sa.ForeignKeyConstraint(
            ["village_id"],
            ["village.id"],
            name=op.f("fk_season_plot_village_id_village"),
        ),
        sa.PrimaryKeyConstraint("season_id", "plot_id", name=op.f("pk_season_plot")),
    )
    op.create_table(
        "season_record",
        sa.Column("season_id", sa.Integer(), nullable=False),
        sa.Column("noun", sa.String(length=40), nullable=False),
        sa.Column("alias", sa.String(length=60), nullable=False),
        sa.Column(
            "record_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["season_id"], ["season.id"], name=op.f("fk_season_record_season_id_season")
        ),
        sa.PrimaryKeyConstraint(
            "season_id", "noun", "alias", name=op.f("pk_season_record")
        ),
    )
    with op.batch_alter_table("season_record", schema=None) as batch_op:
        batch_op.create_index(
            "ix_season_record_noun_alias", ["noun", "alias"], unique=False
        )

    op.create_table(
        "brand_supplier",
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brand.id"], name=op.f("fk_brand_supplier_brand_id_brand")
        ),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_brand_supplier_party_id_party")
        ),
        sa.PrimaryKeyConstraint("brand_id", "party_id", name=op.f("pk_brand_supplier")),
    )
    op.create_table(
        "conformity_certificate",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("issuer_form", sa.String(length=20), nullable=False),
        sa.Column("product", sa.String(length=60), nullable=False),
        sa.Column("origin", sa.String(length=120), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["event.id"],
            name=op.f("fk_conformity_certificate_event_id_event"),
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"],
            ["party.id"],
            name=op.f("fk_conformity_certificate_issuer_id_party"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conformity_certificate")),
        sa.UniqueConstraint(
            "issuer_id", "code", name=op.f("uq_conformity_certificate_issuer_id_code")
        ),
    )
    op.create_table(
        "event_position",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_position_event_id_event")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_event_position")),
        sa.UniqueConstraint("event_id", name=op.f("uq_event_position_event_id")),
    )
    op.create_table(
        "event_salt",
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_salt_event_id_event")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_salt")),
    )
    op.create_table(
        "input_use",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("plot_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.Column("per_mu", sa.String(length=40), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("area_mu", sa.String(length=40), nullable=True),
        sa.Column("total", sa.String(length=40), nullable=True),
        sa.Column("target", sa.String(length=60), nullable=True),
        sa.Column("operator_id", sa.Integer(), nullable=True),
        sa.Column("supplier", sa.String(length=120), nullable=True),
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_input_use_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["party.id"], name=op.f("fk_input_use_operator_id_party")
        ),
        sa.ForeignKeyConstraint(
            ["plot_id"], ["plot.id"], name=op.f("fk_input_use_plot_id_plot")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["input_product.id"],
            name=op.f("fk_input_use_product_id_input_product"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_input_use")),
    )
    with op.batch_alter_table("input_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_input_use_code"), ["code"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_input_use_plot_id"), ["plot_id"], unique=False
        )

    op.create_table(
        "lot",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("uri", sa.String(length=300), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "leaf",
                "received",
                "made",
                "finished",
                "by-product",
                "packed",
                name="lotkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("initial_g", sa.BigInteger(), nullable=False),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=True),
        sa.Column("grade", sa.String(length=60), nullable=True),
        sa.Column("crop", sa.String(length=60), nullable=True),
        sa.Column("product_kind", sa.String(length=60), nullable=True),
        sa.Column("plot_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("mass_g >= 0", name=op.f("ck_lot_mass_not_negative")),
        sa.CheckConstraint("units >= 0", name=op.f("ck_lot_units_not_negative")),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_lot_party_id_party")
        ),
        sa.ForeignKeyConstraint(
            ["plot_id"], ["plot.id"], name=op.f("fk_lot_plot_id_plot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("party_id", "code", name=op.f("uq_lot_party_id_code")),
        sa.UniqueConstraint("uri", name=op.f("uq_lot_uri")),
    )
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.create_index("ix_lot_code", ["code"], unique=False)
        batch_op.create_index(batch_op.f("ix_lot_plot_id"), ["plot_id"], unique=False)

    op.create_table(
        "trade_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=True),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("grade", sa.String(length=60), nullable=True),
        sa.Column("net_g", sa.BigInteger(), nullable=False),
        sa.Column("packaging", sa.String(length=60), nullable=True),
        sa.Column("shelf_life_months", sa.Integer(), nullable=True),
        sa.Column("standard", sa.String(length=60), nullable=True),
        sa.Column("ingredients", sa.String(length=200), nullable=True),
        sa.Column("storage", sa.String(length=200), nullable=True),
        sa.Column("price_yuan", sa.String(length=40), nullable=True),
        sa.Column("packaging_cost_yuan", sa.String(length=40), nullable=True),
        sa.Column("packaging_layers", sa.Integer(), nullable=True),
        sa.Column("gross_g", sa.Integer(), nullable=True),
        sa.CheckConstraint("net_g > 0", name=op.f("ck_trade_item_net_positive")),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brand.id"], name=op.f("fk_trade_item_brand_id_brand")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trade_item")),
        sa.UniqueConstraint("code", name=op.f("uq_trade_item_code")),
        sa.UniqueConstraint("gtin", name=op.f("uq_trade_item_gtin")),
    )
    op.create_table(
        "unsequenced",
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_unsequenced_event_id_event")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_unsequenced")),
    )
    op.create_table(
        "certified_lot",
        sa.Column(
            "certificate_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "lot_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["conformity_certificate.id"],
            name=op.f("fk_certified_lot_certificate_id_conformity_certificate"),
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lot.id"], name=op.f("fk_certified_lot_lot_id_lot")
        ),
        sa.PrimaryKeyConstraint(
            "certificate_id", "lot_id", name=op.f("pk_certified_lot")
        ),
    )
    with op.batch_alter_table("certified_lot", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certified_lot_lot_id"), ["lot_id"], unique=False
        )

    op.create_table(
        "intake",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "lot_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column(
            "certificate_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("delivered_g", sa.BigInteger(), nullable=False),
        sa.Column("received_g", sa.BigInteger(), nullable=False),
        sa.Column("moisture_percent", sa.String(length=40), nullable=True),
        sa.Column("price_yuan_per_kg", sa.String(length=40), nullable=True),
        sa.Column("pluck_standard", sa.String(length=60), nullable=True),
        sa.Column("weather", sa.String(length=60), nullable=True),
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["conformity_certificate.id"],
            name=op.f("fk_intake_certificate_id_conformity_certificate"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_intake_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lot.id"], name=op.f("fk_intake_lot_id_lot")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["party.id"], name=op.f("fk_intake_supplier_id_party")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake")),
        sa.UniqueConstraint("lot_id", name=op.f("uq_intake_lot_id")),
    )
    with op.batch_alter_table("intake", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_intake_certificate_id"), ["certificate_id"], unique=False
        )

    op.create_table(
        "ledger_line",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "account",
            sa.Enum(
                "grown",
                "lot",
                "lost",
                "packed",
                "sold",
                name="account",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "lot_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("subject", sa.String(length=300), nullable=True),
        sa.Column(
            "commodity",
            sa.Enum(
                "g",
                "unit",
                name="commodity",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_ledger_line_amount_not_zero")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_ledger_line_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lot.id"], name=op.f("fk_ledger_line_lot_id_lot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_line")),
    )
    with op.batch_alter_table("ledger_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ledger_line_event_id"), ["event_id"], unique=False
        )
        batch_op.create_index("ix_ledger_line_lot_id", ["lot_id"], unique=False)

    op.create_table(
        "lineage_edge",
        sa.Column(
            "child_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "parent_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["lot.id"], name=op.f("fk_lineage_edge_child_id_lot")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_lineage_edge_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["lot.id"], name=op.f("fk_lineage_edge_parent_id_lot")
        ),
        sa.PrimaryKeyConstraint(
            "child_id", "parent_id", "event_id", name=op.f("pk_lineage_edge")
        ),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("lineage_edge", schema=None) as batch_op:
        batch_op.create_index(
            "ix_lineage_edge_parent_id_child_id",
            ["parent_id", "child_id"],
            unique=False,
        )

    op.create_table(
        "lot_hold",
        sa.Column(
            "lot_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "finding_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_lot_hold_finding_id_finding")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lot.id"], name=op.f("fk_lot_hold_lot_id_lot")
        ),
        sa.PrimaryKeyConstraint("lot_id", "finding_id", name=op.f("pk_lot_hold")),
    )
    with op.batch_alter_table("lot_hold", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lot_hold_finding_id"), ["finding_id"], unique=False
        )

    op.create_table(
        "pack",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "lot_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("trade_item_id", sa.Integer(), nullable=False),
        sa.Column("label_lot", sa.String(length=20), nullable=False),
        sa.Column("packed_on", sa.Date(), nullable=False),
        sa.Column("best_before", sa.Date(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("next_position", sa.Integer(), nullable=False),
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.CheckConstraint("units > 0", name=op.f("ck_pack_units_positive")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_pack_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lot.id"], name=op.f("fk_pack_lot_id_lot")
        ),
        sa.ForeignKeyConstraint(
            ["trade_item_id"],
            ["trade_item.id"],
            name=op.f("fk_pack_trade_item_id_trade_item"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack")),
        sa.UniqueConstraint("lot_id", name=op.f("uq_pack_lot_id")),
    )
    with op.batch_alter_table("pack", schema=None) as batch_op:
        batch_op.create_index(
            "ix_pack_trade_item_id_label_lot",
            ["trade_item_id", "label_lot"],
            unique=True,
        )

    op.create_table(
        "picking",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "lot_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("plot_id", sa.Integer(), nullable=False),
        sa.Column("picked_on", sa.Date(), nullable=False),
        sa.Column("pluck_standard", sa.String(length=60), nullable=False),
        sa.Column("grade", sa.String(length=60), nullable=True),
        sa.Column("method", sa.String(length=60), nullable=True),
        sa.Column("weather", sa.String(length=60), nullable=True),
        sa.Column("pickers", sa.Integer(), nullable=True),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_picking_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lot.id"], name=op.f("fk_picking_lot_id_lot")
        ),
        sa.ForeignKeyConstraint(
            ["plot_id"], ["plot.id"], name=op.f("fk_picking_plot_id_plot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picking")),
        sa.UniqueConstraint("lot_id", name=op.f("uq_picking_lot_id")),
    )
    with op.batch_alter_table("picking", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_picking_plot_id"), ["plot_id"], unique=False
        )

    op.create_table(
        "run",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("plant_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("run_on", sa.Date(), nullable=False),
        sa.Column(
            "output_lot_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("input_g", sa.BigInteger(), nullable=False),
        sa.Column("output_g", sa.BigInteger(), nullable=False),
        sa.Column("by_product_g", sa.BigInteger(), nullable=False),
        sa.Column("sample_g", sa.BigInteger(), nullable=False),
        sa.Column("moisture_percent", sa.String(length=40), nullable=True),
        sa.Column("pluck_standard", sa.String(length=60), nullable=True),
        sa.Column("weather", sa.String(length=60), nullable=True),
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_run_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["output_lot_id"], ["lot.id"], name=op.f("fk_run_output_lot_id_lot")
        ),
        sa.ForeignKeyConstraint(
            ["plant_id"], ["party.id"], name=op.f("fk_run_plant_id_party")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("output_lot_id", name=op.f("uq_run_output_lot_id")),
        sa.UniqueConstraint("plant_id", "code", name=op.f("uq_run_plant_id_code")),
    )
    op.create_table(
        "sample",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "lot_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("sampled_on", sa.Date(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lot.id"], name=op.f("fk_sample_lot_id_lot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample")),
    )
    with op.batch_alter_table("sample", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sample_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "label_job",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("first_position", sa.Integer(), nullable=False),
        sa.Column("last_position", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(length=1), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "first_position >= 1 AND last_position >= first_position",
            name=op.f("ck_label_job_positions_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["pack.id"], name=op.f("fk_label_job_pack_id_pack")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_job")),
        sa.UniqueConstraint(
            "pack_id",
            "first_position",
            name=op.f("uq_label_job_pack_id_first_position"),
        ),
    )
    op.create_table(
        "label_reprint",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("first_position", sa.Integer(), nullable=False),
        sa.Column("last_position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["pack.id"], name=op.f("fk_label_reprint_pack_id_pack")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_reprint")),
    )
    with op.batch_alter_table("label_reprint", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_label_reprint_pack_id"), ["pack_id"], unique=False
        )

    op.create_table(
        "result",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column(
            "sample_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("laboratory_id", sa.Integer(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_result_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["laboratory_id"], ["party.id"], name=op.f("fk_result_laboratory_id_party")
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["sample.id"], name=op.f("fk_result_sample_id_sample")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
        sa.UniqueConstraint(
            "laboratory_id", "code", name=op.f("uq_result_laboratory_id_code")
        ),
    )
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_result_code"), ["code"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_result_sample_id"), ["sample_id"], unique=False
        )

    op.create_table(
        "run_step",
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("measured", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_run_step_run_id_run")
        ),
        sa.PrimaryKeyConstraint("run_id", "place", name=op.f("pk_run_step")),
    )
    op.create_table(
        "scan",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("spool_id", sa.String(length=32), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=True),
        sa.Column("serial", sa.String(length=20), nullable=True),
        sa.Column("pack_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=True),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["pack.id"], name=op.f("fk_scan_pack_id_pack")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
        sa.UniqueConstraint("spool_id", name=op.f("uq_scan_spool_id")),
    )
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.create_index(
            "ix_scan_pack_id_position", ["pack_id", "position"], unique=False
        )

    op.create_table(
        "unit_range",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("first_position", sa.Integer(), nullable=False),
        sa.Column("last_position", sa.Integer(), nullable=False),
        sa.Column(
            "fate",
            sa.Enum(
                "shipped",
                "activated",
                "void",
                "locked",
                name="fate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "first_position >= 1 AND last_position >= first_position",
            name=op.f("ck_unit_range_positions_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["pack.id"], name=op.f("fk_unit_range_pack_id_pack")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_range")),
    )
    with op.batch_alter_table("unit_range", schema=None) as batch_op:
        batch_op.create_index(
            "ix_unit_range_pack_id_first_position",
            ["pack_id", "first_position"],
            unique=False,
        )

    op.create_table(
        "recall",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("start_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "result_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name=op.f("ck_recall_level")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_recall_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["party.id"], name=op.f("fk_recall_owner_id_party")
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["result.id"], name=op.f("fk_recall_result_id_result")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall")),
        sa.UniqueConstraint("owner_id", "code", name=op.f("uq_recall_owner_id_code")),
    )
    with op.batch_alter_table("recall", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recall_code"), ["code"], unique=False)

    op.create_table(
        "result_item",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "result_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("analyte", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=True),
        sa.Column("words", sa.String(length=60), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("loq", sa.String(length=40), nullable=True),
        sa.Column("limit_value", sa.String(length=40), nullable=True),
        sa.Column("limit_basis", sa.String(length=60), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["result_id"], ["result.id"], name=op.f("fk_result_item_result_id_result")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_item")),
    )
    with op.batch_alter_table("result_item", schema=None) as batch_op:
        batch_op.create_index("ix_result_item_result_id", ["result_id"], unique=False)

    op.create_table(
        "shipment",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("seller_id", sa.Integer(), nullable=False),
        sa.Column("buyer_id", sa.Integer(), nullable=False),
        sa.Column("shipped_on", sa.Date(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.Column(
            "unit_range_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["buyer_id"], ["party.id"], name=op.f("fk_shipment_buyer_id_party")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_shipment_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["pack.id"], name=op.f("fk_shipment_pack_id_pack")
        ),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["party.id"], name=op.f("fk_shipment_seller_id_party")
        ),
        sa.ForeignKeyConstraint(
            ["unit_range_id"],
            ["unit_range.id"],
            name=op.f("fk_shipment_unit_range_id_unit_range"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
    )
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_code"), ["code"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_shipment_pack_id"), ["pack_id"], unique=False
        )

    op.create_table(
        "recalled_lot",
        sa.Column(
            "lot_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "recall_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lot.id"], name=op.f("fk_recalled_lot_lot_id_lot")
        ),
        sa.ForeignKeyConstraint(
            ["recall_id"], ["recall.id"], name=op.f("fk_recalled_lot_recall_id_recall")
        ),
        sa.PrimaryKeyConstraint("lot_id", "recall_id", name=op.f("pk_recalled_lot")),
    )
    with op.batch_alter_table("recalled_lot", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_recalled_lot_recall_id"), ["recall_id"], unique=False
        )
    op.bulk_insert(
        sa.table("sequencer", sa.column("id"), sa.column("last_position")),
        [{"id": 1, "last_position": 0}],
    )
    for table in APPEND_ONLY:
        for statement in append_only_ddl(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("recalled_lot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recalled_lot_recall_id"))

    op.drop_table("recalled_lot")
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shipment_pack_id"))
        batch_op.drop_index(batch_op.f("ix_shipment_code"))

    op.drop_table("shipment")
    with op.batch_alter_table("result_item", schema=None) as batch_op:
        batch_op.drop_index("ix_result_item_result_id")

    op.drop_table("result_item")
    with op.batch_alter_table("recall", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recall_code"))

    op.drop_table("recall")
    with op.batch_alter_table("unit_range", schema=None) as batch_op:
        batch_op.drop_index("ix_unit_range_pack_id_first_position")

    op.drop_table("unit_range")
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.drop_index("ix_scan_pack_id_position")

    op.drop_table("scan")
    op.drop_table("run_step")
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_result_sample_id"))
        batch_op.drop_index(batch_op.f("ix_result_code"))

    op.drop_table("result")
    with op.batch_alter_table("label_reprint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_label_reprint_pack_id"))

    op.drop_table("label_reprint")
    op.drop_table("label_job")
    with op.batch_alter_table("sample", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sample_lot_id"))

    op.drop_table("sample")
    op.drop_table("run")
    with op.batch_alter_table("picking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_picking_plot_id"))

    op.drop_table("picking")
    with op.batch_alter_table("pack", schema=None) as batch_op:
        batch_op.drop_index("ix_pack_trade_item_id_label_lot")

    op.drop_table("pack")
    with op.batch_alter_table("lot_hold", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lot_hold_finding_id"))

    op.drop_table("lot_hold")
    with op.batch_alter_table("lineage_edge", schema=None) as batch_op:
        batch_op.drop_index("ix_lineage_edge_parent_id_child_id")

    op.drop_table("lineage_edge")
    with op.batch_alter_table("ledger_line", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_line_lot_id")
        batch_op.drop_index(batch_op.f("ix_ledger_line_event_id"))

    op.drop_table("ledger_line")
    with op.batch_alter_table("intake", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_intake_certificate_id"))

    op.drop_table("intake")
    with op.batch_alter_table("certified_lot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certified_lot_lot_id"))

    op.drop_table("certified_lot")
    op.drop_table("unsequenced")
    op.drop_table("trade_item")
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lot_plot_id"))
        batch_op.drop_index("ix_lot_code")

    op.drop_table("lot")
    with op.batch_alter_table("input_use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_input_use_plot_id"))
        batch_op.drop_index(batch_op.f("ix_input_use_code"))

    op.drop_table("input_use")
    op.drop_table("event_salt")
    op.drop_table("event_position")
    op.drop_table("conformity_certificate")
    op.drop_table("brand_supplier")
    with op.batch_alter_table("season_record", schema=None) as batch_op:
        batch_op.drop_index("ix_season_record_noun_alias")

    op.drop_table("season_record")
    op.drop_table("season_plot")
    with op.batch_alter_table("plot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plot_village_id"))
        batch_op.drop_index(batch_op.f("ix_plot_holder_id"))
        batch_op.drop_index(batch_op.f("ix_plot_cooperative_id"))

    op.drop_table("plot")
    op.drop_table("person")
    with op.batch_alter_table("licence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_licence_party_id"))

    op.drop_table("licence")
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finding_season_id"))
        batch_op.drop_index("ix_finding_rule_record")
        batch_op.drop_index(batch_op.f("ix_finding_party_id"))

    op.drop_table("finding")
    with op.batch_alter_table("facility", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_facility_party_id"))

    op.drop_table("facility")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_party_id")

    op.drop_table("event")
    op.drop_table("brand")
    op.drop_table("api_key")
    op.drop_table("village")
    op.drop_table("term")
    op.drop_table("stored_file")
    op.drop_table("sequencer")
    op.drop_table("season")
    op.drop_table("party")
    op.drop_table("instance")
    op.drop_table("input_product")

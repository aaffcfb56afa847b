"""Certificates have a public page, what they rest on, and an officer who may revoke them; leaf waits for them"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0034"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # as of trace/keys.py
CERTIFICATE = "conformity_certificate"


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    op.add_column(CERTIFICATE, sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("intake", sa.Column("exemption", sa.JSON(), nullable=True))
    op.create_table(
        "certificate_paper",
        sa.Column("certificate_id", BIG, nullable=False),
        sa.Column("token", sa.String(length=26), nullable=False),
        sa.Column("contact", sa.String(length=60), nullable=True),
        _to("certificate_paper", "certificate_id", CERTIFICATE),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_paper")),
        sa.UniqueConstraint("token", name=op.f("uq_certificate_paper_token")),
    )
    _give_tokens()
    _pairs("collected_certificate", "collected_id", CERTIFICATE)
    _pairs("certificate_test", "result_id", "result")
    op.create_table(
        "certificate_revocation",
        sa.Column("certificate_id", BIG, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("revoked_by", sa.String(length=60), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("event_id", BIG, nullable=False),
        _to("certificate_revocation", "certificate_id", CERTIFICATE),
        _to("certificate_revocation", "account_id", "account"),
        _to("certificate_revocation", "event_id", "event"),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_revocation")),
    )
    op.create_table(
        "certificate_arrival",
        sa.Column("id", BIG, nullable=False),
        sa.Column("intake_id", BIG, nullable=False),
        sa.Column("certificate_id", BIG, nullable=True),
        sa.Column("exemption", sa.JSON(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        _to("certificate_arrival", "intake_id", "intake"),
        _to("certificate_arrival", "certificate_id", CERTIFICATE),
        _to("certificate_arrival", "event_id", "event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_arrival")),
    )
    for column in ("intake_id", "certificate_id"):
        op.create_index(op.f(f"ix_certificate_arrival_{column}"), "certificate_arrival", [column])


def downgrade() -> None:
    tables = ("certificate_arrival", "certificate_revocation", "certificate_test", "collected_certificate")
    for table in (*tables, "certificate_paper"):
        op.drop_table(table)
    op.execute("ALTER TABLE intake DROP COLUMN exemption")
    op.execute(f"ALTER TABLE {CERTIFICATE} DROP COLUMN revoked_at")


def _pairs(table: str, column: str, other: str) -> None:
    """Make a table of what certificates rest on."""
    op.create_table(
        table,
        sa.Column("certificate_id", BIG, nullable=False),
        sa.Column(column, BIG, nullable=False),
        _to(table, "certificate_id", CERTIFICATE),
        _to(table, column, other),
        sa.PrimaryKeyConstraint("certificate_id", column, name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _give_tokens() -> None:
    """Give every certificate there is a page of its own."""
    paper = sa.table("certificate_paper", sa.column("certificate_id"), sa.column("token"))
    known = op.get_bind().execute(sa.text(f"SELECT id FROM {CERTIFICATE} ORDER BY id")).scalars().all()
    rows = [
        {"certificate_id": id_, "token": "".join(secrets.choice(SYMBOLS) for _ in range(26))} for id_ in known
    ]
    if rows:
        op.bulk_insert(paper, rows)

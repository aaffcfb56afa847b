"""Accounts: keys belong to a named holder; who entered an event; answers kept for repeated requests"""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROLES = ("operator", "officer", "coop", "broker", "plant", "brand", "laboratory", "auditor")
# One statement for both engines; a constraint cannot be added apart from its column on SQLite.
NEW_EVENT_COLUMNS = {"entered_by_id": "party", "account_id": "account"}


def _role() -> sa.Column:
    words = sa.Enum(*ROLES, name="role", native_enum=False, create_constraint=True, length=20)
    return sa.Column("role", words, nullable=False)


def _read(query: str) -> list[dict]:
    return [dict(row) for row in op.get_bind().execute(sa.text(query)).mappings()]


def upgrade() -> None:
    keys = _read("SELECT id, sha256, role, party_id, created_at, revoked_at FROM api_key ORDER BY id")
    op.drop_table("api_key")
    account = op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        _role(),
        sa.Column("party_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_account_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("code", name=op.f("uq_account_code")),
    )
    op.create_index(op.f("ix_account_party_id"), "account", ["party_id"])
    api_key = op.create_table(
        "api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_api_key_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("code", name=op.f("uq_api_key_code")),
        sa.UniqueConstraint("sha256", name=op.f("uq_api_key_sha256")),
    )
    op.create_index(op.f("ix_api_key_account_id"), "api_key", ["account_id"])
    _give_accounts(keys, account, api_key)
    op.create_table(
        "kept_answer",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_sha256", sa.String(length=64), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_kept_answer_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_kept_answer")),
    )
    op.create_index(op.f("ix_kept_answer_kept_at"), "kept_answer", ["kept_at"])
    op.create_table(
        "mandate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["principal_id"], ["party.id"], name=op.f("fk_mandate_principal_id_party")),
        sa.ForeignKeyConstraint(["agent_id"], ["party.id"], name=op.f("fk_mandate_agent_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
        sa.CheckConstraint("principal_id <> agent_id", name=op.f("ck_mandate_not_itself")),
    )
    op.create_index(op.f("ix_mandate_principal_id"), "mandate", ["principal_id"])
    op.create_index(op.f("ix_mandate_agent_id"), "mandate", ["agent_id"])
    for column, table in NEW_EVENT_COLUMNS.items():
        name = f"fk_event_{column}_{table}"
        op.execute(f"ALTER TABLE event ADD COLUMN {column} INTEGER CONSTRAINT {name} REFERENCES {table} (id)")
    op.add_column("picking", sa.Column("as_typed", sa.JSON(), nullable=True))


def _give_accounts(keys: list[dict], account: sa.Table, api_key: sa.Table) -> None:
    """Give each key that was there an account of its own, named after its role."""
    written = op.get_bind()
    for key in keys:
        made = {"created_at": _moment(key["created_at"])}
        written.execute(
            account.insert().values(
                id=key["id"], code=str(uuid.uuid4()), name=key["role"], role=key["role"], party_id=key["party_id"], **made
            )
        )
        written.execute(
            api_key.insert().values(
                id=key["id"],
                code=str(uuid.uuid4()),
                sha256=key["sha256"],
                account_id=key["id"],
                scopes=["read", "write"],
                revoked_at=_moment(key["revoked_at"]),
                **made,
            )
        )
    if written.dialect.name == "postgresql":  # rows written with their number leave the counter behind
        for table in ("account", "api_key"):
            op.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def _moment(value: object) -> object:
    """Return a moment; SQLite gives text where no column type reads it."""
    from datetime import datetime

    return datetime.fromisoformat(value) if isinstance(value, str) else value


def downgrade() -> None:
    keys = _read(
        "SELECT k.id, k.sha256, a.role, a.party_id, k.created_at, k.revoked_at FROM api_key k "
        "JOIN account a ON a.id = k.account_id ORDER BY k.id"
    )
    op.drop_column("picking", "as_typed")
    for column in NEW_EVENT_COLUMNS:
        op.execute(f"ALTER TABLE event DROP COLUMN {column}")
    op.drop_table("mandate")
    op.drop_table("kept_answer")
    op.drop_table("api_key")
    op.drop_table("account")
    api_key = op.create_table(
        "api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        _role(),
        sa.Column("party_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_api_key_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("sha256", name=op.f("uq_api_key_sha256")),
    )
    for key in keys:
        moments = {name: _moment(key[name]) for name in ("created_at", "revoked_at")}
        op.get_bind().execute(api_key.insert().values(**{**key, **moments}))

"""Recalls are cases: states, deadlines, contacts, notices, reports; and drills"""

from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True)
CHANNELS = ("webhook", "email", "sms", "print")
STATES = ("open", "planned", "recovering", "closed")
TRIGGERS = ("result", "complaint", "order", "own-finding")
WORKING_DAYS = {1: 10, 2: 20, 3: 30}


def upgrade() -> None:
    _add("set_off_by", "VARCHAR(20) DEFAULT 'own-finding' NOT NULL", "trigger", TRIGGERS)
    _add("state", "VARCHAR(20) DEFAULT 'open' NOT NULL", "recallstate", STATES)
    op.add_column("recall", sa.Column("finish_by", sa.Date(), nullable=False, server_default="1970-01-01"))
    op.execute("UPDATE recall SET set_off_by = 'result' WHERE result_id IS NOT NULL")
    _count_days()
    _steps()
    _contacts()
    _notices()
    _reports()
    _drills()


def downgrade() -> None:
    for table in ("recall_drill", "recall_report", "recall_notice", "recall_contact", "recall_step"):
        op.drop_table(table)
    for column in ("finish_by", "state", "set_off_by"):
        op.execute(f"ALTER TABLE recall DROP COLUMN {column}")


def _add(column: str, kind: str, name: str, words: tuple[str, ...]) -> None:
    """Add a column with its check, which SQLite takes in one statement only."""
    allowed = ", ".join(f"'{word}'" for word in words)
    op.execute(
        f"ALTER TABLE recall ADD COLUMN {column} {kind} CONSTRAINT ck_recall_{name} CHECK ({column} IN ({allowed}))"
    )


def _count_days() -> None:
    """Let recalls from before have the day by which they were to end: weekends do not count."""
    recall = sa.table(
        "recall", sa.column("id", BIG), sa.column("level", sa.Integer), sa.column("started_at", MOMENT), sa.column("finish_by", sa.Date)
    )
    connection = op.get_bind()
    for id_, level, started_at in connection.execute(sa.select(recall.c.id, recall.c.level, recall.c.started_at)).all():
        day = _after((started_at + timedelta(hours=8)).date(), WORKING_DAYS[level])  # UTC, and the country's day
        connection.execute(sa.update(recall).where(recall.c.id == id_).values(finish_by=day))


def _after(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _steps() -> None:
    op.create_table(
        "recall_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("recall_id", BIG, nullable=False),
        sa.Column("state", _words("recallstate", *STATES), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=True),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"], name=op.f("fk_recall_step_recall_id_recall")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recall_step_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_step")),
    )
    op.create_index("ix_recall_step_recall_id", "recall_step", ["recall_id"])
    op.execute(
        "INSERT INTO recall_step (recall_id, state, person, taken_at) SELECT id, 'open', '', started_at FROM recall ORDER BY id"
    )


def _contacts() -> None:
    op.create_table(
        "recall_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("keeper_id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=True),
        sa.Column("channel", _words("channel", *CHANNELS), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=True),
        sa.Column("secret", sa.String(length=64), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("erased_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["keeper_id"], ["party.id"], name=op.f("fk_recall_contact_keeper_id_party")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_recall_contact_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_contact")),
        sa.UniqueConstraint("code", name=op.f("uq_recall_contact_code")),
    )
    op.create_index("ix_recall_contact_keeper_id", "recall_contact", ["keeper_id"])
    op.create_index("ix_recall_contact_party_id", "recall_contact", ["party_id"])


def _notices() -> None:
    op.create_table(
        "recall_notice",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=36), nullable=False),
        sa.Column("recall_id", BIG, nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("recipient", sa.String(length=120), nullable=False),
        sa.Column("channel", _words("channel", *CHANNELS), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=True),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            _words("noticestate", "to-print", "queued", "sent", "failed", "reached", "not-reached"),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", MOMENT, nullable=True),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", sa.String(length=60), nullable=True),
        sa.Column("outcome", sa.String(length=400), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"], name=op.f("fk_recall_notice_recall_id_recall")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_recall_notice_party_id_party")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["recall_contact.id"], name=op.f("fk_recall_notice_contact_id_recall_contact")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recall_notice_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_notice")),
        sa.UniqueConstraint("code", name=op.f("uq_recall_notice_code")),
    )
    op.create_index("ix_recall_notice_recall_id", "recall_notice", ["recall_id"])
    queued = sa.text("state = 'queued'")
    op.create_index(
        "ix_recall_notice_next_try_at", "recall_notice", ["next_try_at"], sqlite_where=queued, postgresql_where=queued
    )


def _reports() -> None:
    op.create_table(
        "recall_report",
        sa.Column("id", BIG, nullable=False),
        sa.Column("recall_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", _words("reportkind", "progress", "final"), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("cause", sa.String(length=400), nullable=True),
        sa.Column("measures", sa.String(length=1000), nullable=True),
        sa.Column("unrecovered", sa.String(length=400), nullable=True),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"], name=op.f("fk_recall_report_recall_id_recall")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recall_report_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_report")),
        sa.UniqueConstraint("recall_id", "number", name=op.f("uq_recall_report_recall_id_number")),
    )


def _drills() -> None:
    op.create_table(
        "recall_drill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("begun_with", JSON, nullable=False),
        sa.Column("known_at", MOMENT, nullable=False),
        sa.Column("scope_ms", sa.Integer(), nullable=False),
        sa.Column("codes_ms", sa.Integer(), nullable=False),
        sa.Column("buyers_ms", sa.Integer(), nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["party.id"], name=op.f("fk_recall_drill_owner_id_party")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recall_drill_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_drill")),
        sa.UniqueConstraint("owner_id", "code", name=op.f("uq_recall_drill_owner_id_code")),
    )
    op.create_index("ix_recall_drill_code", "recall_drill", ["code"])


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)

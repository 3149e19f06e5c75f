"""People and accounts."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0001"
down_revision = None

UTC = Utc()


def upgrade() -> None:
    _accounts()
    _audit()
    _brand()
    _editions()
    _events()
    _one_time_links()
    _throttles()
    _users()
    _cursors()
    _hook_events()
    _quarantine()
    _report_mails()
    _sessions()


def downgrade() -> None:
    op.drop_table("sessions")
    op.drop_table("report_mails")
    op.drop_table("quarantine")
    op.drop_table("hook_events")
    op.drop_table("cursors")
    op.drop_table("users")
    op.drop_table("throttles")
    op.drop_table("one_time_links")
    op.drop_table("events")
    op.drop_table("editions")
    op.drop_table("brand")
    op.drop_table("audit")
    op.drop_table("accounts")


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", Id, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("external_id", sa.String()),
        sa.Column("base_url", sa.String()),
        sa.Column("settings", Document, nullable=False),
        sa.Column("secrets", sa.String()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("hook_key", sa.String(), nullable=False),
        sa.Column("outside_counts", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("polled_at", UTC),
        sa.Column("last_success_at", UTC),
        sa.Column("not_before", UTC),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("channel", "handle", name="uq_accounts_channel_handle"),
        sa.UniqueConstraint("hook_key", name="uq_accounts_hook_key"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", Document, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject", "id"])


def _brand() -> None:
    op.create_table(
        "brand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("report_at", sa.String(), nullable=False),
        sa.Column("report_recipients", Document, nullable=False),
        sa.Column("target_share", sa.Double(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_brand"),
    )


def _editions() -> None:
    op.create_table(
        "editions",
        sa.Column("id", Id, nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("as_of", UTC, nullable=False),
        sa.Column("figures", Document, nullable=False),
        sa.Column("made_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_editions"),
        sa.UniqueConstraint("local_date", "edition", name="uq_editions_local_date_edition"),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", Id, nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("conversation_id", Id),
        sa.Column("at", UTC, nullable=False),
        sa.Column("data", Document, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sqlite_autoincrement=True,
    )


def _one_time_links() -> None:
    op.create_table(
        "one_time_links",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("expires_at", UTC, nullable=False),
        sa.Column("used_at", UTC),
        sa.PrimaryKeyConstraint("token_hash", name="pk_one_time_links"),
    )


def _throttles() -> None:
    op.create_table(
        "throttles",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("not_before", UTC),
        sa.Column("updated_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_throttles"),
    )


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", Id, nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String()),
        sa.Column("locale", sa.String()),
        sa.Column("theme", sa.String()),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("disabled_at", UTC),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )


def _cursors() -> None:
    op.create_table(
        "cursors",
        sa.Column(
            "account_id",
            Id,
            sa.ForeignKey("accounts.id", name="fk_cursors_account_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", Document, nullable=False),
        sa.Column("not_before", UTC),
        sa.Column("updated_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "stream", name="pk_cursors"),
    )


def _hook_events() -> None:
    op.create_table(
        "hook_events",
        sa.Column(
            "account_id",
            Id,
            sa.ForeignKey("accounts.id", name="fk_hook_events_account_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "event_id", name="pk_hook_events"),
    )


def _quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("id", Id, nullable=False),
        sa.Column(
            "account_id",
            Id,
            sa.ForeignKey("accounts.id", name="fk_quarantine_account_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("raw", Document, nullable=False),
        sa.Column("raw_hash", sa.String(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
        sa.UniqueConstraint("account_id", "raw_hash", name="uq_quarantine_account_id_raw_hash"),
    )
    op.create_index("ix_quarantine_account_id", "quarantine", ["account_id"])


def _report_mails() -> None:
    op.create_table(
        "report_mails",
        sa.Column("id", Id, nullable=False),
        sa.Column(
            "edition_id",
            Id,
            sa.ForeignKey("editions.id", name="fk_report_mails_edition_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("not_before", UTC),
        sa.Column("accepted_at", UTC),
        sa.Column("reason", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_report_mails"),
        sa.UniqueConstraint("edition_id", "recipient", name="uq_report_mails_edition_id_recipient"),
    )
    op.create_index("ix_report_mails_state", "report_mails", ["state", "id"])


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column(
            "user_id",
            Id,
            sa.ForeignKey("users.id", name="fk_sessions_user_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("seen_at", UTC, nullable=False),
        sa.Column("expires_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])

"""People: sessions by browser, invitations, mails with links, and the second step."""

import sqlalchemy as sa
from alembic import op

from inbox.store.tables.base import Document, Id, Utc

revision = "0007"
down_revision = "0006"

UTC = Utc()
NEW_COLUMNS = (
    ("users", "totp_secret", sa.String(), True, None),
    ("users", "totp_since", UTC, True, None),
    ("users", "totp_step", sa.Integer(), True, None),
    ("sessions", "browser", sa.String(), False, sa.text("''")),
    ("sessions", "half", sa.Boolean(), False, sa.false()),
    ("brand", "two_step_roles", Document, False, sa.text("'[]'")),
)
"""Table, name, type, whether it may be empty, and what stands in the rows of before."""


def upgrade() -> None:
    for table, name, kind, nullable, before in NEW_COLUMNS:
        op.add_column(table, sa.Column(name, kind, nullable=nullable, server_default=before))
    _invitations()
    _letters()
    _recovery_codes()


def downgrade() -> None:
    for table in ("recovery_codes", "letters", "invitations"):
        op.drop_table(table)
    for table, name, _, _, _ in NEW_COLUMNS:
        op.drop_column(table, name)


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", Id, primary_key=True),
        sa.Column("email", sa.String(), nullable=False, unique=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), unique=True),
        sa.Column("invited_by", sa.String(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("expires_at", UTC, nullable=False),
    )


def _letters() -> None:
    op.create_table(
        "letters",
        sa.Column("id", Id, primary_key=True),
        sa.Column("user_id", Id, sa.ForeignKey("users.id", ondelete="CASCADE"), unique=True),
        sa.Column(
            "invitation_id", Id, sa.ForeignKey("invitations.id", ondelete="CASCADE"), unique=True
        ),
        sa.Column("asked_at", UTC, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("not_before", UTC),
        sa.Column("error", sa.String()),
    )


def _recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(), primary_key=True),
        sa.Column("user_id", Id, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("used_at", UTC),
    )
    op.create_index("ix_recovery_codes_user_id", "recovery_codes", ["user_id"])

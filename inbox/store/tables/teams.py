"""Teams, their people, and the accounts that they serve."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.tables.base import Base, Id


class TeamRow(Base):
    """A team. `name_key` is `domain.teams.key_of`; `lead_id` is one of its members; `calendar` is
    the name of one, or empty."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    lead_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id", ondelete="SET NULL"))
    made_at: Mapped[datetime]
    calendar: Mapped[str] = mapped_column(default="", server_default="")


class TeamMember(Base):
    """Somebody is in a team."""

    __tablename__ = "team_members"

    team_id: Mapped[int] = mapped_column(
        Id, ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class TeamAccount(Base):
    """A team serves an account."""

    __tablename__ = "team_accounts"

    team_id: Mapped[int] = mapped_column(
        Id, ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(
        Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True
    )

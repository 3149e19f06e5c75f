"""A brand with customers who write and are answered, stored through the product's own doors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select, text

from connectors.core.contract import Author, Direction, Message
from inbox.config import Settings
from inbox.domain.conversation import Tag
from inbox.flows.correct import correct
from inbox.flows.ingest import ingest
from inbox.flows.steps import excuse
from inbox.store import accounts
from inbox.store.session import Store
from inbox.store.tables import (
    Account,
    Brand,
    Conversation,
    Edition,
    ReportMail,
    ReportRecipient,
    User,
)
from inbox.store.tables import Message as MessageRow

ADA, BO = "ada@lumen.example", "bo@lumen.example"
DAY = datetime(2026, 11, 18, tzinfo=UTC)
KEY = "S" * 43 + "="  # a Fernet key of 32 equal bytes


def at(hours: float) -> datetime:
    """Hours after the start of 18 November, UTC."""
    return DAY + timedelta(hours=hours)


class Words:
    """A classifier that believes the first two words of a text, category and urgency, and that who
    says "aide" is French."""

    def tag(self, texts: Sequence[str]) -> list[Tag]:
        return [Tag(*_said(words), lang=_lang(words), needs_review=False) for words in texts]


def _said(words: str) -> tuple[str, float, str, float]:
    category, urgency, *_ = words.split()
    return category, 0.9, urgency, 0.9


def _lang(words: str) -> str:
    return "fr" if "aide" in words.split() else "en"


@dataclass
class Office:
    """One brand on one store."""

    store: Store
    folder: Path

    def open(
        self,
        *,
        zone: str = "UTC",
        report_at: str = "07:00",
        recipients: Sequence[str] = (ADA,),
        created_at: datetime = DAY - timedelta(days=100),
        locale: str = "en",
        kinds: Sequence[str] = ("day",),
    ) -> "Office":
        with self.store.write() as session:
            session.add(
                Brand(
                    id=1,
                    name="Lumen Pay",
                    zone=zone,
                    locale=locale,
                    report_at=report_at,
                    target_share=0.95,
                    created_at=created_at,
                )
            )
            for one in dict.fromkeys(recipients):
                session.add(ReportRecipient(address=one, locale=locale, kinds=list(kinds)))
            for email, name in ((ADA, "Ada Voss"), (BO, "Bo Narin")):
                session.add(User(email=email, name=name, role="agent", created_at=created_at))
        return self

    def settings(self, smtp_url: str | None = None) -> Settings:
        return Settings(
            data=self.folder,
            secret_key=SecretStr(KEY),
            smtp_url=SecretStr(smtp_url) if smtp_url else None,
            mail_from="desk@lumen.example",
            public_url="https://desk.lumen.example",
        )

    def account(self, channel: str = "x") -> Account:
        with self.store.write() as session:
            found = accounts.by_name(session, channel, "@lumen")
            if found is None:
                accounts.add(session, channel, "@lumen", at(-2000))
            return accounts.by_name(session, channel, "@lumen") or _missing()

    def take(self, *page: Message, channel: str = "x", stored_at: datetime | None = None) -> None:
        """A page arrives and is stored, at the time of its last message if not said otherwise."""
        now = stored_at or max(m.deleted_at or m.sent_at for m in page)
        ingest(self.store, self.account(channel), page, classifier=Words(), now=now)

    def excuse(self, who: str, when: datetime) -> None:
        with self.store.read() as session:
            newest = max(session.scalars(select(MessageRow.id)))
        excuse(
            self.store,
            conversation_id=self.conversation(who).id,
            agent_id=1,
            actor=ADA,
            reason="thanks",
            seen=newest,
            now=when,
        )

    def correct(self, who: str, when: datetime, **tag: Any) -> None:
        values = {"category": None, "urgency": None} | tag
        conversation = self.conversation(who).id
        store = self.store
        correct(store, conversation_id=conversation, agent_id=1, actor=ADA, now=when, **values)

    def conversation(self, who: str) -> Conversation:
        with self.store.read() as session:
            return session.scalars(select(Conversation).where(Conversation.thread == who)).one()

    def editions(self) -> list[Edition]:
        with self.store.read() as session:
            return list(
                session.scalars(select(Edition).order_by(Edition.local_date, Edition.edition))
            )

    def mails(self) -> list[ReportMail]:
        with self.store.read() as session:
            return list(session.scalars(select(ReportMail).order_by(ReportMail.id)))

    def change(self, statement: str, **values: Any) -> None:
        with self.store.write() as session:
            session.execute(text(statement), values)


def asks(
    who: str, when: datetime, words: str = "payment normal help", *, number: int = 0
) -> Message:
    """A customer writes; every customer has one thread of their own."""
    return Message(
        external_id=f"{who}-in-{number}-{when.isoformat()}",
        conversation=who,
        direction=Direction.IN,
        text=words,
        sent_at=when,
        author=Author(who, f"@{who}", who.title()),
    )


def answers(who: str, when: datetime, agent: str | None = ADA, *, number: int = 0) -> Message:
    """A person of the team answers; `agent` None is somebody outside Replydesk."""
    return Message(
        external_id=f"{who}-out-{number}-{when.isoformat()}",
        conversation=who,
        direction=Direction.OUT,
        text="Here is your answer.",
        sent_at=when,
        author=Author("me", "@lumen", "Lumen Pay"),
        agent=agent,
    )


def deleted(message: Message, when: datetime) -> Message:
    """The same message after its author deleted it."""
    return replace(message, deleted_at=when)


def _missing() -> Account:
    raise LookupError("the account was just added")

"""A desk for flow tests: one store, one account, and sentences to say what happens on it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import func, select

from connectors.core.contract import Author, Direction, Message, Visibility
from inbox.config import Settings
from inbox.flows.ingest import Counts, CursorMove, Tagger, ingest
from inbox.flows.reply import queue_reply
from inbox.store import accounts
from inbox.store.session import Store
from inbox.store.tables import Account, Contact, Conversation, Reply, User
from inbox.store.tables import Message as Row
from tests.clock import MONDAY, Clock
from tests.scripted import SCRIPTS, Script

KEY = "S" * 43 + "="  # a Fernet key of 32 equal bytes


def at(minutes: float) -> datetime:
    """Minutes before (negative) or after the clock's start."""
    return MONDAY + timedelta(minutes=minutes)


def says(external_id: str, text: str = "hello", minutes: float = -10, **more: Any) -> Message:
    """A customer writes; `author` is an id, ann by default."""
    author = more.pop("author", "ann")
    values: dict[str, Any] = {"conversation": "c1", "direction": Direction.IN} | more
    return Message(
        external_id=external_id,
        text=text,
        sent_at=at(minutes),
        author=Author(author, f"@{author}", author.title()) if author else None,
        **values,
    )


def own(external_id: str, text: str = "our answer", minutes: float = -5, **more: Any) -> Message:
    """An own message comes back from the platform."""
    return says(external_id, text, minutes, author="me", direction=Direction.OUT, **more)


@dataclass
class Desk:
    store: Store
    settings: Settings
    clock: Clock
    account: Account
    agent_id: int
    script: Script = field(default_factory=Script)

    @classmethod
    def open(cls, store: Store, folder: Path, clock: Clock, channel: str = "scripted") -> "Desk":
        """A desk with one account and one agent, Ada."""
        settings = Settings(data=folder, secret_key=SecretStr(KEY))
        handle = f"@{channel}-{id(clock)}"
        with store.write() as session:
            account_id = accounts.add(session, channel, handle, clock(), external_id="me")
            ada = User(email="ada@lumen.example", name="Ada", role="agent", created_at=clock())
            session.add(ada)
            session.flush()
            account = session.get_one(Account, account_id)
            desk = cls(store, settings, clock, account, ada.id)
        SCRIPTS[handle] = desk.script
        return desk

    def take(
        self, *page: Message, move: CursorMove | None = None, classifier: Tagger | None = None
    ) -> Counts:
        """A page arrives."""
        now = self.clock()
        return ingest(self.store, self.account, page, classifier=classifier, now=now, move=move)

    def answer(
        self,
        text: str = "our answer",
        form_key: str = "form-1",
        shown: int | None = None,
        visibility: str = Visibility.PRIVATE,
        conversation: int | None = None,
        files: Sequence[int] = (),
    ) -> int:
        """Ada answers the (first) conversation."""
        return queue_reply(
            self.store,
            conversation_id=conversation or self.conversation().id,
            agent_id=self.agent_id,
            actor="ada@lumen.example",
            text=text,
            visibility=visibility,
            form_key=form_key,
            shown=self.newest() if shown is None else shown,
            now=self.clock(),
            file_ids=files,
        )

    def newest(self) -> int:
        with self.store.read() as session:
            return session.scalar(select(func.max(Row.id))) or 0

    def rows(self, table: type[Any] = Row) -> list[Any]:
        with self.store.read() as session:
            return list(session.scalars(select(table).order_by(*table.__table__.primary_key)))

    def message(self, external_id: str) -> Row:
        with self.store.read() as session:
            return session.scalars(select(Row).where(Row.external_id == external_id)).one()

    def conversation(self, author: str = "ann") -> Conversation:
        """Whose it is says its contact: a message in it may have come from another one."""
        found: list[Conversation] = self.rows(Conversation)
        return next(c for c in found if self._author(c) == author)

    def reply(self, reply_id: int) -> Reply:
        with self.store.read() as session:
            return session.get_one(Reply, reply_id)

    def texts(self) -> Sequence[str]:
        return [row.text for row in self.rows()]

    def _author(self, conversation: Conversation) -> str | None:
        with self.store.read() as session:
            return session.get_one(Contact, conversation.contact_id).external_id

"""The product's own flows over a SQLite store, with accounts at real servers."""

from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from connectors.core.contract import Account as ConnectorAccount
from connectors.core.registry import connector
from inbox.config import Settings
from inbox.flows.accounts import NewAccount, add_account
from inbox.flows.deliver import deliver_due
from inbox.flows.poll import Polled, poll
from inbox.flows.reply import queue_reply
from inbox.store.session import Store
from inbox.store.tables import Conversation, Message, Reply, User


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Office:
    """One store with one agent, Ada."""

    store: Store
    folder: Path
    account_id: int = 0
    agent_id: int = 0
    settings: Settings = field(init=False)
    looked: Polled | None = None  # what the last look brought

    def __post_init__(self) -> None:
        self.settings = Settings(data=self.folder)
        with self.store.write() as session:
            ada = User(email="ada@lumen.example", name="Ada", role="agent", created_at=now())
            session.add(ada)
            session.flush()
            self.agent_id = ada.id

    def connect(self, known: ConnectorAccount, *, renews: bool = False) -> None:
        """Signs in for real and stores the account; `renews` with credentials made just now."""
        secrets = dict(known.secrets)
        if renews:
            with closing(connector(known.channel)(known, now)) as platform:
                secrets |= platform.renew().secrets
        wanted = NewAccount(
            known.channel, known.handle, known.base_url, dict(known.settings), secrets
        )
        added = add_account(self.store, self.settings, wanted, actor="ada", now=now)
        assert added.missing == ()
        self.account_id = added.id

    def has(self, text: str) -> bool:
        """Whether a message with these words is in the inbox after one more look."""
        self.looked = poll(self.store, self.settings, self.account_id, classifier=None, now=now)
        return any(text in m.text for m in self.messages())

    def messages(self) -> list[Message]:
        with self.store.read() as session:
            return list(session.scalars(select(Message).order_by(Message.id)))

    def conversations(self) -> list[Conversation]:
        with self.store.read() as session:
            return list(session.scalars(select(Conversation)))

    def answer(self, text: str) -> Reply:
        """Ada answers the newest customer message; the reply as it stands after delivery."""
        with self.store.read() as session:
            asked = session.scalars(
                select(Message).where(Message.role == "customer").order_by(Message.id.desc())
            ).first()
            shown = session.scalar(select(func.max(Message.id))) or 0
        assert asked is not None
        assert asked.conversation_id is not None
        reply_id = queue_reply(
            self.store,
            conversation_id=asked.conversation_id,
            agent_id=self.agent_id,
            actor="ada@lumen.example",
            text=text,
            visibility=asked.visibility,
            form_key=f"form-{shown}",
            shown=shown,
            now=now(),
        )
        deliver_due(self.store, self.settings, now)
        with self.store.read() as session:
            return session.get_one(Reply, reply_id)

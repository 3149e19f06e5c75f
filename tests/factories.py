"""Rows for tests, written through the tables: what is not named has a harmless value.

Each function commits. `numbers` makes the values unique that must be.
"""

import itertools
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select

from inbox.domain.answers import Canned
from inbox.flows import teams, transfers
from inbox.flows.files import read
from inbox.store import answers
from inbox.store.session import Store
from inbox.store.tables import (
    Account,
    ActionRun,
    Brand,
    BulkJob,
    CannedAnswer,
    Contact,
    Conversation,
    File,
    FileContent,
    HookDelivery,
    HookEndpoint,
    Macro,
    Message,
    Reply,
    Surge,
    SurgeMember,
    TurnRow,
    User,
)
from tests.clock import MONDAY

numbers = itertools.count(1)
PASSWORD = "correct horse battery"


@cache
def password_hash() -> str:
    """One hash for all people of the tests, quick to verify: the cost stands in the hash."""
    return Argon2Hasher(time_cost=1, memory_cost=1024).hash(PASSWORD)


def make_brand(store: Store, **given: Any) -> Brand:
    """The brand, if there is none yet."""
    values: dict[str, Any] = {
        "id": 1,
        "name": "Lumen Pay",
        "zone": "Europe/Lisbon",
        "locale": "en",
        "report_at": "07:00",
        "target_share": 0.95,
        "created_at": MONDAY,
        "undo_s": 0,  # what tests send leaves at once
    }
    with store.write() as session:
        return session.merge(Brand(**values | given))


def make_user(store: Store, name: str = "Ada Voss", role: str = "agent", **given: Any) -> User:
    """A person who signs in with `PASSWORD`; the address is made from the first name."""
    values: dict[str, Any] = {
        "email": f"{name.split()[0].lower()}@lumenpay.example",
        "name": name,
        "role": role,
        "password_hash": password_hash(),
        "created_at": MONDAY,
    }
    with store.write() as session:
        user = User(**values | given)
        session.add(user)
    return user


def make_account(store: Store, channel: str = "x", **given: Any) -> Account:
    """A connected account that delivered just now."""
    number = next(numbers)
    values: dict[str, Any] = {
        "channel": channel,
        "handle": f"@lumenpay{number}",
        "external_id": f"me{number}",
        "settings": {},
        "state": "active",
        "hook_key": f"hook{number}",
        "created_at": MONDAY,
        "last_success_at": MONDAY,
    }
    with store.write() as session:
        account = Account(**values | given)
        session.add(account)
    return account


def make_team(
    store: Store,
    name: str = "Cards",
    members: Iterable[User] = (),
    accounts: Iterable[Account] = (),
    lead: User | None = None,
) -> int:
    """A team's number; of nobody, serving nothing, if not said otherwise."""
    wanted = teams.Wanted(
        name,
        frozenset(one.id for one in members),
        frozenset(one.id for one in accounts),
        lead.id if lead else None,
    )
    return teams.add(store, wanted, actor="cli", now=MONDAY)


def make_canned(store: Store, shortcut: str = "hi", **texts: str) -> CannedAnswer:
    """A canned answer of the team."""
    written = Canned(f"Say {shortcut}", shortcut, texts or {"en": "Hello {customer}"})
    with store.write() as session:
        return answers.add(session, answers.TEAM, written, "cli", MONDAY)


def make_run(store: Store, agent: User, job: bool = False) -> ActionRun:
    """A macro that assigns, and what it did once to conversation 1, in a job or not."""
    about = {"agent_id": agent.id, "name": "Mine"}
    with store.write() as session:
        if job:
            whole = {"key": "job", "actions": {"assign": "me"}, "total": 1, "made_at": MONDAY}
            session.add(BulkJob(**about, **whole))
            session.flush()
        session.add(
            Macro(name="Mine", actions={"assign": "me"}, changed_at=MONDAY, changed_by="cli")
        )
        done = ActionRun(
            key=f"run{next(numbers)}",
            conversation_id=1,
            job_id=1 if job else None,
            **about,
            shown=1,
            state="done",
            at=MONDAY,
            did=[{"verb": "assign", "before": None, "after": agent.id}],
            undone=[],
        )
        session.add(done)
    return done


def make_conversation(
    store: Store,
    account: Account | None = None,
    *,
    text: str = "Where is my refund?",
    name: str = "Lin Yue",
    opened_at: datetime = MONDAY,
    due_at: datetime | None = None,
    contact: Contact | None = None,
    **given: Any,
) -> Conversation:
    """A conversation with one message of the customer and its open turn, due after 24 hours.

    `status="waiting"` or `"resolved"` leaves no turn open.
    """
    number = next(numbers)
    account = account or make_account(store)
    waits = given.get("status", "open") == "open"
    due = due_at or opened_at + timedelta(days=1)
    with store.write() as session:
        if contact is None:
            contact = _contact(account, name, opened_at, number)
            session.add(contact)
            session.flush()
        values: dict[str, Any] = {
            "account_id": account.id,
            "thread": f"c{number}",
            "contact_id": contact.id,
            "kind": "dm",
            "visibility": "private",
            "token": f"token{number}",
            "status": "open",
            "category": "refund",
            "category_confidence": 0.94,
            "labels": [given.get("category", "refund")],
            "urgency": "normal",
            "urgency_confidence": 0.8,
            "last_message_at": opened_at,
            "preview": text,
            "unread": 1,
            "created_at": opened_at,
        }
        conversation = Conversation(**values | given)
        session.add(conversation)
        session.flush()
        message = add_message(
            session,
            conversation,
            text,
            opened_at,
            author_id=contact.external_id,
            author_name=contact.name,
        )
        conversation.last_message_id = message.id
        if waits:
            conversation.opened_at, conversation.due_at = opened_at, due
            conversation.opened_by = message.opener_id = message.id
            session.add(_turn(conversation, message, due))
    return conversation


def _contact(account: Account, name: str, at: datetime, number: int) -> Contact:
    return Contact(
        account_id=account.id,
        external_id=f"u{number}",
        handle=f"@customer{number}",
        name=name,
        created_at=at,
    )


def add_message(
    session: Any, conversation: Conversation, text: str, at: datetime, **given: Any
) -> Message:
    """A message of the customer in the transaction of `session`."""
    values: dict[str, Any] = {
        "account_id": conversation.account_id,
        "external_id": f"m{next(numbers)}",
        "thread": conversation.thread,
        "conversation_id": conversation.id,
        "direction": "in",
        "role": "customer",
        "kind": conversation.kind,
        "visibility": conversation.visibility,
        "text": text,
        "sent_at": at,
        "sent_at_source": "platform",
        "stored_at": at,
    }
    message = Message(**values | given)
    session.add(message)
    session.flush()
    return message


def make_message(
    store: Store, conversation: Conversation, text: str, at: datetime, **given: Any
) -> Message:
    """Another message of the customer; the conversation's row is left as it is."""
    with store.write() as session:
        return add_message(session, conversation, text, at, **given)


def first_message(store: Store, conversation: Conversation | None = None) -> Message:
    """The oldest message (of a conversation)."""
    found = select(Message).order_by(Message.id).limit(1)
    if conversation is not None:
        found = found.where(Message.conversation_id == conversation.id)
    with store.read() as session:
        return session.scalars(found).one()


def make_reply(
    store: Store, conversation: Conversation, agent: User, text: str = "We look.", **given: Any
) -> Reply:
    """A row of the outbox, queued if not said otherwise."""
    number = next(numbers)
    with store.write() as session:
        newest = session.scalars(
            select(Message.id)
            .where(Message.conversation_id == conversation.id)
            .order_by(Message.id.desc())
        ).first()
        values: dict[str, Any] = {
            "key": f"key{number}",
            "form_key": f"form{number}",
            "account_id": conversation.account_id,
            "conversation_id": conversation.id,
            "agent_id": agent.id,
            "text": text,
            "visibility": "private",
            "answers": newest,
            "shown": newest,
            "state": "queued",
            "created_at": conversation.last_message_at,
        }
        reply = Reply(**values | given)
        session.add(reply)
    return reply


def make_file(store: Store, message: Message, data: bytes, **given: Any) -> File:
    """A file of a message whose bytes are here."""
    content = read(data)
    values: dict[str, Any] = {
        "account_id": message.account_id,
        "message_id": message.id,
        "name": "receipt.png",
        "mime": content.mime,
        "size": len(data),
        "sha256": content.sha256,
        "state": "stored",
        "previewed": content.preview is not None,
        "created_at": message.stored_at,
    }
    with store.write() as session:
        file = File(**values | given)
        session.add(file)
        session.flush()
        session.add(FileContent(file_id=file.id, content=data, preview=content.preview))
    return file


def make_endpoint(store: Store, **given: Any) -> HookEndpoint:
    """An outgoing webhook that nothing was sent to; its sealed part opens with no key."""
    values: dict[str, Any] = {
        "name": "Team chat",
        "url": "https://chat.example/hook",
        "form": "standard",
        "events": ["turn.breached"],
        "secret": "sealed",
        "state": "active",
        "created_at": MONDAY,
        "created_by": "ada@lumenpay.example",
    }
    with store.write() as session:
        endpoint = HookEndpoint(**values | given)
        session.add(endpoint)
    return endpoint


def make_delivery(store: Store, endpoint: HookEndpoint, **given: Any) -> HookDelivery:
    """A delivery that the endpoint took."""
    values: dict[str, Any] = {
        "endpoint_id": endpoint.id,
        "key": f"msg_{next(numbers)}",
        "event": "turn.breached",
        "said": {"conversation": {"id": 1}},
        "made_at": MONDAY,
        "state": "delivered",
        "tries": 1,
    }
    with store.write() as session:
        delivery = HookDelivery(**values | given)
        session.add(delivery)
    return delivery


def make_surge(store: Store, conversation: Conversation) -> Surge:
    """A surge whose only member is this conversation."""
    opener = first_message(store, conversation)
    with store.write() as session:
        surge = Surge(
            found_at=MONDAY,
            since=MONDAY,
            last_at=MONDAY,
            people=1,
            sample=opener.id,
            topic="",
            centre=[],
            texts={},
        )
        session.add(surge)
        session.flush()
        member: dict[str, Any] = {"opener": opener.id, "person": conversation.contact_id}
        session.add(
            SurgeMember(
                surge_id=surge.id,
                conversation_id=conversation.id,
                at=MONDAY,
                joined_at=MONDAY,
                **member,
            )
        )
    return surge


def make_export(store: Store, data: Path) -> int:
    """An export that is done; its file lies in the data folder."""
    made = transfers.begin_export(store, actor="ada@lumenpay.example", now=MONDAY)
    transfers.work(store, data, None, lambda: MONDAY)
    return made


def _turn(conversation: Conversation, message: Message, due_at: datetime) -> TurnRow:
    return TurnRow(
        conversation_id=conversation.id,
        seq=1,
        episode=1,
        is_first=True,
        opened_by=message.id,
        opened_at=message.sent_at,
        due_at=due_at,
        policy={"id": "social", "version": 1, "name": "Social 24 h", "target": "24h"},
        calendar={"name": "working days", "version": 1, "zone": "UTC"},
        evaluated_at=message.sent_at,
    )

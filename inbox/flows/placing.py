"""Where a message belongs: its thread, its customer's conversation, the reply it is the echo of."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from connectors.core.contract import Direction, Message, Visibility, rewritten_alike
from inbox.domain import outbox as states
from inbox.domain.threading import MailIds, Own, join_mails, places_of_answers
from inbox.flows.incoming import Incoming
from inbox.store import agents as people
from inbox.store import cases, messages, outbox
from inbox.store.merging import merge_threads
from inbox.store.tables import Account, Reply

SKEW = timedelta(minutes=2)  # between the platform's clock and ours


def without_known_mails(
    session: Session, account: Account, fresh: Sequence[Incoming]
) -> list[Incoming]:
    """Leaves out mails stored before under another id (another folder, a new UIDVALIDITY).

    Ours are known by Message-ID alone; a customer's also by the hash of its body, because a
    Message-ID is what the sender claims.
    """
    ids = [i.message.message_id for i in fresh if i.message.message_id]
    if not ids:
        return list(fresh)
    stored = messages.known_mails(session, account.id, ids)
    ours = {message_id for message_id, _, role in stored if role == "ours"}
    seen = {(message_id, digest) for message_id, digest, _ in stored}
    kept: list[Incoming] = []
    for item in fresh:
        mail = (item.message.message_id or "", digest_of(item.message))
        if not mail[0] or not ((_is_ours(item.message) and mail[0] in ours) or mail in seen):
            kept.append(item)
            seen.add(mail)
    return kept


def digest_of(message: Message) -> str | None:
    """The hash of a mail's body, as its connector gave it."""
    digest = message.platform.get("digest")
    return str(digest) if digest else None


def place(
    session: Session, account: Account, fresh: Sequence[Incoming], now: datetime
) -> tuple[list[dict[str, Any]], set[int]]:
    """Message rows with thread, contact and (for customers) conversation; and the conversations
    that were merged, because a mail showed that two threads are one."""
    threads, merged = _threads(session, account, [i.message for i in fresh])
    customers = [i.message for i in fresh if _role(i.message) == "customer"]
    contacts = messages.upsert_contacts(
        session,
        account.id,
        [(m.author.id, m.author.handle, m.author.name) for m in customers if m.author],
        now,
    )
    wanted = {
        (threads[m.external_id], contacts[m.author.id]): m for m in reversed(customers) if m.author
    }
    conversations = messages.upsert_conversations(
        session,
        [
            {
                "account_id": account.id,
                "thread": thread,
                "contact_id": contact,
                "kind": m.kind,
                "visibility": m.visibility,
                "subject": m.subject,
                "last_message_at": m.sent_at,
                "created_at": now,
            }
            for (thread, contact), m in wanted.items()
        ],
    )
    private = [
        (thread, conversations[thread, contact])
        for (thread, contact), m in wanted.items()
        if m.visibility is Visibility.PRIVATE
    ]
    cases.join_moved(session, account, private)
    agents = people.agent_ids(session, {m.agent for m in map(_message, fresh) if m.agent}, now)
    rows = []
    for item in fresh:
        m = item.message
        thread, role = threads[m.external_id], _role(m)
        contact = contacts.get(m.author.id) if m.author else None
        place_of = conversations.get((thread, contact or 0)) if role == "customer" else None
        agent = agents.get(m.agent or "") if role == "ours" and not m.automated else None
        rows.append(_row(account, item, thread, role, place_of, agent, now))
    return rows, merged


def _row(
    account: Account,
    item: Incoming,
    thread: str,
    role: str,
    conversation_id: int | None,
    agent_id: int | None,
    now: datetime,
) -> dict[str, Any]:
    m = item.message
    return (
        item.tag.by_column()
        | {
            "account_id": account.id,
            "external_id": m.external_id,
            "thread": thread,
            "conversation_id": conversation_id,
            "direction": m.direction,
            "role": role,
            "kind": m.kind,
            "visibility": m.visibility,
            "author_id": m.author.id if m.author else None,
            "author_handle": m.author.handle if m.author else None,
            "author_name": m.author.name if m.author else None,
            "text": m.text,
            "subject": m.subject,
            "sent_at": m.sent_at,
            "sent_at_source": "platform",
            "time_cut": item.time_cut,
            "stored_at": now,
            "edited_at": m.edited_at,
            "deleted_at": m.deleted_at,
            "in_reply_to": m.in_reply_to,
            "automated": m.automated,
            "agent_id": agent_id,
            "outbox_id": None,
            "message_id": m.message_id,
            "digest": digest_of(m),
            "attachments": [asdict(a) for a in m.attachments],
            "can_reply_publicly": m.can_reply_publicly,
            "reply_note": m.reply_note,
            "platform": dict(m.platform),
            "findings": list(item.findings),
            "marks": ["hidden"] if m.hidden else [],
        }
        | (messages.NO_CONTENT if m.deleted_at else {})
    )


def _threads(
    session: Session, account: Account, page: Sequence[Message]
) -> tuple[dict[str, str], set[int]]:
    """The thread of each message by external id, and the conversations that were merged.

    Mails join by References, then by address token, never by subject; any order of arrival ends in
    one thread because every Message-ID named is remembered as an alias of it.
    """
    threads = {m.external_id: m.conversation for m in page}
    mails = [m for m in page if m.message_id or m.references or m.address_token]
    if not mails:
        return threads, set()
    tokens = messages.thread_by_token(
        session, account.id, {m.address_token for m in mails if m.address_token}
    )
    named = [
        MailIds(
            (*m.references, *([m.message_id] if m.message_id else [])),
            tokens.get(m.address_token or "", m.conversation),
        )
        for m in mails
    ]
    known = messages.threads_of(session, account.id, {i for mail in named for i in mail.ids})
    joined = join_mails(named, known)
    merged: set[int] = set()
    for old, into in joined.merged.items():
        merged |= merge_threads(session, account.id, old, into)
    messages.add_aliases(session, account.id, joined.aliases)
    threads |= {m.external_id: t for m, t in zip(mails, joined.threads, strict=True)}
    return threads, merged


def adopt(
    session: Session, account: Account, rows: Sequence[dict[str, Any]], now: datetime
) -> tuple[set[int], list[Reply]]:
    """Own messages that come back are matched to the outbox first (law 2).

    An echo of a reply that is still `sending` or `unknown` settles it, whichever of poller and
    sender writes first; one that a person vouched for gets its platform id and time.
    Changes the rows in place; returns the conversations concerned, and the replies settled.
    """
    ours = [row for row in rows if row["role"] == "ours"]
    if not ours:
        return set(), []
    waiting = outbox.unsettled(session, account.id, sorted({row["thread"] for row in ours}))
    touched: set[int] = set()
    settled: list[Reply] = []
    for row in ours:
        reply = next((r for r, thread in waiting if _is_echo(row, r, thread)), None)
        if reply is None:
            continue
        waiting = [(r, t) for r, t in waiting if r.id != reply.id]
        if reply.state == states.SENT:
            outbox.name(session, reply, row["external_id"], row["sent_at"])
        elif _settled(session, reply, row, now):
            settled.append(reply)
        else:
            continue
        row |= {
            "outbox_id": reply.id,
            "agent_id": None if reply.automated else reply.agent_id,
            "conversation_id": reply.conversation_id,
            "automated": reply.automated,
        }
        touched.add(reply.conversation_id)
    return touched, settled


def _settled(session: Session, reply: Reply, row: dict[str, Any], now: datetime) -> bool:
    """Moves the reply to `sent` from wherever its sender has brought it meanwhile."""
    values = {
        "external_id": row["external_id"],
        "message_id": row["message_id"],
        "finished_at": now,
        "look_up_at": None,
        "reason": None,
    }
    return any(
        outbox.move(session, reply.id, before, event, **values)
        for before, event in states.TURNED_UP
    )


def _is_echo(row: dict[str, Any], reply: Reply, thread: str) -> bool:
    """Whether a message is the platform's copy of a reply: a mail by the key in its Message-ID,
    else the same words (or files without words) in the same thread, not older than the reply."""
    if row["message_id"]:
        return bool(row["message_id"].partition("@")[0] == reply.key)
    return (
        row["thread"] == thread
        and row["sent_at"] >= reply.created_at - SKEW
        and bool(reply.text or row["attachments"])
        and rewritten_alike(reply.text, row["text"])
    )


def rejoin_answers(session: Session, account_id: int, threads: Sequence[str]) -> set[int]:
    """Puts own messages of these threads to the customer they answer; returns what changed.

    Runs over all of a thread's answers whenever the thread gains a message, so an answer that came
    before its question finds it, and the order of arrival does not matter.
    """
    own_messages = {
        thread: own
        for thread, own in messages.own_messages(session, account_id, threads).items()
        if any(row.outbox_id is None for row in own.values())
    }
    customers = messages.customers_of(session, account_id, list(own_messages))
    changed: set[int] = set()
    moved: dict[int, int | None] = {}
    for thread, own in own_messages.items():
        answers = {
            name: Own(row.sent_at, row.in_reply_to, row.conversation_id if row.outbox_id else None)
            for name, row in own.items()
        }
        for name, place_of in places_of_answers(answers, customers[thread]).items():
            before = own[name].conversation_id
            if place_of != before:
                moved[own[name].id] = place_of
                changed |= {c for c in (place_of, before) if c is not None}
    messages.place(session, moved)
    return changed


def _message(item: Incoming) -> Message:
    return item.message


def _is_ours(message: Message) -> bool:
    return message.direction == Direction.OUT


def _role(message: Message) -> str:
    if message.context:
        return "third"
    if _is_ours(message):
        return "ours"
    if message.author is None or message.platform.get("bounce_of"):
        return "third"
    return "customer"

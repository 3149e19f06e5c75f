"""Sends what waits in the outbox, once (law 2)."""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectors.core.contract import Author, Event, Kind, Outgoing, Sent, Upload, Visibility
from connectors.core.errors import (
    AuthExpired,
    AuthRevoked,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    WindowClosed,
)
from connectors.core.registry import capabilities
from inbox.config import Settings
from inbox.domain import pace, windows
from inbox.domain.outbox import MAX_FAILURES, SENDING, TURNED_UP, UNKNOWN, backoff_s
from inbox.flows import acting, happenings, holding, hooks
from inbox.flows.opening import open_connector
from inbox.flows.placing import SKEW
from inbox.flows.refold import refold
from inbox.flows.trouble import note_failure
from inbox.store import events, files, messages, outbox
from inbox.store.session import Store, lock_account
from inbox.store.tables import Account, Conversation, Message, Reply

LOOK_UPS = 4  # then only a person can tell


def deliver_due(
    store: Store,
    settings: Settings,
    now: Callable[[], datetime],
    *,
    account_id: int | None = None,
) -> int:
    """Sends every reply (of one account, or of all) whose time has come; returns how many.

    What was sent may free the next part of its answer, so it looks again; each is tried once.
    """
    give_up_on_the_dead(store, now())
    tried: set[int] = set()
    done = 0
    while True:
        with store.read() as session:
            waiting = [r for r in outbox.due(session, now(), account_id) if r not in tried]
        if not waiting:
            return done
        tried.update(waiting)
        done += sum(deliver(store, settings, reply_id, now) for reply_id in waiting)


def deliver(store: Store, settings: Settings, reply_id: int, now: Callable[[], datetime]) -> bool:
    """Sends one reply. False when another worker has taken it.

    The row is `sending` before the request leaves and until its outcome is stored, so a process
    that dies in between leaves a trace that no one sends again blindly.
    """
    with store.write() as session:
        if holding.stopped(session, reply_id, now()):
            return False
        reply = outbox.claim(session, reply_id, now())
        if reply is None:
            return False
        account = session.get_one(Account, reply.account_id)
        events.announce(session, "conversation", now(), reply.conversation_id)
    with store.read() as session:  # files may be large: no writer waits for them
        outgoing = outgoing_of(session, reply)
        shut = _shut(session, account, reply, now())
    if shut is not None:
        _not_accepted(store, account, reply, shut, now())
        return True
    try:
        platform = open_connector(store, account, settings, now)
        with closing(platform):
            sent = platform.send(outgoing)
    except ConnectorError as e:
        _not_accepted(store, account, reply, e, now())
    else:
        with store.write() as session:
            held = reply.attempts
            # A sender that froze until its row was given up still knows the truth.
            for state, event in TURNED_UP:
                if settle(session, reply, state, event, sent, now(), attempt=held):
                    break
    return True


def _shut(session: Session, account: Account, reply: Reply, now: datetime) -> WindowClosed | None:
    """The platform's own time limit, asked at the moment of sending."""
    answered = session.get_one(Message, reply.answers)
    written = messages.last_written(session, reply.conversation_id) or answered.sent_at
    found = windows.limit(
        capabilities(account.channel), account.settings, reply.visibility, written
    )
    if found is None or answered.visibility != reply.visibility or now < found.closes_at:
        return None
    return WindowClosed("The platform’s time for an answer was over before this one was sent.")


def outgoing_of(session: Session, reply: Reply) -> Outgoing:
    """The reply as its connector needs it."""
    answered = session.get_one(Message, reply.answers)
    conversation = session.get_one(Conversation, reply.conversation_id)
    mails = session.scalars(
        select(Message.message_id)
        .where(Message.conversation_id == conversation.id, Message.message_id.is_not(None))
        .order_by(Message.sent_at, Message.id)
    )
    return Outgoing(
        key=reply.key,
        thread=conversation.thread,
        in_reply_to=answered.external_id,
        to=Author(answered.author_id or "", answered.author_handle, answered.author_name),
        text=reply.text,
        visibility=Visibility(reply.visibility),
        kind=Kind(answered.kind),
        started_at=reply.created_at,  # a look-up must not miss what an earlier try sent
        subject=answered.subject or conversation.subject,
        message_id=answered.message_id,
        references=tuple(m for m in mails if m),
        address_token=conversation.token,
        platform=answered.platform,
        wrote_at=messages.last_written(session, conversation.id) or answered.sent_at,
        by_person=not reply.automated,
        answers_visibility=Visibility(answered.visibility),
        copies=tuple(Author(address, address, name) for address, name in reply.copies),
        files=tuple(Upload(*row) for row in files.uploads(session, reply.id)),
    )


def settle(
    session: Session,
    reply: Reply,
    before: str,
    event: str,
    sent: Sent,
    now: datetime,
    *,
    attempt: int | None = None,
) -> bool:
    """The platform has the reply: the row is `sent`, the message stored, the clock ended.

    False when the row was settled meanwhile (the poller saw the echo first).
    """
    lock_account(session, reply.account_id)
    done = outbox.move(
        session,
        reply.id,
        before,
        event,
        attempt=attempt,
        external_id=sent.external_id,
        message_id=sent.message_id,
        finished_at=now,
        look_up_at=None,
        reason=None,
        private_thread=sent.thread,
    )
    if done:
        touched = _store_own(session, reply, sent, now)
        named = happenings.apply_waiting(session, reply.account_id, [sent.external_id], reply.key)
        refold(session, sorted(touched | named), now)
        then = session.scalar(select(Reply.then).where(Reply.id == reply.id))  # or called off since
        if then is not None:
            acting.follow(session, reply.conversation_id, then, now)
        hooks.replied(session, reply, now)
    return done


def settle_named(store: Store, account_id: int, events: Sequence[Event], now: datetime) -> None:
    """Answers whose outcome was unknown and that a receipt now names: they arrived (law 2)."""
    for key, sent in happenings.settles(events):
        with store.write() as session:
            reply = outbox.by_key(session, account_id, key)
            if reply is not None and reply.external_id is None:
                for state, event in TURNED_UP:
                    if settle(session, reply, state, event, sent, now):
                        break


def _store_own(session: Session, reply: Reply, sent: Sent, now: datetime) -> set[int]:
    """Stores the reply as a message; returns the conversations that this concerns."""
    conversation = session.get_one(Conversation, reply.conversation_id)
    account = session.get_one(Account, reply.account_id)
    answered = session.get_one(Message, reply.answers)
    sent_at, source = _time_of(sent, reply, now)
    stored = messages.add(
        session,
        [
            {
                "account_id": account.id,
                "external_id": sent.external_id,
                "thread": conversation.thread,
                "conversation_id": conversation.id,
                "direction": "out",
                "role": "ours",
                "kind": answered.kind,
                "visibility": reply.visibility,
                "author_id": account.external_id,
                "author_handle": account.handle,
                "text": reply.text,
                "subject": answered.subject,
                "sent_at": sent_at,
                "sent_at_source": source,
                "stored_at": now,
                "in_reply_to": answered.external_id,
                "agent_id": None if reply.automated else reply.agent_id,
                "automated": reply.automated,
                "outbox_id": reply.id,
                "message_id": sent.message_id,
                "platform": {"others": reply.copies} if reply.copies else {},
                "attachments": files.told(session, reply.id),
            }
        ],
    )
    if sent.message_id:
        messages.add_aliases(session, account.id, {sent.message_id: conversation.thread})
    touched = {conversation.id}
    here = (Message.account_id == account.id, Message.external_id == sent.external_id)
    files.attach(session, reply.id, session.scalars(select(Message.id).where(*here)).one())
    if not stored:  # the poller stored it first, as a message from outside
        touched |= {c for c in session.scalars(select(Message.conversation_id).where(*here)) if c}
        agent_id = None if reply.automated else reply.agent_id
        own = {"outbox_id": reply.id, "agent_id": agent_id, "automated": reply.automated}
        session.execute(update(Message).where(*here).values(conversation_id=conversation.id, **own))
    return touched


def _time_of(sent: Sent, reply: Reply, now: datetime) -> tuple[datetime, str]:
    """(When the platform took a reply, whose clock says so.)

    A time before the reply was written is none (an id that only looks as if it held one).
    """
    if sent.sent_at is None or sent.sent_at < reply.created_at - SKEW:
        return now, "ours"
    return min(sent.sent_at, now), "platform"


def _not_accepted(
    store: Store, account: Account, reply: Reply, error: ConnectorError, now: datetime
) -> None:
    offered = capabilities(account.channel)
    last_try = reply.failures + 1 >= MAX_FAILURES
    if isinstance(error, OutcomeUnknown) and (last_try or not offered.idempotent_send):
        with store.write() as session:
            become_unknown(session, reply, now, error.reason)
        return
    with store.write() as session:
        if isinstance(error, Refused):
            _move(session, reply, "refused", now, reason=error.reason, finished_at=now)
        elif last_try and not isinstance(error, RateLimited):
            _move(session, reply, "given_up", now, reason=error.reason, finished_at=now)
        else:
            _move(
                session,
                reply,
                "not_sent",
                now,
                reason=error.reason,
                failures=reply.failures + (not isinstance(error, RateLimited)),
                not_before=_again_at(error, reply.failures + 1, now),
            )
    if isinstance(error, AuthRevoked | AuthExpired):
        note_failure(store, account, error, now)


def become_unknown(session: Session, reply: Reply, now: datetime, reason: str) -> None:
    """The request left and no answer came: looked up after the platform's read lag."""
    account = session.get_one(Account, reply.account_id)
    offered = capabilities(account.channel)
    look_up_at = now + timedelta(seconds=offered.read_lag_s * 1.5) if offered.can_look_up else None
    _move(session, reply, "lost", now, reason=reason, look_up_at=look_up_at)


def give_up_on_the_dead(store: Store, now: datetime) -> None:
    """Rows that a dead process left in `sending`: unknown, or queued where a repeat is safe."""
    with store.read() as session:
        dead = outbox.abandoned(session, now)
    if not dead:  # asked every second: a look must not wait for the writer
        return
    with store.write() as session:
        for reply in dead:
            account = session.get_one(Account, reply.account_id)
            if capabilities(account.channel).idempotent_send:
                _move(session, reply, "not_sent", now, not_before=None)
            else:
                become_unknown(session, reply, now, "The program stopped while sending.")


def look_up_due(store: Store, settings: Settings, now: Callable[[], datetime]) -> int:
    """Searches the platforms for replies whose outcome is unknown; returns how many were found."""
    with store.read() as session:
        waiting = outbox.to_look_up(session, now())
    return sum(look_up(store, settings, reply_id, now) for reply_id in waiting)


def look_up(store: Store, settings: Settings, reply_id: int, now: Callable[[], datetime]) -> bool:
    """One look-up. Not found is stored as such and asked again later; it is never sent blindly."""
    with store.read() as session:
        reply = session.get_one(Reply, reply_id)
        account = session.get_one(Account, reply.account_id)
        outgoing = outgoing_of(session, reply)
    if reply.state != UNKNOWN:
        return False
    try:
        platform = open_connector(store, account, settings, now)
        with closing(platform):
            sent = platform.look_up(outgoing)
    except ConnectorError as e:
        again = None if isinstance(e, Refused) else _again_at(e, reply.look_ups + 1, now())
        _not_found(store, reply, e.reason, again, now())
        return False
    with store.read() as session:
        if sent is not None and outbox.is_anothers(session, reply, sent.external_id):
            sent = None  # the same words of another reply of ours
    if sent is None:
        tries = reply.look_ups + 1
        wait = timedelta(seconds=backoff_s(tries, capabilities(account.channel).read_lag_s))
        again = now() + wait if tries < LOOK_UPS else None
        _not_found(store, reply, "Not found on the platform.", again, now())
        return False
    with store.write() as session:
        return settle(session, reply, UNKNOWN, "found", sent, now())


def _not_found(
    store: Store, reply: Reply, reason: str, again: datetime | None, now: datetime
) -> None:
    with store.write() as session:
        outbox.move(
            session,
            reply.id,
            UNKNOWN,
            "not_found",
            look_ups=reply.look_ups + 1,
            look_up_at=again,
            reason=reason,
        )
        events.announce(session, "conversation", now, reply.conversation_id)


def _again_at(error: ConnectorError, failures: int, now: datetime) -> datetime:
    if isinstance(error, RateLimited) and error.resets_at is not None:
        return pace.rest_until(error.resets_at, now, 0)
    after = getattr(error, "retry_after_s", None)
    if isinstance(error, AuthExpired) and failures == 1:
        after = 1.0
    return now + timedelta(seconds=after if after is not None else backoff_s(failures))


def _move(session: Session, reply: Reply, event: str, now: datetime, **values: object) -> None:
    done = outbox.move(session, reply.id, SENDING, event, attempt=reply.attempts, **values)
    if done and event in ("refused", "given_up"):
        hooks.replied(session, reply, now, failed=event)
    events.announce(session, "conversation", now, reply.conversation_id)

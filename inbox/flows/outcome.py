"""A person settles a reply that did not simply arrive (law 2)."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from connectors.core.contract import Sent
from inbox.config import Settings
from inbox.domain.outbox import FAILED, QUEUED, REFUSED, SENT, STUCK, UNKNOWN
from inbox.flows import hooks
from inbox.flows.deliver import look_up, settle
from inbox.flows.refold import refold
from inbox.store import audit, events, files, messages, outbox
from inbox.store.session import Store, lock_account
from inbox.store.tables import Reply

RESENT: Final = "resent"
"""The mark of a message that failed after all and was sent anew."""


VERBS: Final = ("look", "arrived", "resend", "skip", "drop")
"""Look now; it arrived; send again; send the rest without it; give it up with all behind it."""


def settle_as(
    store: Store,
    settings: Settings,
    verb: str,
    *,
    outbox_id: int,
    actor: str,
    now: Callable[[], datetime],
) -> bool:
    """One of `VERBS`. False when that is not possible (any more): nothing was changed."""
    if verb == "look":
        return look_now(store, settings, outbox_id=outbox_id, now=now)
    said: dict[str, Any] = {"outbox_id": outbox_id, "actor": actor, "now": now()}
    if verb == "arrived":
        return arrived(store, **said)
    if verb == "resend":
        return resend(store, **said)
    return drop(store, **said, rest=verb == "drop")


def look_now(
    store: Store, settings: Settings, *, outbox_id: int, now: Callable[[], datetime]
) -> bool:
    """Searches the platform at once; whether the reply was found."""
    return look_up(store, settings, outbox_id, now)


def arrived(store: Store, *, outbox_id: int, actor: str, now: datetime) -> bool:
    """A person has seen the reply on the platform. Its time is when we sent it, marked as ours.

    The platform's copy, when it is read later, is recognised by its own id being new and its text
    the same; until then the reply stands under a name of ours.
    """
    with store.write() as session:
        reply = session.get_one(Reply, outbox_id)
        done = settle(session, reply, UNKNOWN, "arrived", Sent(f"said:{reply.key}"), now)
        if done:
            audit.record(session, actor, "reply_arrived", f"outbox:{outbox_id}", now)
    return done


def resend(store: Store, *, outbox_id: int, actor: str, now: datetime) -> bool:
    """A person decides to send again; False when the row was settled meanwhile.

    What the platform took and failed to deliver later goes out as a new message, once.
    """
    with store.write() as session:
        reply = session.get_one(Reply, outbox_id)
        lock_account(session, reply.account_id)
        session.refresh(reply)
        fresh = {"not_before": None, "look_up_at": None, "look_ups": 0, "failures": 0}
        if reply.state == SENT:
            done = _send_anew(session, reply, now)
        else:
            done = reply.state in STUCK and outbox.move(
                session, outbox_id, reply.state, "send_again", reason=None, **fresh
            )
        if done:
            audit.record(session, actor, "reply_again", f"outbox:{outbox_id}", now)
            events.announce(session, "conversation", now, reply.conversation_id)
    return done


def _send_anew(session: Session, reply: Reply, now: datetime) -> bool:
    message = outbox.message_of(session, reply.id)
    if message is None or message.failed_at is None or RESENT in message.marks:
        return False
    kept = (
        "account_id",
        "conversation_id",
        "agent_id",
        "automated",
        "text",
        "visibility",
        "answers",
        "shown",
        "canned_id",
    )
    row = {name: getattr(reply, name) for name in kept}
    key = uuid.uuid4().hex
    row |= {"key": key, "form_key": f"again:{key}", "state": QUEUED, "created_at": now}
    files.hand_on(session, reply.id, outbox.add(session, row))
    messages.mark(session, message.id, RESENT, True)
    return True


def drop(store: Store, *, outbox_id: int, actor: str, now: datetime, rest: bool) -> bool:
    """A person gives up a reply that is stuck, with the `rest` of its answer or without: then the
    parts behind it go out. What of the answer arrived is the answer from then on. False when the
    row was settled meanwhile.
    """
    with store.write() as session:
        reply = session.get_one(Reply, outbox_id)
        lock_account(session, reply.account_id)
        session.refresh(reply)
        if reply.state not in STUCK or not _drop(session, reply, now):
            return False
        for part in outbox.behind(session, reply) if rest else ():
            _drop(session, part, now)
        audit.record(session, actor, "reply_dropped", f"outbox:{outbox_id}", now, rest=rest)
        refold(session, [reply.conversation_id], now)
    return True


def _drop(session: Session, reply: Reply, now: datetime) -> bool:
    is_news = reply.state not in (REFUSED, FAILED)  # of those programs were told
    over: dict[str, Any] = {"finished_at": now, "not_before": None, "look_up_at": None}
    done = outbox.move(session, reply.id, reply.state, "dropped", **over)
    if done and is_news:
        hooks.replied(session, reply, now, failed="dropped")
    return done

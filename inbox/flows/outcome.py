"""A person settles a reply whose outcome the program cannot tell (law 2)."""

from collections.abc import Callable
from datetime import datetime

from connectors.core.contract import Sent
from inbox.config import Settings
from inbox.domain.outbox import FAILED, REFUSED, UNKNOWN
from inbox.flows.deliver import look_up, settle
from inbox.store import audit, events, outbox
from inbox.store.session import Store
from inbox.store.tables import Reply


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
    """A person decides to send again; False when the row was settled meanwhile."""
    with store.write() as session:
        reply = session.get_one(Reply, outbox_id)
        fresh = {"not_before": None, "look_up_at": None, "look_ups": 0, "failures": 0}
        done = reply.state in (UNKNOWN, FAILED, REFUSED) and outbox.move(
            session, outbox_id, reply.state, "send_again", reason=None, **fresh
        )
        if done:
            audit.record(session, actor, "reply_again", f"outbox:{outbox_id}", now)
            events.announce(session, "conversation", now, reply.conversation_id)
    return done

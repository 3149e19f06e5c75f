"""Moderation: hide, like, delete, block, report, where the platform offers it."""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime

from connectors.core.capabilities import Act, Capabilities, Offer, On, word
from connectors.core.errors import AuthExpired, AuthRevoked, ConnectorError, Refused
from connectors.core.messages import Kind
from connectors.core.registry import capabilities
from inbox.config import Settings
from inbox.flows.opening import open_connector
from inbox.flows.recheck import ref
from inbox.flows.refold import refold
from inbox.flows.trouble import note_failure
from inbox.store import accounts, audit, events, messages, thread
from inbox.store.session import Store, lock_account
from inbox.store.sql import AnyRow
from inbox.store.tables import Account

UNSURE = word("{words} Look at the platform before you try again.")
PUBLIC_KINDS = ("mention", "comment")  # a private answer to one stands in another thread
MARKS = {
    Act.HIDE: ("hidden", True),
    Act.UNHIDE: ("hidden", False),
    Act.LIKE: ("liked", True),
    Act.UNLIKE: ("liked", False),
    Act.BLOCK: ("blocked", True),
    Act.UNBLOCK: ("blocked", False),
    Act.MUTE: ("muted", True),
    Act.UNMUTE: ("muted", False),
    Act.REPORT: ("reported", True),
}
"""What an act leaves on the message: a mark, set or taken off."""


class ModerationFailed(ValueError):
    """The platform did not do it; `reason` in plain words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def offers(offered: Capabilities, row: AnyRow) -> Sequence[Offer]:
    """What may be done with a stored message now: an act that is done already offers its undo."""
    moved = row.role == "ours" and row.visibility == "private" and row.kind in PUBLIC_KINDS
    if row.deleted_at is not None or row.role == "third" or moved:
        return ()
    done = {act for act, (mark, on) in MARKS.items() if (mark in row.marks) == on}
    return [
        offer
        for offer in offered.offers
        if _fits(offer, row) and offer.act not in done and not _needless(offer, row)
    ]


def moderate(
    store: Store,
    settings: Settings,
    *,
    message_id: int,
    act: Act,
    note: str,
    actor: str,
    now: Callable[[], datetime],
) -> int:
    """Asks the platform and notes what was done; returns the conversation's id.

    Raises `ModerationFailed`, and LookupError for a message that is not there.
    """
    with store.read() as session:
        row = thread.message(session, message_id)
        if row is None or row.conversation_id is None:
            raise LookupError(message_id)
        account = session.get_one(Account, row.account_id)
    if account.state != accounts.ACTIVE:
        raise ModerationFailed(word("The account is not connected."))
    if act not in [
        offer.act for offer in offers(capabilities(account.channel).of(account.settings), row)
    ]:
        raise ModerationFailed(word("This cannot be done with this message."))
    try:
        with closing(open_connector(store, account, settings, now)) as platform:
            platform.act(act, ref(row), note)
    except ConnectorError as e:
        if isinstance(e, AuthRevoked | AuthExpired):
            note_failure(store, account, e, now())
        told = "{words}" if isinstance(e, Refused) else UNSURE
        raise ModerationFailed(told.format(words=e.reason)) from e
    _note(store, row, act, note, actor, now())
    return int(row.conversation_id)


def _note(store: Store, row: AnyRow, act: Act, note: str, actor: str, now: datetime) -> None:
    with store.write() as session:
        lock_account(session, row.account_id)
        if act is Act.DELETE:
            messages.took_back(session, row.id, now, None)
            messages.forget(session, row.id, now)
            refold(session, [row.conversation_id], now)
        elif act in (Act.BLOCK, Act.UNBLOCK, Act.MUTE, Act.UNMUTE):
            messages.mark_person(session, row, *MARKS[act])
        else:
            messages.mark(session, row.id, *MARKS[act])
        subject = f"message:{row.id}"
        audit.record(session, actor, act.value, subject, now, note=note or None)
        events.announce(session, "conversation", now, row.conversation_id)


def _fits(offer: Offer, row: AnyRow) -> bool:
    right_kind = not offer.kinds or Kind(row.kind) in offer.kinds
    whose = {On.OURS: "ours", On.THEIRS: "customer", On.PERSON: "customer"}[offer.on]
    elsewhere = bool(offer.not_in) and row.thread.startswith(offer.not_in)
    return right_kind and row.role == whose and not elsewhere


def _needless(offer: Offer, row: AnyRow) -> bool:
    """Whether an undo has nothing to take back."""
    mark, on = MARKS.get(offer.act, ("", True))
    return not on and mark not in row.marks

"""When an answer leaves: at once, after a moment to take it back, or at a chosen time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from connectors.core.contract import word
from connectors.core.registry import capabilities
from inbox.domain import sending, windows
from inbox.store import accounts, messages
from inbox.store.tables import Account, Conversation, Message

WORDS: Final = {
    "past": word("Choose a time that is still to come."),
    "far": word("Choose a time within 60 days."),
    "window": word("The platform’s own time for an answer is over by then."),
    "late": word("An answer is due before that: sent then, it would be late."),
}
CODES: Final = {"past": "time", "far": "time", "window": "time", "late": "late"}


@dataclass(frozen=True, slots=True)
class Leaving:
    """`hold_s` seconds in which it can be taken back, or the chosen time `send_at`; `late` says
    that the author knows that this is after the due time."""

    hold_s: int = 0
    send_at: datetime | None = None
    late: bool = False


AT_ONCE: Final = Leaving()


def held(session: Session) -> Leaving:
    """After the moment in which the brand lets an answer be taken back."""
    brand = accounts.brand(session)
    return Leaving(hold_s=brand.undo_s if brand else 0)


def trouble(
    session: Session,
    account: Account,
    conversation: Conversation,
    visibility: str,
    answered: Message,
    leaving: Leaving,
    now: datetime,
) -> tuple[str, str] | None:
    """(`time` or `late`, why) when it cannot leave at the chosen time; None when it can."""
    if leaving.send_at is None:
        return None
    closes_at = window_of(session, account, conversation.id, visibility, answered)
    found = sending.problem(leaving.send_at, now, conversation.due_at, closes_at)
    if found is None or (found == "late" and leaving.late):
        return None
    return CODES[found], WORDS[found]


def window_of(
    session: Session, account: Account, conversation_id: int, visibility: str, answered: Message
) -> datetime | None:
    """When the platform's own time for this answer ends; None where it has none."""
    offered = capabilities(account.channel)
    if answered.visibility != visibility:
        move = offered.move_private
        return windows.move_closes_at(move, answered.sent_at) if move else None
    wrote_at = messages.last_written(session, conversation_id) or answered.sent_at
    found = windows.limit(offered, account.settings, visibility, wrote_at)
    return found.closes_at if found else None


def columns(leaving: Leaving, now: datetime) -> dict[str, Any]:
    """What the outbox row keeps of it."""
    if leaving.send_at is not None:
        return {"send_at": leaving.send_at, "not_before": leaving.send_at}
    return {"not_before": sending.held_until(now, leaving.hold_s)}

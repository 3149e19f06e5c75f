"""How a conversation stands, as its page shows it."""

from inbox.domain.conversation import EVENT_OF, LEADS_TO, OFFERED, OPEN, SNOOZED
from inbox.domain.snooze import choices
from inbox.flows.calculations import Calculation
from inbox.store.thread import Thread
from inbox.web.pages import Frame
from inbox.web.pages_states import Aside, Snooze, Standing


def standing(frame: Frame, thread: Thread) -> Standing | None:
    """The newest step, while it is the last word; None where it explains nothing."""
    step, row = thread.step, thread.row
    if step is None or LEADS_TO.get(EVENT_OF.get(step.kind, "settled")) != row.status:
        return None
    if row.status == OPEN and row.due_at is not None:
        return None  # the clock says it all
    if step.kind == "excuse" and any(one.sent_at > step.at for one in thread.messages):
        return None
    snoozed = row.status == SNOOZED
    return Standing(
        kind=step.kind,
        by=step.name or "",
        at=step.at,
        reason=step.reason or "",
        until=step.until if snoozed else None,
        back_at=row.back_at if snoozed else None,
        due_at=row.due_at if snoozed else None,
        step=step.id if step.agent_id is not None and frame.me.writes else None,
    )


def aside(frame: Frame, thread: Thread, how: Calculation | None) -> Aside | None:
    """What the dialog offers; None for who may not write. `how` the open turn is counted."""
    if not frame.me.writes:
        return None
    kinds = tuple(kind for kind in OFFERED[thread.row.status] if kind != "resolve")
    due_at = thread.row.due_at
    warned = min((at for at in how.warned_at if at > frame.now), default=None) if how else None
    snoozes = [
        Snooze(key, at, warned if due_at is not None and due_at <= at else None)
        for key, at in choices(frame.now, frame.zone).items()
        if due_at is None or due_at > at or warned is not None
    ]
    return Aside(
        kinds=kinds,
        snoozes=tuple(snoozes),
        never=due_at is not None and due_at <= frame.now,
        shown=thread.row.last_message_id or 0,
        due_at=due_at,
    )

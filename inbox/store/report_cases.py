"""What a report counts beside turns and messages, found by its period: whole matters, and the
clocks that platforms and regulators set."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, String, cast, literal, or_, select, union, union_all
from sqlalchemy.orm import Session

from inbox.domain.case_clocks import COMPLAINT
from inbox.domain.states import Move
from inbox.domain.turns import Turn
from inbox.store import reports
from inbox.store.reports import Span
from inbox.store.sql import AnyRow, chunks, in_many, lasted
from inbox.store.tables import (
    Account,
    CaseClockRow,
    Complaint,
    Conversation,
    Message,
    Step,
    Tagging,
    TurnRow,
)

Story = tuple[list[Turn], list[Move]]
RESOLVE = "resolve"
PRIVATE = "private"


def stories(
    session: Session,
    span: Span,
    only: Collection[int] | None = None,
    known: datetime | None = None,
) -> Iterator[dict[int, Story]]:
    """The turns and steps of each conversation of which an episode may have been resolved in the
    span: by a step then, or by the end of a wait that was open when somebody resolved it. Some at
    a time; of `only` these conversations, all of them. As it stood at `known`."""
    if only is not None:
        for some in chunks(sorted(set(only)), reports.AT_ONCE):
            yield _stories(session, some, known)
    elif span.start < span.end:
        either = union(*_may_be_resolved(span, known)).subquery().c.conversation_id
        for rows in reports.parts(session, select(either).order_by(either)):
            yield _stories(session, [id_ for (id_,) in rows], known)


def _stories(session: Session, ids: Sequence[int], known: datetime | None) -> dict[int, Story]:
    found: dict[int, Story] = {id_: ([], []) for id_ in ids}
    t, s = TurnRow, Step
    turns = select(
        *(t.conversation_id, t.seq, t.episode, t.is_first, t.opened_by, t.opened_at),
        *(t.end, t.ended_by, t.ended_at, t.outside),
    ).where(in_many(session, t.conversation_id, ids), reports.stood(t, known))
    for turn in session.execute(turns.order_by(t.conversation_id, t.seq)):
        found[turn.conversation_id][0].append(_turn(turn))
    steps = select(s.conversation_id, s.id, s.at, s.kind, s.seen).where(
        in_many(session, s.conversation_id, ids),
        reports.holds(s.undone_at, known),
        s.kind != "excuse",
    )
    for step in session.execute(steps.order_by(s.id)):
        move = Move(step.id, step.at, step.kind, None, "", step.seen)
        found[step.conversation_id][1].append(move)
    return found


def _turn(row: AnyRow) -> Turn:
    return Turn(
        seq=row.seq,
        episode=row.episode,
        is_first=row.is_first,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        end=row.end,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
        agent=None,
        answered_outside=row.outside,
        messages=(row.opened_by,),
    )


def _may_be_resolved(span: Span, known: datetime | None) -> tuple[Select[int], Select[int]]:
    resolves = (Step.kind == RESOLVE, reports.holds(Step.undone_at, known))
    stepped = select(Step.conversation_id).where(*resolves, reports.within(Step.at, span))
    meanwhile = select(Step.id).where(
        Step.kind + "" == RESOLVE,  # SQLite would read all steps of the wait's time, by their kind
        reports.holds(Step.undone_at, known),
        Step.conversation_id == TurnRow.conversation_id,
        Step.at >= TurnRow.opened_at,
        Step.at < TurnRow.ended_at,
    )
    ended = select(TurnRow.conversation_id).where(
        reports.stood(TurnRow, known),
        reports.within(TurnRow.ended_at, span),
        meanwhile.exists(),
    )
    return stepped, ended


def long_waits(
    session: Session,
    span: Span,
    lasts: Mapping[int, timedelta],
    only: Collection[int] | None = None,
    known: datetime | None = None,
) -> Iterator[Sequence[AnyRow]]:
    """Private turns on these accounts that reach into the span, were open for as long as the
    shortest time at least, or are still, some at a time: id, conversation_id, account_id,
    opened_by, opened_at, ended_at. Of `only` these conversations, all of them. As they stood at
    `known`."""
    if not lasts:
        return
    t = TurnRow
    found = (
        select(t.id, t.conversation_id, Conversation.account_id)
        .add_columns(t.opened_by, t.opened_at, t.ended_at)
        .join(Conversation, Conversation.id == t.conversation_id)
        .where(Conversation.visibility == PRIVATE, Conversation.account_id.in_(lasts))
        .order_by(t.id)
    )
    if only is not None:
        here = in_many(session, t.conversation_id, only), reports.stood(t)
        counts = or_(t.ended_at.is_not(None), t.id.in_(reports.open_now(session, only)))
        yield from reports.parts(session, found.where(*here, counts))
        return
    ended = select(t.id).where(
        reports.stood(t, known),
        t.ended_at >= span.start,
        t.opened_at < span.end,
        lasted(session, t.opened_at, t.ended_at, min(lasts.values())),
    )
    then = select(t.id).where(reports.stood(t, known), t.end.is_(None))
    either = union_all(ended, reports.open_now() if known is None else then).subquery()
    yield from reports.parts(session, found.where(t.id.in_(select(either.c.id))))


def said(
    session: Session, conversation_ids: set[int], as_of: datetime, known: datetime | None = None
) -> dict[int, list[datetime]]:
    """When the customers of these conversations wrote, up to as-of, in order; of what was stored
    at `known`."""
    m = Message
    rows = select(m.conversation_id, m.sent_at).where(
        in_many(session, m.conversation_id, conversation_ids), m.role == "customer"
    )
    if known is not None:
        rows = rows.where(m.stored_at <= known)
    found: dict[int, list[datetime]] = {}
    for id_, at in session.execute(rows.where(m.sent_at <= as_of).order_by(m.sent_at, m.id)):
        found.setdefault(id_ or 0, []).append(at)
    return found


def accounts(session: Session) -> Sequence[AnyRow]:
    """Every account: id, channel, handle, settings."""
    return session.execute(
        select(Account.id, Account.channel, Account.handle, Account.settings).order_by(Account.id)
    ).all()


def deadlines(session: Session, span: Span, known: datetime | None = None) -> Sequence[AnyRow]:
    """The clocks of complaints that stand, without those that ended before the span: id,
    conversation_id, target, opened_by, template, marked_at, opened_at, due_at, end, ended_at; and
    of the complaint itself channel, account, language, category, urgency. As they stood at
    `known`."""
    c = CaseClockRow
    belongs = literal(f"{COMPLAINT}:") + cast(Complaint.id, String) + literal(":%")
    found = (
        select(
            *(c.id, c.conversation_id, c.target, c.opened_by, Complaint.template),
            *(Complaint.marked_at, c.opened_at, c.due_at, c.end, c.ended_at),
            *(Account.channel, Account.handle.label("account"), Message.lang.label("language")),
            *(Tagging.category, Tagging.urgency),
        )
        .select_from(Complaint)
        .join(Message, Message.id == Complaint.message_id)
        .join(Account, Account.id == Message.account_id)
        .outerjoin(Tagging, reports.tag_of_message(span.as_of, known))
        .join(c, (c.conversation_id == Message.conversation_id) & c.target.like(belongs))
        .where(reports.holds(Complaint.undone_at, known), reports.stood(c, known))
        .where(or_(c.ended_at.is_(None), c.ended_at >= min(span.start, span.as_of)))
        .order_by(c.due_at, c.id)
    )
    return session.execute(found).all()

"""What a person does with a conversation besides answering: take, excuse, resolve, read."""

from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from inbox.domain.teams import Team
from inbox.flows import hooks, states
from inbox.flows.refold import refold
from inbox.flows.states import ReasonNeeded
from inbox.store import audit, events, notes, notices, people, roster, scope, teams
from inbox.store.session import Store, lock_promises
from inbox.store.steps import add_step
from inbox.store.tables import Conversation, Message


class NotTheirs(ValueError):
    """There is no such team, or nobody of it may answer the conversation."""


def assign(
    store: Store,
    *,
    conversation_id: int,
    agent_id: int | None,
    expected: int | None,
    actor: str,
    now: datetime,
) -> bool:
    """Gives the conversation to an agent (None: to nobody), if it is still with `expected`."""
    with store.write() as session:
        return hand_over(session, conversation_id, agent_id, expected, actor, now)


def hand_over(
    session: Session,
    conversation_id: int,
    agent_id: int | None,
    expected: int | None,
    actor: str,
    now: datetime,
    **why: Any,
) -> bool:
    """The same within a transaction; `why` goes to the log. Nobody gets what they do not see:
    borders move before or after it."""
    lock_promises(session, change=False)
    if agent_id is not None and not scope.among(session, conversation_id, [agent_id]):
        return False
    moved = session.execute(
        update(Conversation)
        .where(
            Conversation.id == conversation_id,
            Conversation.assignee_id.is_not_distinct_from(expected),
        )
        .values(assignee_id=agent_id, assigned_at=now)
    )
    done = isinstance(moved, CursorResult) and moved.rowcount == 1
    if done:
        subject = f"conversation:{conversation_id}"
        audit.record(session, actor, "assign", subject, now, agent=agent_id, **why)
        if agent_id is not None:
            _follow(session, conversation_id, agent_id, actor, now)
        events.announce(session, "conversation", now, conversation_id)
        hooks.assigned(session, conversation_id, now)
    return done


def leave(
    store: Store,
    *,
    conversation_id: int,
    team: int | str,
    expected: int | None,
    actor: str,
    now: datetime,
) -> bool:
    """Leaves the conversation to a team (its number or name), if it is still with `expected`.

    Raises `NotTheirs`.
    """
    with store.write() as session:
        lock_promises(session, change=False)  # teams end and move behind it: none does meanwhile
        found = teams.named(session, team) if isinstance(team, str) else teams.one(session, team)
        if found is None or not may_serve(session, found, conversation_id):
            raise NotTheirs
        return leave_to_team(session, conversation_id, found, expected, actor, now)


def leave_to_team(
    session: Session,
    conversation_id: int,
    team: Team,
    expected: int | None,
    actor: str,
    now: datetime,
    **why: Any,
) -> bool:
    """The same within a transaction in which the team `may_serve` it and no team is changed: nobody
    has it, and the rule of assignment gives it to one of them."""
    moved = session.execute(
        update(Conversation)
        .where(
            Conversation.id == conversation_id,
            Conversation.assignee_id.is_not_distinct_from(expected),
        )
        .values(assignee_id=None, assigned_at=now, team_id=team.id)
    )
    done = isinstance(moved, CursorResult) and moved.rowcount == 1
    if done:
        subject = f"conversation:{conversation_id}"
        audit.record(session, actor, "assign_team", subject, now, team=team.name, **why)
        if expected is not None:
            hooks.assigned(session, conversation_id, now)
        events.announce(session, "conversation", now, conversation_id)
    return done


def may_serve(session: Session, team: Team, conversation_id: int) -> bool:
    """Whether anybody of a team may answer a conversation."""
    staff = {one.id for one in roster.staff(session)}
    return bool(scope.among(session, conversation_id, team.members & staff))


def excuse(
    store: Store,
    *,
    conversation_id: int,
    agent_id: int,
    actor: str,
    reason: str,
    seen: int,
    now: datetime,
) -> None:
    """No reply needed. Raises `ReasonNeeded` without words."""
    words = states.reason_of(reason)
    if not words:
        raise ReasonNeeded("Say why no reply is needed.")
    with store.write() as session:
        add_step(session, "excuse", conversation_id, agent_id, words, seen, now)
        audit.record(session, actor, "excuse", f"conversation:{conversation_id}", now, reason=words)
        refold(session, [conversation_id], now)


def resolve(
    store: Store,
    *,
    conversation_id: int,
    agent_id: int,
    actor: str,
    reason: str | None,
    seen: int,
    now: datetime,
) -> None:
    """Ends the episode. With a customer waiting it needs a reason, which excuses the wait."""
    states.move(
        store,
        conversation_id=conversation_id,
        kind="resolve",
        agent_id=agent_id,
        actor=actor,
        reason=reason,
        seen=seen,
        now=now,
    )


def read(store: Store, *, conversation_id: int, up_to: int, now: datetime) -> None:
    """Someone has read up to this message; never moves back."""
    with store.write() as session:
        moved = session.execute(
            update(Conversation)
            .where(Conversation.id == conversation_id, Conversation.read_up_to < up_to)
            .values(
                read_up_to=up_to,
                unread=select(func.count())
                .select_from(Message)
                .where(
                    Message.conversation_id == conversation_id,
                    Message.role == "customer",
                    Message.id > up_to,
                )
                .scalar_subquery(),
            )
        )
        if isinstance(moved, CursorResult) and moved.rowcount:
            events.announce(session, "conversation", now, conversation_id)


def _follow(
    session: Session, conversation_id: int, agent_id: int, actor: str, now: datetime
) -> None:
    """Who takes it, or is given it by a colleague, follows it, and is told when it was given. What
    rules and routing hand out stands in the list of whose it is; nobody is told of each."""
    giver = people.by_email(session, actor)
    if giver is None:
        return
    notes.follow(session, conversation_id, [agent_id], "assigned", now)
    if giver.id != agent_id:
        notices.tell(session, [agent_id], "assigned", conversation_id, giver.name, "", now)
        events.announce(session, "notice", now)

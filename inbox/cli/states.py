"""Putting conversations aside and bringing them back on the command line."""

from enum import StrEnum
from typing import Annotated

import typer

from inbox.cli.common import ConversationId, Stop, agent_id, opened, out, when
from inbox.config import utc_now
from inbox.domain.snooze import choices, chosen
from inbox.flows import states
from inbox.flows.states import CannotMove, ReasonNeeded
from inbox.store import accounts, conversations, steps
from inbox.store.session import Store

Agent = Annotated[str, typer.Option(help="Who does it: an agent's e-mail address.")]


class To(StrEnum):
    """Where a conversation can be put."""

    CUSTOMER = "customer"
    THIRD = "third"
    SNOOZE = "snooze"
    RESOLVE = "resolve"
    SPAM = "spam"
    REOPEN = "reopen"


def move(
    conversation: ConversationId,
    to: Annotated[To, typer.Argument(help="Where it goes.")],
    agent: Agent,
    reason: Annotated[str, typer.Option(help="Why, or on whom it waits.")] = "",
    until: Annotated[
        str, typer.Option(help="For snooze: later, tomorrow, monday, or a time.")
    ] = "",
) -> None:
    """Wait on the customer or on others, snooze, resolve, mark as spam, or bring back."""
    with opened() as (_, store):
        who = _agent(store, conversation, agent)
        now = utc_now()
        with store.read() as session:
            row = conversations.one(session, conversation)
            zone = accounts.brand_zone(session)
        named = {str(name): at for name, at in choices(now, zone).items()}
        try:
            states.move(
                store,
                conversation_id=conversation,
                kind=to.value,
                agent_id=who,
                actor=agent,
                seen=(row.last_message_id or 0) if row else 0,
                now=now,
                reason=reason,
                until=(named.get(until) or chosen(until, zone)) if to is To.SNOOZE else None,
            )
        except (CannotMove, ReasonNeeded) as e:
            raise Stop(str(e)) from e
        _tell(store, conversation)


def undo(conversation: ConversationId, agent: Agent) -> None:
    """Take back the newest step: what was resolved, snoozed, excused …"""
    with opened() as (_, store):
        _agent(store, conversation, agent)
        with store.read() as session:
            step = steps.newest(session, conversation)
        if step is None:
            raise Stop("Nothing was done here that could be taken back.")
        try:
            states.undo(
                store, conversation_id=conversation, step_id=step.id, actor=agent, now=utc_now()
            )
        except CannotMove as e:
            raise Stop(str(e)) from e
        _tell(store, conversation)


def _agent(store: Store, conversation: int, agent: str) -> int:
    with store.read() as session:
        if conversations.one(session, conversation) is None:
            raise Stop(f"There is no conversation {conversation}.")
        return agent_id(session, agent)


def _tell(store: Store, conversation: int) -> None:
    with store.read() as session:
        row = conversations.one(session, conversation)
    assert row is not None
    back = f", back {when(row.back_at)}" if row.back_at else ""
    out.print(f"Conversation {conversation}: {row.status}{back}.", highlight=False)

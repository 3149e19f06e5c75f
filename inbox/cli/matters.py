"""Conversations that are one matter, on the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from inbox.cli.common import ConversationId, Stop, opened, out
from inbox.config import utc_now
from inbox.domain.ids import BIGGEST_ID
from inbox.flows import cases as flow
from inbox.store import cases, conversations
from inbox.store.session import Store

Other = Annotated[int, typer.Argument(help="The other one's number.", min=1, max=BIGGEST_ID)]


def join(conversation: ConversationId, other: Other) -> None:
    """Make two conversations one matter; each keeps its own clock."""
    with _changing(conversation) as store:
        flow.join(store, conversation_id=conversation, other_id=other, actor="cli", now=utc_now())


def leave(conversation: ConversationId) -> None:
    """Take a conversation out of its matter."""
    with _changing(conversation) as store:
        flow.leave(store, conversation_id=conversation, actor="cli", now=utc_now())


def undo_join(conversation: ConversationId) -> None:
    """Take the newest joining or leaving back."""
    with _changing(conversation) as store:
        flow.undo(store, conversation_id=conversation, actor="cli", now=utc_now())


@contextmanager
def _changing(conversation: int) -> Iterator[Store]:
    """Then says which conversations are one matter with it."""
    with opened() as (_, store):
        with store.read() as session:
            if conversations.one(session, conversation) is None:
                raise Stop(f"There is no conversation {conversation}.")
        try:
            yield store
        except flow.CannotJoin as e:
            raise Stop(str(e)) from e
        with store.read() as session:
            others = ", ".join(str(row.id) for row in cases.others(session, conversation))
        told = f"is one matter with {others}" if others else "stands alone"
        out.print(f"Conversation {conversation} {told}.", highlight=False)

"""Critical waits: the team has a target of its own for them, hours before the public promise."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inbox.domain.conversation import OPEN
from inbox.store import inbox_list, scope
from inbox.store.due import in_a_queue
from inbox.store.kept import keeping
from inbox.store.sql import AnyRow, ask
from inbox.store.tables import Conversation

MOST: Final = 20
"""So many stand on top of the list; what is due by their target later stands in its place."""


@keeping(64)
def critical(session: Session) -> Sequence[AnyRow]:
    """Rows (see `inbox_list.some`) of the critical waits, by the team's target."""
    ids = list(ask(session, _critical(scope.hidden(session)), {}).scalars())
    found = {row.id: row for row in inbox_list.some(session, ids)}
    return [found[id_] for id_ in ids if id_ in found]


@lru_cache(maxsize=64)
def _critical(hidden: frozenset[int]) -> Select[Any]:
    """A short walk of `ix_conversations_critical`."""
    own = Conversation.internal_due_at
    found = select(Conversation.id).where(
        Conversation.status == OPEN,
        Conversation.urgency == "critical",
        own.is_not(None),
        in_a_queue(),
        *scope.without(hidden),
    )
    return found.order_by(own, Conversation.id).limit(MOST)

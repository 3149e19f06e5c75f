"""A person corrects the classifier's tag of the turn in hand."""

from datetime import datetime

from sqlalchemy import select

from classifier.labels import TOPICS, Category, Urgency
from inbox.flows.refold import refold
from inbox.store import audit
from inbox.store.session import Store
from inbox.store.tables import Conversation, Tagging, TurnRow
from inbox.store.turns import add_taggings


def correct(
    store: Store,
    *,
    conversation_id: int,
    agent_id: int,
    actor: str,
    category: str | None,
    urgency: str | None,
    now: datetime,
    topic: str | None = None,
) -> None:
    """Tags the open turn, or the last one. None keeps what was said before; another category ends
    the topic that was said within the one before.

    The tag that the agent saw is stored beside the new one: the classifier learns from the pair,
    and a rule never calls this. Raises ValueError for a label that does not exist, and for a topic
    that is not one of the category's (`classifier.labels.TOPICS`).
    """
    category = Category(category).value if category else None
    urgency = Urgency(urgency).value if urgency else None
    with store.write() as session:
        row = session.get_one(Conversation, conversation_id)
        opener = row.opened_by or session.scalar(
            select(TurnRow.opened_by)
            .where(TurnRow.conversation_id == conversation_id, TurnRow.superseded_at.is_(None))
            .order_by(TurnRow.seq.desc())
            .limit(1)
        )
        if opener is None:
            return
        newest = session.scalars(
            select(Tagging)
            .where(Tagging.conversation_id == conversation_id, Tagging.opener_id == opener)
            .order_by(Tagging.id.desc())
            .limit(1)
        ).first()
        before = {
            "category": newest.category if newest else row.category,
            "urgency": newest.urgency if newest else row.urgency,
            "topic": row.topic,
        }
        after = {
            "category": category or before["category"],
            "urgency": urgency or before["urgency"],
            "topic": topic,
        }
        if topic is None and newest and after["category"] == before["category"]:
            after["topic"] = newest.topic
        if topic is not None and (
            after["category"] is None or topic not in TOPICS[Category(after["category"])]
        ):
            raise ValueError(f"{topic!r} is no topic of {after['category']}")
        tag = {"conversation_id": conversation_id, "opener_id": opener, "agent_id": agent_id}
        seen = {f"before_{name}": label for name, label in before.items()}
        add_taggings(session, [tag | after | seen | {"at": now}])
        subject = f"conversation:{conversation_id}"
        audit.record(session, actor, "tag", subject, now, before=before, after=after)
        refold(session, [conversation_id], now)

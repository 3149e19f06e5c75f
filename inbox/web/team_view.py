"""What one reader sees of the team over a conversation."""

from datetime import datetime

from sqlalchemy.orm import Session

from inbox.domain.mentions import handles, short
from inbox.store import notes
from inbox.web.pages_team import Named, Team


def team(session: Session, conversation_id: int, me: int, now: datetime) -> Team:
    """Who can be named, and who follows."""
    people = notes.team(session, conversation_id)
    known = handles((one.id, one.email) for one in people)
    following = notes.followers(session, [conversation_id])
    return Team(
        people=tuple(Named(one.name, short(one.email, known)) for one in people if one.id != me),
        following=any(one.user_id == me for one in following),
        followers=tuple(one.name for one in following if one.user_id != me),
    )

"""What a page or a program says of its person at a conversation."""

from inbox.domain.presence import OFFLINE, choice
from inbox.flows.people import Signed
from inbox.store import presence
from inbox.store.tables import Conversation
from inbox.web.desk import Desk


def said(desk: Desk, person: Signed, id: int, page: str, *, typing: bool, gone: bool) -> None:
    """Raises `NoResultFound`. Who chose to be offline is not seen looking; who types there is, lest
    two answer at once."""
    with desk.store.read() as session:
        session.get_one(Conversation, id)
        chosen = choice(presence.signs(session, [person.id], desk.now())[person.id])
    if gone or (chosen == OFFLINE and not typing):
        desk.watching.leave(person.id, page)
    else:
        desk.watching.say(person.id, person.name, page, id, typing=typing)
    desk.live.start()

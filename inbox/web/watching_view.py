"""What a page or a program says of its person at a conversation."""

from inbox.domain.presence import OFFLINE, choice
from inbox.domain.watching import Watcher
from inbox.flows.people import Signed
from inbox.store import presence, scope
from inbox.store.tables import Conversation
from inbox.web.desk import Desk


def there(desk: Desk) -> list[Watcher]:
    """Everybody who is at a conversation that the reader sees."""
    found = desk.watching.there()
    with desk.store.read() as session:
        seen = scope.known(session, {one.conversation for one in found})
    return [one for one in found if one.conversation in seen]


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

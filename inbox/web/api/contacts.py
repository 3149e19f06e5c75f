"""People outside the team: who they are on all channels, and what the team knows of them."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Response

from inbox.domain.contacts import BadNote, BadTag, NotOne
from inbox.domain.search import BadSearch
from inbox.flows import contacts as flow
from inbox.flows import telling
from inbox.store import conversations as stored
from inbox.store import persons
from inbox.store.persons import Mark
from inbox.web.api.call import Once, TheCall, TheOnce
from inbox.web.api.conversations import Cursor, Limit, bad_cursor, told
from inbox.web.api.models import Conversation, Taken
from inbox.web.api.models_contacts import (
    Contact,
    Contacts,
    ContactWhole,
    Join,
    Marks,
    MayBe,
    NewNote,
    Note,
    Separate,
    Tags,
)
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk
from inbox.web.permissions import LEADS

router = APIRouter(prefix="/api/v1/contacts", tags=["Contacts"])


@router.get("")
def contacts(
    desk: TheDesk,
    _: TheCall,
    q: Annotated[str, Query(max_length=200, description="Words of names, ids, notes.")] = "",
    only: Mark | None = None,
    tag: Annotated[str, Query(max_length=100)] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Contacts:
    """A page of people, the newest first; with `q` those whose names or notes have the words."""
    with desk.store.read() as session:
        try:
            page = flow.listed(session, words=q, mark=only, tag=tag, limit=limit, cursor=cursor)
        except stored.BadCursor as e:
            raise bad_cursor(e) from None
        except (BadSearch, BadTag) as e:
            raise Problem(422, "search", "Not a search", str(e)) from None
    rows = [Contact(**telling.person(one)) for one in page.people]
    return Contacts(contacts=rows, next_cursor=page.next_cursor)


@router.get("/{id}")
def contact(desk: TheDesk, _: TheCall, id: Number) -> ContactWhole:
    """One person with notes, conversations, and who may be the same; any identity's number does."""
    return _whole(desk, id)


@router.post("/{id}/join", response_model=ContactWhole)
def join(once: TheOnce, desk: TheDesk, id: Number, body: Join) -> Response:
    """Makes two people one; nothing is lost by it."""

    def work() -> None:
        flow.join(desk.store, into=id, other=body.other, actor=once.person.email, now=desk.now())

    return _done(once, desk, id, body, work)


@router.post("/{id}/separate", response_model=ContactWhole)
def separate(once: TheOnce, desk: TheDesk, id: Number, body: Separate) -> Response:
    """Undoes what joined an identity."""

    def work() -> None:
        flow.separate(
            desk.store, identity=body.identity, of=id, actor=once.person.email, now=desk.now()
        )

    return _done(once, desk, id, body, work)


@router.post("/{id}/marks", response_model=ContactWhole)
def marks(once: TheOnce, desk: TheDesk, id: Number, body: Marks) -> Response:
    """VIP, muted, blocked."""
    if body.blocked is not None and once.person.role not in LEADS:
        raise Problem(422, "role", "Not yours", "Leads and admins block; leave `blocked` out.")

    def work() -> None:
        for mark in persons.MARKS:
            on: bool | None = getattr(body, mark)
            if on is not None:
                actor = once.person.email
                flow.set_mark(
                    desk.store, contact_id=id, mark=mark, on=on, actor=actor, now=desk.now()
                )

    return _done(once, desk, id, body, work)


@router.post("/{id}/tags", response_model=ContactWhole)
def tags(once: TheOnce, desk: TheDesk, id: Number, body: Tags) -> Response:
    """Adds and removes tags; open turns are judged anew where a policy asks for them."""

    def work() -> None:
        flow.change_tags(
            desk.store,
            contact_id=id,
            add=body.add,
            remove=body.remove,
            actor=once.person.email,
            now=desk.now(),
        )

    return _done(once, desk, id, body, work)


@router.post("/{id}/notes", response_model=ContactWhole)
def note(once: TheOnce, desk: TheDesk, id: Number, body: NewNote) -> Response:
    """Writes a note that only the team sees."""

    def work() -> None:
        flow.add_note(
            desk.store,
            contact_id=id,
            author_id=once.person.id,
            actor=once.person.email,
            text=body.text,
            now=desk.now(),
        )

    return _done(once, desk, id, body, work)


def _done(once: Once, desk: Desk, id: int, body: Taken, work: Callable[[], None]) -> Response:
    """The person as they are after a step."""

    def done() -> ContactWhole:
        try:
            work()
        except flow.NoSuchContact:
            raise not_found("contact") from None
        except NotOne as e:
            raise Problem(409, "not_one", "Not possible", str(e)) from None
        except (BadTag, BadNote) as e:
            raise Problem(422, "words", "Not valid", str(e)) from None
        return _whole(desk, id)

    return once.answer(body, done)


def _whole(desk: Desk, id: int) -> ContactWhole:
    with desk.store.read() as session:
        try:
            person = flow.one(session, id)
        except flow.NoSuchContact:
            raise not_found("contact") from None
        ids = [one.id for one in person.identities]
        said = [row.id for row in persons.conversations(session, ids, persons.CONVERSATIONS)]
        rows = stored.some(session, said)
        return ContactWhole(
            **telling.person(person),
            notes=[Note(**telling.note(one)) for one in persons.notes(session, ids)],
            conversations=[Conversation(**told(rows[one])) for one in said],
            may_be=[
                MayBe(id=one.person.id, why=list(one.why))
                for one in flow.suggestions(session, person)
            ],
        )

"""People outside the team: who they are on all channels, and what the team knows of them."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from connectors.core.contract import word
from inbox.domain.contacts import BadNote, BadTag, NotOne
from inbox.domain.ids import BIGGEST_ID
from inbox.flows import contacts as flow
from inbox.store import persons
from inbox.web.auth import Agent
from inbox.web.contacts_view import contact_page, contacts_page
from inbox.web.desk import Desk, Number, TheDesk, frame, html

router = APIRouter()

Text = Annotated[str, Form()]
Other = Annotated[int, Form(ge=0, le=BIGGEST_ID)]
DONE = frozenset({"joined", "separated"})


@router.get("/contacts")
def contacts(
    request: Request, desk: TheDesk, q: str = "", only: str = "", tag: str = "", after: str = ""
) -> Response:
    """Everybody who wrote, the newest first, or who fits the search."""
    return html(contacts_page(desk.store, frame(request, "contacts"), q.strip(), only, tag, after))


@router.get("/contacts/{id}")
def contact(request: Request, desk: TheDesk, id: Number, done: str = "") -> Response:
    """One person; the number of any identity leads to the whole."""
    with desk.store.read() as session:
        head = persons.head_of(session, id)
    if head is None:
        raise HTTPException(404)
    if head != id:
        return RedirectResponse(f"/contacts/{head}", 303)
    return _page(request, desk, id, done if done in DONE else "")


@router.post("/contacts/{id}/join")
def join(request: Request, desk: TheDesk, agent: Agent, id: Number, other: Other = 0) -> Response:
    """The other person's identities join this one's."""
    try:
        flow.join(desk.store, into=id, other=other, actor=agent.email, now=desk.now())
    except flow.NoSuchContact:
        return _page(request, desk, id, wrong="nobody")
    except NotOne as e:
        return _page(request, desk, id, wrong=str(e))
    return RedirectResponse(f"/contacts/{id}?done=joined", 303)


@router.post("/contacts/{id}/separate")
def separate(
    request: Request, desk: TheDesk, agent: Agent, id: Number, identity: Other = 0
) -> Response:
    """Takes an identity, and those that came with it, out again."""
    try:
        flow.separate(desk.store, identity=identity, of=id, actor=agent.email, now=desk.now())
    except flow.NoSuchContact:
        return _page(request, desk, id, wrong="nobody")
    except NotOne as e:
        return _page(request, desk, id, wrong=str(e))
    return RedirectResponse(f"/contacts/{id}?done=separated", 303)


@router.post("/contacts/{id}/vip")
def vip(desk: TheDesk, agent: Agent, id: Number, on: Text = "") -> Response:
    """Marks the person as important, or no longer."""
    return _mark(desk, agent.email, id, "vip", on)


@router.post("/contacts/{id}/mute")
def mute(desk: TheDesk, agent: Agent, id: Number, on: Text = "") -> Response:
    """Nobody is told of what the person writes, or again."""
    return _mark(desk, agent.email, id, "muted", on)


@router.post("/contacts/{id}/block")
def block(desk: TheDesk, agent: Agent, id: Number, on: Text = "") -> Response:
    """The person's conversations stand in no queue, or again."""
    return _mark(desk, agent.email, id, "blocked", on)


@router.post("/contacts/{id}/tags")
def tags(
    request: Request, desk: TheDesk, agent: Agent, id: Number, add: Text = "", remove: Text = ""
) -> Response:
    """Adds tags (several with commas), or removes one."""
    try:
        flow.change_tags(
            desk.store,
            contact_id=id,
            add=[one for one in add.split(",") if one.strip()],
            remove=[remove] if remove else [],
            actor=agent.email,
            now=desk.now(),
        )
    except flow.NoSuchContact:
        raise HTTPException(404) from None
    except BadTag as e:
        return _page(request, desk, id, wrong=str(e))
    return RedirectResponse(f"/contacts/{id}", 303)


@router.post("/contacts/{id}/notes")
def note(request: Request, desk: TheDesk, agent: Agent, id: Number, text: Text = "") -> Response:
    """Writes a note that only the team sees."""
    try:
        flow.add_note(
            desk.store,
            contact_id=id,
            author_id=agent.id,
            actor=agent.email,
            text=text,
            now=desk.now(),
        )
    except flow.NoSuchContact:
        raise HTTPException(404) from None
    except BadNote as e:
        return _page(request, desk, id, wrong=str(e))
    return RedirectResponse(f"/contacts/{id}#notes", 303)


@router.post("/contact-notes/{id}")
def edit_note(
    request: Request, desk: TheDesk, agent: Agent, id: Number, text: Text = ""
) -> Response:
    """Changes one's own note; without words it is removed."""
    about: dict[str, Any] = {"note_id": id, "author_id": agent.id, "now": desk.now()}
    try:
        if text.strip():
            contact_id = flow.edit_note(desk.store, text=text, actor=agent.email, **about)
        else:
            contact_id = flow.remove_note(desk.store, actor=agent.email, **about)
    except flow.NoSuchContact:
        raise HTTPException(404) from None
    except flow.NotYours as e:
        return _page(request, desk, int(e.args[0]), wrong=word("This note is somebody else’s."))
    except BadNote as e:
        raise HTTPException(422, str(e)) from None
    return RedirectResponse(f"/contacts/{contact_id}#notes", 303)


def _mark(desk: Desk, actor: str, id: int, mark: persons.Mark, on: str) -> Response:
    try:
        flow.set_mark(
            desk.store, contact_id=id, mark=mark, on=on == "yes", actor=actor, now=desk.now()
        )
    except flow.NoSuchContact:
        raise HTTPException(404) from None
    return RedirectResponse(f"/contacts/{id}", 303)


def _page(request: Request, desk: Desk, id: int, done: str = "", wrong: str = "") -> Response:
    with desk.store.read() as session:
        try:
            person = flow.one(session, id)
        except flow.NoSuchContact:
            raise HTTPException(404) from None
        page = contact_page(session, frame(request, "contacts"), person, done, wrong)
    return html(page, 422 if wrong else 200)

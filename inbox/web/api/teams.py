"""Teams by program: who is in them, and which accounts they serve."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import AfterValidator, BaseModel, Field
from sqlalchemy.exc import NoResultFound

from connectors.core.text import clean
from inbox.domain.teams import BadTeam
from inbox.flows import teams as flow
from inbox.web.api.call import Once, TheCall, TheOnce
from inbox.web.api.models import Nothing, Taken
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk

router = APIRouter(prefix="/api/v1/teams", tags=["People"])

Text = Annotated[str, Field(max_length=300), AfterValidator(clean)]
Texts = Annotated[list[Text], Field(max_length=1_000)]


class NewTeam(Taken):
    """A team, whole. Who is its lead is one of its members."""

    name: Text
    members: Texts = Field(default=[], description="E-mail addresses.")
    lead: Text | None = Field(default=None, description="An e-mail address.")
    accounts: Texts = Field(
        default=[], description="Accounts that only teams see, as `x/@brand`; another may serve it."
    )
    calendar: Text | None = Field(
        default=None, description="The calendar that counts there instead of those of policies."
    )


class TeamOf(BaseModel):
    """A team."""

    id: int
    name: str
    lead: str | None
    members: list[str]
    accounts: list[str]
    calendar: str | None


class TeamsOf(BaseModel):
    """Every team. Accounts that none of them serves are everyone's."""

    teams: list[TeamOf]


@router.get("")
def teams(desk: TheDesk, _: TheCall) -> TeamsOf:
    """Every team, with its people and the accounts that it serves."""
    return _told(desk)


@router.post("", response_model=TeamsOf)
def add(once: TheOnce, desk: TheDesk, body: NewTeam) -> Response:
    """A new team."""

    def work() -> None:
        flow.add(desk.store, _wanted(desk, body), actor=once.person.email, now=desk.now())

    return _done(once, desk, body, work)


@router.post("/{id}", response_model=TeamsOf)
def change(once: TheOnce, desk: TheDesk, id: Number, body: NewTeam) -> Response:
    """A team anew. What somebody has who does not see it any more has nobody then."""

    def work() -> None:
        by = once.person.email
        flow.change(desk.store, id, _wanted(desk, body), actor=by, now=desk.now())

    return _done(once, desk, body, work)


@router.post("/{id}/remove", response_model=TeamsOf)
def remove(once: TheOnce, desk: TheDesk, id: Number, body: Nothing | None = None) -> Response:
    """Ends a team; the accounts that no other serves are everyone's."""

    def work() -> None:
        flow.remove(desk.store, id, actor=once.person.email, now=desk.now())

    return _done(once, desk, body or Nothing(), work)


def _wanted(desk: Desk, body: NewTeam) -> flow.Wanted:
    with desk.store.read() as session:
        people = body.members, body.accounts, body.lead
        return flow.wanted_of(session, body.name, *people, body.calendar)


def _done(once: Once, desk: Desk, body: Taken, work: Callable[[], None]) -> Response:
    def done() -> TeamsOf:
        try:
            work()
        except NoResultFound:
            raise not_found("team") from None
        except BadTeam as e:
            raise Problem(422, "team", "Not valid", str(e)) from None
        return _told(desk)

    return once.answer(body, done)


def _told(desk: Desk) -> TeamsOf:
    with desk.store.read() as session:
        return TeamsOf(teams=[TeamOf(**one) for one in flow.told(session)])

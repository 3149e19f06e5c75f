"""Assignment: who takes what, and whether conversations are given by rule."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StrictBool
from sqlalchemy.exc import NoResultFound

from inbox.domain.written import Unclear
from inbox.flows import assigning
from inbox.store import assigning as stored
from inbox.web.api.call import TheCall, TheOnce
from inbox.web.api.models import Taken, Whole
from inbox.web.api.problems import Problem, not_found
from inbox.web.desk import Desk, Number, TheDesk

router = APIRouter(prefix="/api/v1", tags=["Roster"])

MOST = 1_000


class Taker(BaseModel):
    """Somebody who may be given conversations; no language or skill means any."""

    id: int
    email: str
    name: str
    on_duty: bool
    presence: str = Field(description="online, away, offline.")
    open: int = Field(description="Open conversations that are theirs now.")
    capacity: int = Field(description="How many of them at once; 0: none by rule.")
    languages: list[str]
    skills: list[str] = Field(description="Categories.")


class Assignment(BaseModel):
    """Whether a rule assigns, who takes what, and how much waits."""

    on: bool
    waiting: int = Field(description=f"Open conversations that nobody has; up to {MOST}.")
    people: list[Taker]


class Switch(Taken):
    """By rule, or by hand alone."""

    on: StrictBool


class Work(Taken):
    """What somebody takes."""

    languages: Annotated[list[str], Field(max_length=60)]
    skills: Annotated[list[str], Field(max_length=60)]
    capacity: Whole


@router.get("/assignment")
def assignment(desk: TheDesk, _: TheCall) -> Assignment:
    """Who takes what, and how much waits for somebody."""
    return _now(desk)


@router.post("/assignment", response_model=Assignment)
def switch(once: TheOnce, desk: TheDesk, body: Switch) -> Response:
    """Assigns new conversations by rule from now on, or no longer."""

    def work() -> Assignment:
        assigning.switch(desk.store, body.on, actor=once.person.email, now=desk.now())
        return _now(desk)

    return once.answer(body, work)


@router.post("/users/{id}/work", response_model=Assignment)
def set_work(once: TheOnce, desk: TheDesk, id: Number, body: Work) -> Response:
    """What somebody takes, and how many at once."""

    def work() -> Assignment:
        try:
            assigning.set_work(
                desk.store,
                user_id=id,
                languages=body.languages,
                skills=body.skills,
                capacity=body.capacity,
                actor=once.person.email,
                now=desk.now(),
            )
        except Unclear as e:
            raise Problem(422, "work", "Not valid", str(e)) from e
        except NoResultFound:
            raise not_found("person") from None
        return _now(desk)

    return once.answer(body, work)


def _now(desk: Desk) -> Assignment:
    with desk.store.read() as session:
        return Assignment(
            on=stored.is_on(session),
            waiting=stored.count_waiting(session, MOST),
            people=[Taker(**asdict(one)) for one in assigning.staff(session, desk.now())],
        )

"""Macros and what they did, as the pages show them; the form of actions as `Actions`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from inbox.domain import actions as rules
from inbox.domain.actions import Actions
from inbox.flows.acting import WRITERS
from inbox.store import acting as stored
from inbox.store import answers
from inbox.store.tables import ActionRun, Macro
from inbox.web.answers_view import number, topic_words
from inbox.web.pages import Frame
from inbox.web.pages_acting import (
    ActionChoices,
    MacroPage,
    MacroRow,
    MacrosPage,
    Part,
    Planned,
    Ran,
)

STANDS: Final = timedelta(minutes=30)
"""So long the page of a conversation tells what a macro did there."""


def macros_page(session: Session, frame: Frame, done: str = "", undo: int = 0) -> MacrosPage:
    """`/macros`."""
    return MacrosPage(frame, macro_rows(session), done, undo)


def macro_rows(session: Session) -> tuple[MacroRow, ...]:
    """Every macro, by name."""
    rows = [(row, rules.read(row.actions)) for row in stored.macros(session)]
    named = answers.titles(session, {wanted.answer for _, wanted in rows if wanted.answer})
    return tuple(
        MacroRow(row.id, row.name, _planned(wanted, named), row.uses) for row, wanted in rows
    )


def macro_page(session: Session, frame: Frame, row: Macro, done: str = "") -> MacroPage:
    """`/macros/{id}`."""
    wanted = rules.read(row.actions)
    return MacroPage(
        frame=frame,
        id=row.id,
        name=row.name,
        actions=wanted,
        choices=choices(session),
        plan=planned(session, wanted),
        uses=row.uses,
        removed=row.removed_at is not None,
        done=done,
    )


def typed(
    session: Session, frame: Frame, id: int, given: FormData | None = None, trouble: str = ""
) -> MacroPage:
    """The form empty, or as it was sent."""
    wanted = form_actions(given) if given else Actions()
    name = str(given.get("name", "")) if given else ""
    offered, plan = choices(session), planned(session, wanted)
    return MacroPage(frame, id, name, wanted, offered, plan, trouble=trouble)


def choices(session: Session) -> ActionChoices:
    """What the form offers: the team's answers, and who answers."""
    canned = answers.listed(session, answers.TEAM)
    return ActionChoices(
        answers=tuple((row.id, row.name) for row in canned),
        people=tuple((row.email, row.name) for row in stored.people(session, WRITERS)),
    )


def planned(session: Session, wanted: Actions) -> Planned:
    """Actions with the names that they stand for."""
    named = answers.titles(session, {wanted.answer}) if wanted.answer else {}
    return _planned(wanted, named)


def _planned(wanted: Actions, named: Mapping[int, str]) -> Planned:
    topic = topic_words(wanted.category, wanted.topic)
    return Planned(wanted, named.get(wanted.answer, ""), topic)


def form_actions(given: FormData) -> Actions:
    """What the form says, unchecked. `tag` is `category` or `category.topic`."""
    said = {key: str(value) for key, value in given.items() if isinstance(value, str)}
    category, _, topic = said.get("tag", "").partition(".")
    move = said.get("move", "")
    return Actions(
        category=category,
        urgency=said.get("urgency", ""),
        topic=topic,
        assign=said.get("assign", ""),
        answer=number(said.get("answer", "")),
        move=move,
        reason=said.get("reason", ""),
        note=said.get("note", ""),
        until=said.get("until", "") if move == "snooze" else "",
    )


def ran(session: Session, conversation_id: int, now: datetime) -> Ran | None:
    """What a macro did here last, while it is fresh."""
    found = stored.last_run(session, conversation_id, now - STANDS)
    if found is None:
        return None
    row, name = found
    if row.state == stored.UNDONE and not row.did:
        return None  # its job was taken back before it came here
    return Ran(row.id, row.name, row.at, name, parts(row), row.state == stored.UNDONE)


def parts(row: ActionRun) -> tuple[Part, ...]:
    """The account of a run, in the order in which it was done."""
    back = {one["verb"]: one for one in row.undone}
    return tuple(
        Part(
            part["verb"],
            part.get("kind", ""),
            back[part["verb"]]["ok"] if part["verb"] in back else None,
            back[part["verb"]]["why"] if part["verb"] in back else "",
        )
        for part in row.did
    )

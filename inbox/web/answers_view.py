"""Canned answers as their pages show them, and their form as an answer."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session
from starlette.datastructures import FormData, UploadFile

from classifier.labels import TOPIC_MEANING, Category
from inbox.domain import answers as rules
from inbox.domain.answers import Canned
from inbox.domain.ids import BIGGEST_ID
from inbox.domain.starters import STARTERS
from inbox.flows import answer_lines
from inbox.flows import answers as flow
from inbox.flows.answers import By
from inbox.store import accounts, inbox_list
from inbox.store import answers as stored
from inbox.store.tables import CannedAnswer
from inbox.web.list_view import who
from inbox.web.pages import Frame
from inbox.web.pages_answers import (
    MAY_WAIT,
    AnswerPage,
    AnswersPage,
    CannedRow,
    CannedVersionRow,
    Shown,
    Starter,
)
from inbox.web.pages_composer import Pick

FIRST = ("en", "zh")
"""The languages that every form offers."""


def by_of(frame: Frame) -> By:
    """Who is signed in, as the flows ask for it."""
    return By(frame.me.id, frame.me.email, frame.me.name, frame.me.leads)


def lines_of(given: FormData) -> list[str]:
    """The lines of the file that a form brought."""
    file, raw = given.get("file"), b""
    if isinstance(file, UploadFile):
        with file.file as opened:
            raw = opened.read()
    return answer_lines.lines_in(raw.decode("utf-8", "replace"))


def answers_page(session: Session, frame: Frame, query: str = "", done: str = "") -> AnswersPage:
    """`/answers`: the team's, one's own, and for leads everybody's."""
    rows = stored.listed(session, frame.me.id, all_own=frame.me.leads)
    named = stored.names_of(session, [row.owner for row in rows if row.owner])
    by_id = {row.id: row for row in rows}
    found = rules.matching([stored.canned(row) for row in rows], query)
    brand = accounts.brand(session)
    undo_s = brand.undo_s if brand else 0
    team = any(row.owner == stored.TEAM for row in rows)
    return AnswersPage(
        frame=frame,
        rows=tuple(_row(by_id[one.id], frame, named.get(by_id[one.id].owner, "")) for one in found),
        query=query,
        total=len(rows),
        starters=() if team or not frame.me.leads else starters(frame.locale),
        done=done,
        undo_s=undo_s,
        may_wait=tuple(sorted({*MAY_WAIT, undo_s})),
    )


def starters(locale: str) -> tuple[Starter, ...]:
    """The ready answers, their texts in the reader's language."""
    return tuple(
        Starter(
            one.shortcut,
            one.name,
            one.category,
            topic_words(one.category, one.topic),
            one.texts[rules.language_of(one.texts, locale)],
        )
        for one in STARTERS
    )


def answer_page(
    session: Session, frame: Frame, row: CannedAnswer, sample: int = 0, done: str = ""
) -> AnswerPage:
    """`/answers/{id}`, with a preview for a conversation (the newest, if none is named)."""
    by = by_of(frame)
    page = _written(frame, stored.canned(row))
    owner = stored.names_of(session, [row.owner]).get(row.owner, "") if row.owner else ""
    told = replace(
        page,
        id=row.id,
        own=bool(row.owner),
        owner=owner,
        version=row.version,
        uses=row.uses,
        removed=row.removed_at is not None,
        may_write=frame.me.writes and flow.may_write(row, by),
        versions=_versions(session, row.id),
        done=done,
    )
    return previewed(session, told, stored.canned(row), sample)


def blank(session: Session, frame: Frame) -> AnswerPage:
    """`/answers/new`."""
    page = AnswerPage(frame, 0, "", "", tuple((lang, "") for lang in FIRST))
    sample = stored.newest_conversation(session) or 0
    return replace(page, own=not frame.me.leads, sample=sample)


def retyped(session: Session, page: AnswerPage, given: FormData, trouble: str = "") -> AnswerPage:
    """The form as it was sent, with its preview; nothing is stored."""
    written = form_answer(given)
    typed = _written(page.frame, written)
    kept = replace(
        page,
        name=typed.name,
        shortcut=typed.shortcut,
        texts=typed.texts,
        place=str(given.get("place", "")),
        own=given.get("own") == "yes" or (page.own and not page.frame.me.leads),
        trouble=trouble,
        done="",
    )
    return previewed(session, kept, written, number(str(given.get("with", ""))))


def previewed(session: Session, page: AnswerPage, canned: Canned, sample: int) -> AnswerPage:
    """The page with each text as the customer of a conversation would get it."""
    chosen = sample or stored.newest_conversation(session)
    row = inbox_list.one(session, chosen) if chosen else None
    if row is None:
        return page
    try:
        found = flow.filled(session, row.id, canned, by_of(page.frame))
    except NoResultFound:  # deleted this very moment
        return page
    shown = tuple(Shown(lang, one.text, one.missing) for lang, one in found.items() if one.text)
    return replace(page, shown=shown, sample=row.id, who=who(row))


def form_texts(given: FormData) -> dict[str, str]:
    """The words by language as the form says them, unchecked, in its order; "more" is what stands
    under the language that is named there, if there are words."""
    texts = {
        key.partition(".")[2]: str(value)
        for key, value in given.multi_items()
        if key.startswith("text.")
    }
    more = str(given.get("more", ""))
    if more.strip():
        texts[str(given.get("lang", ""))] = more
    return {lang: text for lang, text in texts.items() if text.strip()}


def form_answer(given: FormData) -> Canned:
    """What the form says, unchecked."""
    category, _, topic = str(given.get("place", "")).partition(".")
    name, shortcut = str(given.get("name", "")), str(given.get("shortcut", ""))
    return Canned(name, shortcut, form_texts(given), category, topic)


def picks(session: Session, conversation_id: int, frame: Frame) -> tuple[Pick, ...]:
    """The answers for a conversation, best first. Raises `NoResultFound`."""
    found = flow.for_conversation(session, conversation_id, by_of(frame))
    return tuple(
        Pick(
            one.canned.id,
            one.canned.name,
            one.canned.shortcut,
            one.lang,
            one.filled.text,
            one.filled.missing,
        )
        for one in found
    )


def number(text: str) -> int:
    """A row's number as somebody typed it; 0 for anything else."""
    return (
        int(text) if text.isascii() and text.isdigit() and len(text) < len(str(BIGGEST_ID)) else 0
    )


def topic_words(category: str, topic: str) -> str:
    """A topic in words, to be translated; empty for none."""
    return TOPIC_MEANING[Category(category)].get(topic, "") if category and topic else ""


def _written(frame: Frame, canned: Canned) -> AnswerPage:
    langs: Sequence[str] = list(dict.fromkeys((*FIRST, *canned.texts)))
    return AnswerPage(
        frame=frame,
        id=0,
        name=canned.name,
        shortcut=canned.shortcut,
        texts=tuple((lang, canned.texts.get(lang, "")) for lang in langs),
        place=f"{canned.category}.{canned.topic}" if canned.topic else canned.category,
    )


def _row(row: CannedAnswer, frame: Frame, owner: str) -> CannedRow:
    return CannedRow(
        id=row.id,
        name=row.name,
        shortcut=row.shortcut,
        category=row.category,
        about=topic_words(row.category, row.topic),
        langs=tuple(row.texts),
        lead=row.texts[rules.language_of(row.texts, frame.locale)],
        uses=row.uses,
        owner=owner,
        mine=row.owner == frame.me.id,
    )


def _versions(session: Session, canned_id: int) -> tuple[CannedVersionRow, ...]:
    return tuple(
        CannedVersionRow(
            one.version, one.by, one.at, (one.written or {}).get("name", ""), one.written is None
        )
        for one in stored.versions(session, canned_id)
    )

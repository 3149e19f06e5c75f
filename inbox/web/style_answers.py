"""Samples of canned answers; all invented."""

from dataclasses import replace

from inbox.domain import answers as rules
from inbox.domain.starters import STARTERS
from inbox.web.answers_view import starters, topic_words
from inbox.web.pages import Frame
from inbox.web.pages_answers import (
    AnswerPage,
    AnswersPage,
    CannedRow,
    CannedVersionRow,
    Shown,
)
from inbox.web.style_people import NOW

_VALUES = {"customer": "林月 Lin Yue", "agent": "Ada Voss", "brand": "Lumen Pay", "number": "13"}


def sample_answers(frame: Frame) -> AnswersPage:
    """The team's, one's own, and somebody else's."""
    rows = tuple(
        CannedRow(
            number,
            one.name,
            one.shortcut,
            one.category,
            topic_words(one.category, one.topic),
            tuple(one.texts),
            one.texts[rules.language_of(one.texts, frame.locale)],
            uses=(0, 1, 41, 212, 36, 17, 8, 96, 3)[number - 1],
        )
        for number, one in enumerate(STARTERS, start=1)
    )
    own = replace(rows[0], id=10, name="My sign-off", shortcut="bye", mine=True, owner="Ada Voss")
    bo = replace(own, id=11, name="Card reader", shortcut="reader", mine=False, owner="Bo Narin")
    return AnswersPage(frame, (*rows, own, bo), total=11, undo_s=10)


def sample_no_answers(frame: Frame) -> AnswersPage:
    """Before the first one: some to begin with."""
    return AnswersPage(frame, starters=starters(frame.locale))


def sample_answer(frame: Frame) -> AnswerPage:
    """One of them, with a variable that has no value in the preview."""
    one = STARTERS[3]
    shown = ((lang, rules.fill(text, _VALUES)) for lang, text in one.texts.items())
    return AnswerPage(
        frame,
        4,
        one.name,
        one.shortcut,
        tuple(one.texts.items()),
        place=f"{one.category}.{one.topic}",
        version=2,
        uses=212,
        shown=tuple(Shown(lang, found.text, found.missing) for lang, found in shown),
        sample=13,
        who="林月 Lin Yue",
        versions=(
            CannedVersionRow(2, "ada.voss@lumenpay.example", NOW, one.name),
            CannedVersionRow(1, "cli", NOW, "Refund"),
        ),
    )

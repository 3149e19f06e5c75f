"""Samples of macros; all invented."""

from dataclasses import replace
from datetime import timedelta

from inbox.domain.actions import Actions
from inbox.domain.approval import Approval
from inbox.web import render
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
from inbox.web.pages_approvals import ApprovalsPage
from inbox.web.pages_bulk import BulkPage, JobItem, JobPage
from inbox.web.pages_thread import ThreadPage
from inbox.web.style_answers import sample_answer, sample_answers, sample_no_answers
from inbox.web.style_approvals import sample_approvals
from inbox.web.style_people import NOW, sample_rows
from inbox.web.style_playbooks import sample_playbook, sample_playbooks
from inbox.web.style_thread import sample_thread

REFUND = Actions("refund", "", "status", "me", 4, "resolve", note="@bo the bank has it")
MACROS = (
    MacroRow(1, "Refund is out", Planned(REFUND, "Where a refund is", "Where the refund is"), 61),
    MacroRow(2, "Ask again on Monday", Planned(Actions(move="snooze", until="monday")), 8),
    MacroRow(3, "Advert", Planned(Actions("spam", "low", move="spam", reason="spam"))),
)
CHOICES = ActionChoices(
    ((4, "Where a refund is"), (7, "Code does not arrive")),
    (("ada.voss@lumenpay.example", "Ada Voss"), ("bo.narin@lumenpay.example", "Bo Narin")),
)


def sample_macros(frame: Frame) -> MacrosPage:
    """Some, of which one was never run."""
    return MacrosPage(frame, MACROS)


def sample_macro(frame: Frame) -> MacroPage:
    """One of them."""
    return MacroPage(frame, 1, MACROS[0].name, REFUND, CHOICES, MACROS[0].plan, uses=61)


def answering_pages(frame: Frame) -> dict[str, render.Context]:
    """The pages of canned answers and macros under their file names."""
    return {
        "answers": sample_answers(frame),
        "answers-empty": sample_no_answers(frame),
        "answer": sample_answer(frame),
        "approvals": sample_approvals(frame),
        "approvals-empty": ApprovalsPage(frame, Approval(), ()),
        "playbooks": sample_playbooks(frame),
        "playbook": sample_playbook(frame),
        "macros": sample_macros(frame),
        "macros-empty": MacrosPage(frame),
        "macro": sample_macro(frame),
        "job": sample_job(replace(frame, place="inbox")),
        "bulk": sample_bulk(replace(frame, place="inbox")),
    }


def sample_ran(frame: Frame) -> ThreadPage:
    """A conversation in which a macro was run and taken back as far as that went."""
    parts = (
        Part("tag", back=True),
        Part("answer", back=False, why="It is on its way already: too late to change it."),
    )
    done = Ran(5, "Refund is out", NOW - timedelta(minutes=2), "Ada Voss", parts, undone=True)
    return replace(sample_thread(frame), ran=done, macros=MACROS, run_key="k1")


def sample_job(frame: Frame) -> JobPage:
    """A job at work, with one that was refused."""
    items = (
        JobItem(13, "Tomás Freixo", "refused", why="Choose a time that is still to come."),
        JobItem(14, "林月 Lin Yue", "done", (Part("tag"), Part("assign"), Part("note"))),
        JobItem(15, "Ines Aldana", "waiting"),
    )
    counts = {"refused": 1, "done": 41, "waiting": 20}
    plan = Planned(Actions("refund", assign="me"))
    return JobPage(frame, 3, "", "Ada Voss", plan, 62, counts, items, working=True)


def sample_bulk(frame: Frame) -> BulkPage:
    """Some conversations of a view, two of them chosen."""
    rows = tuple(sample_rows()[:5])
    chosen = frozenset(row.id for row in rows[:2])
    return BulkPage(frame, "due", "k1", rows, chosen, CHOICES, MACROS)

"""Samples of answers that wait for approval; all invented."""

from dataclasses import replace
from datetime import timedelta

from inbox.domain.approval import Approval
from inbox.web.pages import Frame
from inbox.web.pages_approvals import ApprovalsPage, WaitingRow
from inbox.web.style_people import NOW, X

_FIRST = WaitingRow(
    outbox=31,
    conversation=13,
    customer="林月 Lin Yue",
    channel=X,
    author="Bo Narin",
    text="Thank you for waiting. Your refund left us this morning; it is with you by Thursday.",
    at=NOW - timedelta(minutes=12),
    due_at=NOW + timedelta(minutes=42),
    why="role",
    shown=104,
    decides=True,
)


def sample_approvals(frame: Frame) -> ApprovalsPage:
    """One because of its author's role, one that a card number holds, one of a newcomer."""
    second = replace(
        _FIRST,
        outbox=32,
        conversation=12,
        customer="Tomas Berg",
        author="Ada Voss",
        text="Is it the card that ends in 1111? You wrote 4111 1111 1111 1111.",
        due_at=NOW - timedelta(hours=1),
        why="finding",
        decides=False,
    )
    third = replace(_FIRST, outbox=33, conversation=11, author="Lin Yue", why="person")
    rule = Approval(("agent",), findings=True, people=(3,))
    people = {1: "Ada Voss", 2: "Bo Narin", 3: "Lin Yue"}
    return ApprovalsPage(frame, rule, (_FIRST, second, third), people=people)

"""Samples of people outside the team; all invented."""

from dataclasses import replace
from datetime import datetime, timedelta

from inbox.domain.conversation import OPEN, RESOLVED, SNOOZED, THIRD, WAITING
from inbox.web.pages import Channel, Frame
from inbox.web.pages_contacts import (
    Alike,
    ContactConversation,
    ContactPage,
    ContactRow,
    ContactsPage,
    IdentityRow,
    NoteRow,
)
from inbox.web.style_people import EMAIL, NOW, WEBHOOK, X

LIN = ContactRow(3, "林月 Lin Yue", "@linyue.paper", (X, EMAIL), ("key-account", "press"), vip=True)
ALSO_LIN = ContactRow(9, "Lin Yue", "lin.yue@paper.example", (WEBHOOK,))


def _ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def sample_contacts(frame: Frame) -> ContactsPage:
    """Everybody: a VIP, one muted, one blocked, one without a name."""
    return ContactsPage(
        frame,
        rows=(
            replace(LIN, wrote_at=_ago(hours=23)),
            ContactRow(4, "Tomás Freixo", "@tfreixo", (X,), wrote_at=_ago(hours=27)),
            ContactRow(5, "سلمى درويش", "@salma", (X, EMAIL), muted=True, wrote_at=_ago(days=2)),
            ContactRow(6, "Best rates today", "", (EMAIL,), blocked=True, wrote_at=_ago(days=9)),
            ContactRow(7, "u-20417-8861", "", (WEBHOOK,)),
        ),
        tags=("key-account", "press"),
        more="/contacts?after=7",
    )


def sample_contact(frame: Frame) -> ContactPage:
    """One person on two channels, joined by hand; a conversation in each state."""
    return ContactPage(
        frame,
        LIN,
        identities=(
            IdentityRow(3, X, "@lumenpay", LIN.name, LIN.handle, "881204"),
            IdentityRow(
                8, EMAIL, "help@lumenpay.example", "", "lin@paper.example", "lin@paper.example",
                joined_at=_ago(days=3), joined_by="bo.narin@lumenpay.example",
            ),
        ),
        conversations=(
            _said(13, X, OPEN, "银行说没有收到退款，已经第三天了。", timedelta(minutes=42)),
            _said(14, EMAIL, SNOOZED, "The form asks for a paper bill.", timedelta(hours=5)),
            _said(12, EMAIL, OPEN, "Did my letter arrive?", -timedelta(minutes=48)),
            _said(11, EMAIL, THIRD, "The bank says it needs a week."),
            _said(10, X, WAITING, "Thank you, I will send the number tonight."),
            _said(7, X, RESOLVED, ""),
        ),
        notes=(
            NoteRow(1, "Calls on Mondays.\nLikes 中文.", "Ada Voss", _ago(days=2), None, mine=True),
            NoteRow(2, "A paper shop.", "Bo Narin", _ago(days=40), _ago(days=39), mine=False),
        ),
        alike=(Alike(ALSO_LIN, ("name", "email")),),
        since=datetime(2025, 3, 4, tzinfo=NOW.tzinfo),
        done="joined",
    )  # fmt: skip


def _said(
    number: int, on: Channel, status: str, preview: str, left: timedelta | None = None
) -> ContactConversation:
    due_at = None if left is None else NOW + left
    at = _ago(hours=30 - number)
    kind = "email" if on is EMAIL else "dm"
    return ContactConversation(number, on, kind, status, "refund", at, due_at, preview)

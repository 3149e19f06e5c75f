"""Samples of a conversation's history."""

from datetime import timedelta

from inbox.flows.history import Happened
from inbox.web.pages import Frame
from inbox.web.pages_history import HistoryPage
from inbox.web.style_people import NOW
from templates.happened import Said, Value

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WHO = "林月 Lin Yue"


def sample_lines() -> tuple[Happened, ...]:
    """A refund's day: written, tagged, given, warned of, snoozed, deleted in part."""
    opened, ago = NOW - DAY, NOW - 3 * MINUTE
    refund, payment = (Said(key, "category") for key in ("refund", "payment"))
    high, normal = (Said(key, "urgency") for key in ("high", "normal"))
    snoozed = {"until": NOW + 4 * 60 * MINUTE}
    rule: dict[str, Value] = {"does": Said("assign", "rule_part"), "value": "ada@lumenpay.example"}
    return (
        Happened(ago, "reply.later", name="Ada Voss", values={"at": NOW + 40 * MINUTE}),
        Happened(ago - MINUTE, "deleted", name=WHO, message=13),
        Happened(ago - 9 * MINUTE, "note", name="Ada Voss", quote="@bo the bank says it left"),
        Happened(NOW - 30 * MINUTE, "warn", by="system", values={"part": 90, "n": 2}),
        Happened(
            NOW - 50 * MINUTE,
            "tag",
            name="Ada Voss",
            values={"after": (refund, high), "before": (payment, normal)},
        ),
        Happened(NOW - 5 * 60 * MINUTE, "snooze", name="Ada Voss", values=snoozed),
        Happened(NOW - 23 * 60 * MINUTE, "assign", name="Bo Narin", values={"person": "Ada Voss"}),
        Happened(opened + MINUTE, "rule", by="rule", name="Refunds to Ada", values=rule),
        Happened(
            opened, "clock", by="system", values={"due": NOW + MINUTE, "policy": Said("Social")}
        ),
        Happened(opened, "in", name=WHO, quote="我的退款还没有到账", message=12),
    )


def sample_history(frame: Frame) -> HistoryPage:
    """A page of it, with older ones."""
    return HistoryPage(frame, 13, WHO, sample_lines(), "/conversations/13/history?before=x")

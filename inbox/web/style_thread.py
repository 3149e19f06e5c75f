"""An invented conversation with everything that a ledger can hold."""

from dataclasses import replace
from datetime import datetime, timedelta

from classifier.explain import Neighbour
from classifier.labels import Category, Urgency
from inbox.domain.conversation import OFFERED, OPEN, WAITING
from inbox.domain.snooze import choices
from inbox.web.pages import Frame, waiting_line
from inbox.web.pages_composer import Composer, File, Later, Mode
from inbox.web.pages_states import Aside, Snooze, Standing
from inbox.web.pages_thread import (
    Customer,
    Delivery,
    Earlier,
    Facts,
    Message,
    Reckoned,
    Side,
    ThreadPage,
    Turn,
    ledger,
)
from inbox.web.pages_why import Reasons, Term
from inbox.web.style_cases import SAMPLE_CASES
from inbox.web.style_history import sample_lines
from inbox.web.style_notices import sample_warned
from inbox.web.style_people import (
    ADA,
    EMAIL,
    NOW,
    ZONE,
    X,
    due_in,
    sample_list,
    sample_rows,
)
from inbox.web.style_playbooks import sample_panel

OPENED = NOW + timedelta(minutes=42.2) - timedelta(days=1)
DUE = OPENED + timedelta(days=1)


def _ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


SAMPLE_STANDING = Standing(
    "customer", "Bo Narin", _ago(minutes=12), "She sends the bank's letter.", step=8
)


SAMPLE_FILES = (
    File(1, "退款截图.jpg", "image/jpeg", state="waiting", pictured=True),
    File(2, "对账单.pdf", "application/pdf", 182_044),
    File(
        3, "voice.ogg", "audio/ogg", state="waiting", why="The line broke before X gave the file."
    ),
    File(4, "film.mp4", "video/mp4", state="refused", why="The file is too large."),
)

LOST = Delivery(
    2,
    "unknown",
    look_at=NOW + timedelta(minutes=4),
    can_look=True,
    tries=1,
    offers=("look", "arrived", "resend", "drop"),
)


def sample_messages() -> tuple[Message, ...]:
    """A first wait that was answered, and a second one with an answer of unknown outcome."""
    return (
        Message(
            101,
            _ago(hours=25, minutes=34),
            "in",
            "林月 Lin Yue",
            "Mine took three days and is still not here. You said minutes. Order LP-20417.",
            "public",
            lang="en",
        ),
        Message(
            102,
            _ago(hours=24, minutes=22),
            "out",
            "Ada Voss",
            "Thank you for telling us, Lin Yue. Three days is too long. I have opened order"
            " LP-20417 and will stay with it until the money is with you.",
            "public",
            lang="en",
            delivery=Delivery(1, "sent"),
        ),
        Message(
            103,
            OPENED,
            "in",
            "林月 Lin Yue",
            "银行说没有收到退款，已经第三天了。请问到底什么时候能到账？",
            "public",
            lang="zh",
            edited_at=OPENED + timedelta(minutes=3),
            files=SAMPLE_FILES,
        ),
        Message(
            104,
            _ago(hours=19),
            "aside",
            "سلمى درويش",
            "وصلني المبلغ خلال عشر دقائق، شكرًا لكم.",
            "public",
            lang="ar",
        ),
        Message(
            0,
            _ago(minutes=49),
            "out",
            "Ada Voss",
            "您好，林月。退款今天上午已重新发出，预计一到两个工作日到账。",
            "private",
            lang="zh",
            delivery=LOST,
        ),
    )


def sample_turns() -> tuple[Turn, ...]:
    """The two waits of `sample_messages`."""
    first = _ago(hours=25, minutes=34)
    return (
        Turn(
            101, first, first + timedelta(days=1), 102, _ago(hours=24, minutes=22), end="answered"
        ),
        Turn(103, OPENED, DUE),
    )


SAMPLE_WHY = Reasons(
    "refund",
    0.94,
    "1f0c7e2ab934",
    terms=(
        Term("退款", 1.0),
        Term("没有收到", 0.62),
        Term("refund", 0.55),
        Term("到账", 0.38),
        Term("银行", 0.18, "payment"),
    ),
    cues=("repeated contact", "question"),
    like=(
        Neighbour(
            "退款说好三天到账，今天第五天了，银行那边什么都没有。",
            Category.REFUND, Urgency.HIGH, 0.83,
        ),
        Neighbour(
            "The shop says it refunded me last week. Where is it?",
            Category.REFUND, Urgency.NORMAL, 0.78,
        ),
        Neighbour(
            "转账显示成功，对方没收到，怎么回事？", Category.PAYMENT, Urgency.NORMAL, 0.71
        ),
    ),
)  # fmt: skip


def sample_side() -> Side:
    row = next(row for row in sample_rows() if row.id == 13)
    return Side(
        customer=Customer(
            "林月 Lin Yue",
            "@linyue.paper",
            X,
            datetime(2025, 3, 4, tzinfo=NOW.tzinfo),
            ("zh", "en"),
        ),
        tags=row.tags,
        facts=Facts(sample_turns()[1], "social", 1, "clock", 86_400, 83_868, _reckoned()),
        why=SAMPLE_WHY,
        warned=sample_warned()[1:],
        before=(
            Earlier(7, EMAIL, "refund", datetime(2026, 11, 3, tzinfo=NOW.tzinfo), 7_560, True),
            Earlier(5, EMAIL, "account", datetime(2026, 9, 19, tzinfo=NOW.tzinfo), 2_460, True),
            Earlier(2, X, "feedback", datetime(2026, 8, 2, tzinfo=NOW.tzinfo), 94_200, False),
        ),
    )


def sample_composer(error: str = "", text: str = "") -> Composer:
    return Composer(
        conversation=13,
        modes=(
            Mode("public", 280, "characters", "x", takes=("image/*",), most_bytes=5_000_000),
            Mode("private", 10_000, "characters", closes_at=NOW + timedelta(days=6)),
        ),
        active="public",
        key="4b0c0de5a1",
        shown=104,
        text=text,
        error=error,
        later=Later(tuple((key, at, "late") for key, at in choices(NOW, ZONE).items())),
    )


def sample_thread(frame: Frame, composer: Composer | None = None) -> ThreadPage:
    """The open conversation, with the list beside it."""
    return ThreadPage(
        frame=frame,
        id=13,
        view="due",
        kind="mention",
        account="@lumenpay",
        clock=replace(due_in(42.2), internal_at=NOW - timedelta(hours=2)),
        days=ledger(sample_messages(), sample_turns(), NOW, ZONE),
        side=sample_side(),
        composer=composer or sample_composer(),
        list=sample_list(frame),
        owner=ADA,
        mine=True,
        aside=sample_aside(frame),
        cases=replace(SAMPLE_CASES, may=frame.me.writes),
        playbook=sample_panel(frame),
        history=sample_lines()[:6],
    )


def sample_aside(frame: Frame, status: str = OPEN) -> Aside:
    """What a conversation in this state can be put aside as."""
    warned = NOW + timedelta(hours=1) if status == OPEN else None
    return Aside(
        kinds=tuple(kind for kind in OFFERED[status] if kind != "resolve"),
        snoozes=tuple(Snooze(key, at, warned) for key, at in choices(NOW, frame.zone).items()),
        shown=104,
        due_at=NOW + timedelta(hours=2) if status == OPEN else None,
    )


def sample_answered(frame: Frame) -> ThreadPage:
    """A conversation whose customer has the word, on a channel that takes no answer."""
    messages, turns = sample_messages()[:2], sample_turns()[:1]
    return ThreadPage(
        frame=frame,
        id=13,
        view="all",
        kind="mention",
        account="@lumenpay",
        clock=waiting_line(messages[1].at),
        days=ledger(messages, turns, NOW, ZONE),
        side=sample_side(),
        list=sample_list(frame),
        composer=replace(sample_composer(), modes=(), active="note"),
        no_reply="imported",
        status=WAITING,
        standing=SAMPLE_STANDING,
        aside=sample_aside(frame, WAITING),
    )


def _reckoned() -> Reckoned:
    """With conditions, an internal target, and the platform's window."""
    return Reckoned(
        name="Social media",
        target="24h",
        conditions=(("channels", ("x",)), ("categories", ("refund", "payment"))),
        skipped=(),
        not_final=False,
        calendar_version=1,
        internal=(("Critical, internal", "1h"),),
        internal_due_at=NOW + timedelta(minutes=40),
        window_at=NOW + timedelta(days=6),
        open_used_s=None,
    )

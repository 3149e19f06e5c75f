"""An invented classifier: six versions, one of them training, and twelve weeks of drift."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from classifier.gate import Compared, Gate
from inbox.web.pages import Frame
from inbox.web.pages_classifier import (
    Beside,
    ClassifierPage,
    DriftPage,
    DriftWeek,
    Ended,
    Held,
    Progress,
    VersionRow,
)
from inbox.web.style_people import NOW

CATEGORIES = ("account", "payment", "refund", "security", "feedback", "general", "spam")
URGENCIES = ("critical", "high", "normal", "low")
LANGUAGES = {
    "en": 1410,
    "zh": 1384,
    "es": 420,
    "pt": 312,
    "id": 288,
    "ja": 274,
    "ko": 241,
    "ar": 196,
}
MONDAY = date(2026, 11, 16)


def sample_versions(frame: Frame) -> ClassifierPage:
    """The third training serves; the newest was refused."""
    serving = _version("7c1e90ab42d3", "serving", 7, 312, 0.861, 0.742, 0.019, _passed(1.4, 1.9))
    rows = (
        _version("e04d5b7718fa", "refused", 0, 341, 0.849, 0.738, 0.026, _refused()),
        serving,
        _version("19af3c6602be", "earlier", 14, 204, 0.852, 0.731, 0.023, _passed(0.6, 1.1)),
        _version(
            "b3d8217e5c90", "earlier", 21, 96, 0.846, 0.727, 0.024, _passed(0.2, 0.8), "system"
        ),
        _shipped(serves=False),
    )
    rng = Random(7)
    return ClassifierPage(
        frame=frame,
        rows=rows,
        progress=None,
        ended=Ended("refused", NOW - timedelta(hours=2), "e04d5b7718fa", _refused().reason),
        news=31,
        enough=50,
        next_at=NOW + timedelta(days=5),
        other=rows[-1],
        categories=tuple(_beside(key, rng.randrange(380, 900), rng) for key in CATEGORIES),
        urgencies=tuple(_beside(key, rng.randrange(380, 900), rng) for key in URGENCIES),
        languages=tuple(_beside(key, n, rng) for key, n in LANGUAGES.items()),
        held=_held(),
    )


def sample_training(frame: Frame) -> ClassifierPage:
    """Only the shipped version, and the first training under way."""
    rng = Random(7)
    lines = ("60 of 63 corrections are used", "41208 terms and cues, 4102 writers")
    return ClassifierPage(
        frame=frame,
        rows=(_shipped(serves=True),),
        progress=Progress(
            "running", "lea@lumenpay.example", NOW - timedelta(seconds=40), 63, lines
        ),
        ended=None,
        news=63,
        enough=50,
        next_at=NOW,
        other=None,
        categories=tuple(_beside(key, 600, rng, alone=True) for key in CATEGORIES),
        urgencies=(),
        languages=(),
    )


def sample_drift(frame: Frame) -> DriftPage:
    """A quiet autumn; then people write about something new, and corrections rise."""
    rng = Random(3)
    return DriftPage(frame, CATEGORIES, tuple(_week(n, rng) for n in range(12)))


def sample_no_drift(frame: Frame) -> DriftPage:
    """Before the first message."""
    return DriftPage(frame, CATEGORIES, ())


def _week(n: int, rng: Random) -> DriftWeek:
    odd = max(0.0, n - 8) / 3
    parts = [1.1, 2.0 + odd, 1.3, 0.8 + odd, 0.9, 1.6, 0.5]
    drawn = [part * rng.uniform(0.85, 1.15) for part in parts]
    messages = 190 if n == 11 else rng.randrange(820, 1100)
    return DriftWeek(
        first=MONDAY - timedelta(weeks=11 - n),
        messages=messages,
        confidence=0.83 - odd * 0.06 + rng.uniform(-0.012, 0.012),
        asked=0.11 + odd * 0.05 + rng.uniform(-0.01, 0.01),
        turns=int(messages * 0.62),
        corrected=0.052 + odd * 0.04 + rng.uniform(-0.008, 0.008),
        labels=tuple(part / sum(drawn) for part in drawn),
        running=n == 11,
    )


def _shipped(serves: bool) -> VersionRow:
    return VersionRow(
        "shipped", "shipped", serves, True, not serves, None, "", 0, 0.843, 0.725, 0.02, None,
        0.847, 0.758,
    )  # fmt: skip


def _version(
    version: str,
    state: str,
    days: int,
    corrections: int,
    category: float,
    urgency: float,
    ece: float,
    gate: Gate,
    made_by: str = "lea@lumenpay.example",
) -> VersionRow:
    made_at: datetime = NOW - timedelta(days=days, hours=2)
    serves, refused = state == "serving", state == "refused"
    usable = not (serves or refused)
    return VersionRow(
        version,
        state,
        serves,
        not refused,
        usable,
        made_at,
        made_by,
        corrections,
        category,
        urgency,
        ece,
        gate,
        category + 0.004,
        urgency + 0.033,
    )


def _passed(frozen: float, recent: float) -> Gate:
    sets = (
        Compared(1204, 0.843, 0.843 + frozen / 100, (frozen - 1.1) / 100, (frozen + 1.2) / 100),
        Compared(118, 0.77, 0.77 + recent / 100, (recent - 3.1) / 100, (recent + 3.4) / 100),
    )
    reason = "The corpus is understood as before, the last corrections no worse."
    serving = (replace(sets[0], before=0.842, low=-0.004), *_guarded())
    return Gate(True, reason, *sets, 312, 4, *_guarded(), held=("17", "9"), serving=serving)


def _refused() -> Gate:
    sets = (
        Compared(1204, 0.843, 0.849, -0.007, 0.018),
        Compared(131, 0.781, 0.79, -0.024, 0.041),
    )
    reason = "On the corpus it is worse than the version that serves."
    serving = (Compared(1204, 0.861, 0.849, -0.021, -0.003), *_guarded())
    return Gate(False, reason, *sets, 341, 18, *_guarded(), serving=serving)


def _guarded() -> tuple[Compared, Compared, Compared, Compared]:
    return (
        Compared(1204, 0.741, 0.748, -0.006, 0.019),
        Compared(210, 0.862, 0.871, -0.012, 0.031),
        Compared(140, 0.907, 0.9, -0.03, 0.016),
        Compared(1204, 0.752, 0.748, -0.007, -0.001),
    )


def _held() -> tuple[Held, ...]:
    return (
        Held(
            17, 4, "Somebody is in my account and has moved 2,400 € out of it, I see it happen",
            "spam", "low", ("security", "critical"), "ada@lumenpay.example", NOW - timedelta(1),
        ),
        Held(
            9, 5, "退款说三到五天，今天第八天了，到底什么时候到账？",
            "general", "normal", ("refund", "normal"), "bo@lumenpay.example", NOW - timedelta(2),
        ),
    )  # fmt: skip


def _beside(key: str, n: int, rng: Random, *, alone: bool = False) -> Beside:
    before = rng.uniform(0.76, 0.91)
    after = before + rng.uniform(-0.008, 0.035)
    return Beside(key, n, before if alone else after, None if alone else before)

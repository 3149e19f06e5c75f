"""The classifier's versions, their figures side by side, and its weeks, as the pages show them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from classifier.gate import Gate
from classifier.labels import Category, Urgency
from classifier.model import TERMS_ALONE, has_encoder
from inbox.config import Settings
from inbox.domain.calendars import local_date, local_day_bounds
from inbox.flows import learning as flow
from inbox.flows import models
from inbox.flows.models import Version
from inbox.store import learning as stored
from inbox.store.learning import Week
from inbox.store.session import Store
from inbox.store.sql import AnyRow
from inbox.store.tables import Training
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

WEEKS = 12


def classifier_page(
    store: Store, settings: Settings, frame: Frame, beside: str | None, trouble: str = ""
) -> ClassifierPage:
    """The page; `beside` is the version that the serving one is compared with, if it is known."""
    found = models.everything(store, settings.folder)
    with store.read() as session:
        last = stored.last_training(session)
        news = flow.news(session)
        held = flow.held(session)
    serving = next(one for one in found if one.serves)
    others = [one for one in found if not one.serves and one.scores]
    other = next((one for one in others if one.version == beside), next(iter(others), None))
    busy = last is not None and last.state in stored.UNDER_WAY
    return ClassifierPage(
        frame=frame,
        rows=tuple(_row(one) for one in found),
        progress=_progress(last) if last is not None and busy else None,
        ended=_ended(last, serving.version) if last is not None and not busy else None,
        news=news,
        enough=settings.train_after,
        next_at=_next(last, settings, frame.now),
        other=_row(other) if other else None,
        categories=_beside(serving, other, "category", "by_label", "f1", list(Category)),
        urgencies=_beside(serving, other, "urgency", "by_label", "f1", list(Urgency)[::-1]),
        languages=_beside(serving, other, "category", "by_lang", "macro_f1"),
        held=tuple(_held(row) for row in held),
        trouble=trouble,
        limited="" if has_encoder() else TERMS_ALONE,
    )


def _row(one: Version) -> VersionRow:
    category, urgency = one.scores.get("category", {}), one.scores.get("urgency", {})
    return VersionRow(
        version=one.version,
        state=one.state,
        serves=one.serves,
        whole=one.whole,
        usable=one.usable,
        made_at=one.made_at,
        made_by=one.made_by,
        corrections=one.corrections,
        category=category.get("macro_f1"),
        urgency=urgency.get("macro_f1"),
        ece=category.get("reliability", {}).get("ece"),
        gate=Gate.read(one.gate) if one.gate else None,
        category_right=category.get("accuracy"),
        urgency_right=urgency.get("accuracy"),
    )


def _held(row: AnyRow) -> Held:
    return Held(
        number=row.id,
        conversation_id=row.conversation_id,
        text=row.text,
        category=row.category,
        urgency=row.urgency,
        before=(row.before_category, row.before_urgency),
        agent=row.agent,
        at=row.at,
    )


def _progress(row: Training) -> Progress:
    lines = tuple(str(line["words"]) for line in row.said)
    since = row.started_at or row.asked_at
    return Progress(row.state, row.asked_by, since, row.corrections, lines)


def _ended(row: Training, serving: str) -> Ended:
    gone_back = row.state == stored.ACTIVATED and row.version != serving
    state = "replaced" if gone_back else row.state
    return Ended(state, row.finished_at or row.asked_at, row.version or "", row.reason or "")


def _next(last: Training | None, settings: Settings, now: datetime) -> datetime | None:
    """When the clock may ask at the earliest; None while it never does."""
    if settings.train_every_days == 0:
        return None
    return last.asked_at + timedelta(days=settings.train_every_days) if last else now


def _beside(
    serving: Version,
    other: Version | None,
    head: str,
    part: str,
    figure: str,
    order: Sequence[str] = (),
) -> tuple[Beside, ...]:
    """A head's figures by label or language in both versions; without an order, most first."""
    mine: Mapping[str, Any] = serving.scores.get(head, {}).get(part, {})
    theirs: Mapping[str, Any] = other.scores.get(head, {}).get(part, {}) if other else {}
    known = {*mine, *theirs}
    counts = {key: mine.get(key, theirs.get(key, {})).get("n", 0) for key in known}
    keys = order or sorted(known, key=lambda key: (-counts[key], key))
    return tuple(
        Beside(
            str(key),
            counts[key],
            mine.get(key, {}).get(figure),
            theirs.get(key, {}).get(figure),
        )
        for key in keys
        if key in known
    )


def drift_page(store: Store, frame: Frame) -> DriftPage:
    """The last twelve weeks of what was tagged."""
    today = local_date(frame.now, frame.zone)
    monday = today - timedelta(days=today.weekday())
    firsts = [monday - timedelta(weeks=n) for n in range(WEEKS - 1, -1, -1)]
    weeks = []
    with store.read() as session:
        for first in firsts:
            start = local_day_bounds(first, frame.zone)[0]
            end = local_day_bounds(first + timedelta(days=6), frame.zone)[1]
            found = stored.week(session, start, end)
            weeks.append((first, found))
    labels = tuple(str(label) for label in Category)
    shown = tuple(_week(first, found, labels, first == monday) for first, found in weeks)
    return DriftPage(frame, labels, shown)


def _week(first: Any, week: Week, labels: tuple[str, ...], running: bool) -> DriftWeek:
    def share(part: float, whole: int) -> float | None:
        return part / whole if whole else None

    return DriftWeek(
        first=first,
        messages=week.messages,
        confidence=share(week.confidence, week.messages),
        asked=share(week.asked, week.messages),
        turns=week.turns,
        corrected=share(week.corrected, week.turns),
        labels=tuple(share(week.labels.get(name, 0), week.messages) or 0.0 for name in labels),
        running=running,
    )

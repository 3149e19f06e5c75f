"""Surges as their pages show them, and the form of one answer to all."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from inbox.domain import surges as rules
from inbox.flows import surges as flow
from inbox.store import answers as stored_answers
from inbox.store import surges as stored
from inbox.store.sql import AnyRow
from inbox.store.tables import Surge
from inbox.web.accounts_view import named
from inbox.web.answers_view import by_of, form_texts, number
from inbox.web.pages import Frame
from inbox.web.pages_surges import (
    Offered,
    Settled,
    SurgeCard,
    SurgePage,
    SurgesPage,
    Text,
)

MOST: Final = 300
"""Conversations that one page offers; those behind them come next."""
SETTLED: Final = 200
LISTED: Final = 100
ALWAYS: Final = "en"
"""The language that stands in where one has no text (`domain.answers.language_of`)."""
UNKNOWN: Final = frozenset({"", "und"})


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was sent: conversation → last message that was shown, who was on the page, and
    the words by language. `opened` is when the page was opened (seconds since 1970)."""

    chosen: Mapping[int, int] = field(default_factory=dict)
    seen: frozenset[int] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    key: str = ""

    @property
    def left_out(self) -> frozenset[int]:
        return self.seen - self.chosen.keys()


def typed(given: FormData) -> Typed:
    """What the form says, unchecked."""
    pairs = [str(one).partition(".") for one in given.getlist("id")]
    chosen = {number(id): number(shown) for id, _, shown in pairs if number(id)}
    seen = frozenset(number(str(one)) for one in given.getlist("seen"))
    return Typed(chosen, seen, form_texts(given), str(given.get("key", ""))[:64])


def surges_page(session: Session, frame: Frame) -> SurgesPage:
    """`/surges`."""
    rows = [_card(*row) for row in stored.listed(session, LISTED)]
    return SurgesPage(
        frame=frame,
        rows=tuple(row for row in rows if row.closed_at is None),
        before=tuple(row for row in rows if row.closed_at is not None),
        least=rules.LEAST,
    )


def surge_page(
    session: Session,
    frame: Frame,
    surge: Surge,
    form: Typed | None = None,
    opened: datetime | None = None,
) -> SurgePage:
    """`/surges/{id}`, or what was typed there with those who joined meanwhile."""
    rows = stored.offered(session, surge.id, MOST)
    texts = dict(form.texts) if form else dict(surge.texts)
    fresh = {r.conversation_id for r in rows if opened and r.joined_at > opened}
    if form:
        fresh = {r.conversation_id for r in rows} - form.seen
    settled = stored.answered(session, surge.id, SETTLED)
    job = max((row.job_id or 0 for row in settled), default=0)
    kept = bool(surge.texts_by) and not job
    waiting = stored.count_offered(session, [surge.id])[surge.id]
    langs = {k: n for k, n in stored.languages(session, surge.id).items() if k not in UNKNOWN}
    return SurgePage(
        frame=frame,
        card=_card(surge, stored.text_of(session, surge), waiting),
        key=(form.key if form else "") or secrets.token_urlsafe(12),
        opened=int((opened or frame.now).timestamp()),
        offered=tuple(_offered(row, form, fresh, kept) for row in rows),
        waiting_people=len({row.person for row in rows}),
        texts=_texts(session, frame, rows, texts, langs),
        texts_by="" if form else surge.texts_by or "",
        unknown=waiting - sum(langs.values()),
        joined=len(fresh) if opened else 0,
        canned=tuple((row.id, row.name) for row in stored_answers.listed(session, frame.me.id)),
        settled=tuple(
            Settled(r.conversation_id, _who(r), r.state or "", r.why or "") for r in settled
        ),
        counts=tuple(sorted(stored.job_counts(session, surge.id).items())),
        job=job,
    )


def opened_at(said: str) -> datetime | None:
    """When the page was opened, as its address says."""
    seconds = number(said)
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 2**33 else None


def _card(surge: Surge, text: str, waiting: int) -> SurgeCard:
    return SurgeCard(
        surge.id,
        surge.people,
        surge.since,
        text,
        surge.last_at,
        surge.growing,
        waiting,
        surge.closed_at,
        surge.closed_by or "",
    )


def _who(row: AnyRow) -> str:
    name: str = row.name or row.handle or "?"
    return name


def _offered(row: AnyRow, form: Typed | None, fresh: set[int], kept: bool) -> Offered:
    """Nobody is chosen but by a person: in this form, or with the words that were `kept`."""
    id = row.conversation_id
    ticked = id in form.chosen if form is not None else kept and not row.out
    return Offered(
        conversation=id,
        shown=row.last_message_id or 0,
        who=_who(row),
        channel=named(row.channel),
        words=row.preview,
        lang="" if (row.lang or "") in UNKNOWN else row.lang,
        ticked=ticked,
        new=id in fresh,
        public=(row.last_visibility or row.visibility) == "public",
        why=row.why or "" if row.state == "refused" else "",
    )


def _texts(
    session: Session,
    frame: Frame,
    rows: Sequence[AnyRow],
    texts: dict[str, str],
    langs: Mapping[str, int],
) -> tuple[Text, ...]:
    """The languages of those who are offered, the most first, and those that have words."""
    by = by_of(frame)
    order = [lang for lang, _ in Counter(langs).most_common()]
    first = Text("", 0)
    found = []
    fits = flow.fits(session, rows, texts, by)
    samples = flow.shown_to(session, rows, texts, by)
    for lang in dict.fromkeys((*order, *texts, ALWAYS)):
        one = replace(
            first,
            lang=lang,
            many=langs.get(lang, 0),
            words=texts.get(lang, ""),
            gets=flow.gets(texts, lang),
            fits=tuple((named(fit.channel), fit) for fit in fits.get(lang, ())),
        )
        if lang in samples:
            member, filled = samples[lang]
            one = replace(one, sample=filled.text, who=_who(member), missing=filled.missing)
        found.append(one)
    return tuple(found)

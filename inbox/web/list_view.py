"""The list as its page shows it, from the store's rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy.orm import Session

from inbox.domain.conversation import OPEN, SNOOZED, THIRD, WAITING
from inbox.domain.search import BadSearch
from inbox.domain.surges import BIG
from inbox.flows.finding import FoundPage, find
from inbox.store import accounts, critical, drafts, due, inbox_list, kept, surges
from inbox.store.conversations import BadCursor
from inbox.store.inbox_list import Place
from inbox.store.sql import AnyRow
from inbox.web import accounts_view, views_view
from inbox.web.desk import desk_of
from inbox.web.pages import (
    SOON_S,
    Clock,
    Frame,
    Person,
    Tags,
    day_line,
    initials,
    tags,
    waiting_line,
)
from inbox.web.pages_list import (
    FIND,
    SAVED,
    Group,
    ListPage,
    Row,
    View,
    foot,
    groups,
    hour_of,
    pinned,
    tide,
    views,
)
from inbox.web.pages_surges import SurgeCard

TONES = ("praise", "angry")
"""Worth a word; the rest is neutral."""


def list_page(
    request: Request,
    frame: Frame,
    view: str,
    after: str = "",
    selected: int | None = None,
) -> ListPage:
    """One page of a view, with counts, tide and foot. An unknown view is `due`.

    `after` is where the page before ended.
    """
    if view.startswith(FIND):
        query = view.removeprefix(FIND).strip()
        return _found_page(request, frame, f"{FIND}{query}", query, after, selected)
    if view.startswith(SAVED):
        with desk_of(request).store.read() as session:
            saved = views_view.opened(session, view, frame.me.id)
        if saved is not None:
            return _found_page(request, frame, view, saved.query, after, selected)
    view = view if view in inbox_list.VIEWS else "due"
    now, me = frame.now, frame.me.id
    with desk_of(request).store.read() as session:
        rows, more = standing(session, view, me, Place.parse(after))
        counts = inbox_list.counts(session, me)
        falls_due = due.by_hour(session, hour_of(now, frame.zone), now)
        connected = accounts_view.shown(accounts.seen(session), now, {})
        saved_tabs = _saved(request, session, frame, view)
        above = standing_critical(session, me) if view == "due" else ()
        writing = drafts.among(session, me, [one.still.id for one in (*above, *rows)])
        surge = surges.newest_growing(session, BIG)
        alone = desk_of(request).alone.within(session, now)
    return ListPage(
        frame=frame,
        view=view,
        views=views(view, dict(counts)) + saved_tabs,
        groups=pinned(
            [marked(_by_target(one, now), selected, writing) for one in above],
            groups(
                (marked(one.at(now), selected, writing) for one in rows),
                now,
                frame.zone,
            ),
            goes_on=bool(after),
        ),
        foot=foot(connected),
        tide=tide(frame.overdue, falls_due, now, frame.zone, alone),
        more=f"/?{urlencode({'view': view, 'after': str(more)})}" if more else None,
        surge=SurgeCard(surge.id, surge.people, surge.since, surge.text) if surge else None,
        connected=bool(connected),
    )


def _found_page(
    request: Request, frame: Frame, view: str, query: str, after: str, selected: int | None
) -> ListPage:
    """What a search finds, newest first, or why it could not be understood."""
    now, me = frame.now, frame.me.id
    found, wrong = FoundPage((), None), ""
    with desk_of(request).store.read() as session:
        counts = inbox_list.counts(session, me)
        connected = accounts_view.shown(accounts.seen(session), now, {})
        saved_tabs = _saved(request, session, frame, view)
        try:
            found = find(session, query, now=now, me=me, cursor=after or None)
        except BadSearch as e:
            wrong = str(e)
        except BadCursor:
            found = find(session, query, now=now, me=me)
        ids = [one.conversation_id for one in found.found]
        by_id = {r.id: r for r in inbox_list.some(session, ids)}
        writing = drafts.among(session, me, ids)
    rows = tuple(
        replace(
            marked(row(by_id[one.conversation_id], now, me), selected, writing),
            snippet=one.snippet,
            at=one.message_id,
            noted=one.is_note,
        )
        for one in found.found
    )
    cursor = found.next_cursor
    here = {"view": view} if view.startswith(SAVED) else {"q": query}
    return ListPage(
        frame=frame,
        view=view,
        views=views("", dict(counts)) + saved_tabs,
        groups=(Group("found", rows),) if rows else (),
        foot=foot(connected),
        more=f"/?{urlencode(here | {'after': cursor})}" if cursor else None,
        query=query,
        wrong=wrong,
    )


def _saved(request: Request, session: Session, frame: Frame, view: str) -> tuple[View, ...]:
    counts = desk_of(request).counts
    return views_view.tabs(session, counts, frame.me.id, frame.now, view)


@dataclass(slots=True)
class Standing:
    """A row for as long as it stands in the database as it is: a page has fifty and is asked for
    again and again, so what it shows is made anew only when the time changes it."""

    found: AnyRow
    still: Row
    _shown: tuple[datetime, datetime, Row] | None = field(default=None, compare=False)

    def at(self, now: datetime) -> Row:
        """The row at a moment; its line may be a ten-thousandth behind."""
        known = self._shown
        if known is None or not known[0] <= now < known[1]:
            shown = at_now(self.found, self.still, now)
            self._shown = known = now, _until(shown, now), shown
        return known[2]


def _until(shown: Row, now: datetime) -> datetime:
    """When something else is to be shown."""
    changes = [now + timedelta(days=1), shown.complaint_due_at or now]
    line = shown.clock
    if line.opened_at is not None and line.due_at is not None:
        step = (line.due_at - line.opened_at) / 10_000
        late, soon = line.due_at + timedelta.resolution, line.due_at - timedelta(seconds=SOON_S)
        changes += [now + max(step, timedelta.resolution), soon, late]
    return min(at for at in changes if at > now)


@kept.keeping(64)
def standing(
    session: Session, view: str, me: int, after: Place | None
) -> tuple[list[Standing], Place | None]:
    """The rows of a view after a place, and the place to go on from."""
    rows, more = inbox_list.page(session, view, me, after)
    return [stands(one, me) for one in rows], more


@kept.keeping(64)
def standing_critical(session: Session, me: int) -> list[Standing]:
    """Those above them."""
    return [stands(one, me) for one in critical.critical(session)]


def stands(found: AnyRow, me: int) -> Standing:
    """The row as somebody saw it last, while it still says the same: what is written hardly ever
    changes more of the fifty than one."""
    last = _last(found.id, me)
    known = last[0] if last else None
    if known is None or known.found != found:
        known = Standing(found, lasting(found, me))
        last[:] = [known]
    return known


@lru_cache(kept.MOST)
def _last(id: int, me: int) -> list[Standing]:
    """A place for the newest one."""
    return []


def row(found: AnyRow, now: datetime, me: int) -> Row:
    """One row of `inbox_list.some`."""
    return at_now(found, lasting(found, me), now)


def lasting(found: AnyRow, me: int) -> Row:
    """What of a row does not move with the time."""
    ours: Literal["me", "team"] = "me" if found.last_agent_id == me else "team"
    line = clock(found, found.last_message_at)
    return Row(
        id=found.id,
        channel=accounts_view.named(found.channel),
        who=who(found),
        preview=found.preview,
        tags=tags_of(found),
        clock=line,
        unread=found.unread,
        ours_last=ours if found.last_is_ours else "",
        findings=kinds(found.findings),
        owner=owner(found),
        mine=found.assignee_id == me,
        vip=found.vip,
        blocked=found.blocked,
        escalated=found.escalated,
        status=found.status,
        back_at=found.back_at,
        last_at=found.last_message_at if line.state == "none" else None,
        complaint=found.complaint_id is not None,
        complaint_due_at=found.complaint_due_at,
    )


def at_now(found: AnyRow, still: Row, now: datetime) -> Row:
    """The `lasting` row with its line, and how it stands at `now`."""
    due_at = found.complaint_due_at
    late = due_at is not None and due_at <= now
    return replace(still, clock=clock(found, now), complaint_late=late)


def marked(shown: Row, selected: int | None, writing: Mapping[int, str]) -> Row:
    """The row as its reader left it: open, or with the draft that `writing` has of it."""
    draft = writing.get(shown.id, "")
    if shown.id != selected and not draft:
        return shown
    return replace(shown, selected=shown.id == selected, draft=draft)


def _by_target(one: Standing, now: datetime) -> Row:
    """A row with the time that is left to the team's own target, until the promise is broken."""
    found, shown = one.found, one.at(now)
    if shown.clock.state == "late" or found.internal_due_at is None:
        return shown
    line = day_line(found.opened_at, found.internal_due_at, now)
    return replace(shown, clock=replace(line, of_team=True))


def who(found: AnyRow) -> str:
    """The customer's name as far as it is known."""
    name: str = found.contact_name or found.contact_handle or found.contact_key
    return name


def owner(found: AnyRow) -> Person | None:
    """Whose conversation it is."""
    if found.assignee_id is None:
        return None
    name, email = found.assignee_name, found.assignee_email
    return Person(name, initials(name), email, found.assignee_id)


def clock(found: AnyRow, now: datetime) -> Clock:
    """The line of a row: the open turn's, or how long the customer has had the word."""
    runs = found.status in (OPEN, SNOOZED)
    if runs and found.opened_at is not None and found.due_at is not None:
        beside = found.internal_due_at, found.window_closes_at
        return day_line(found.opened_at, found.due_at, now, None, *beside)
    waits = found.status in (WAITING, THIRD)
    return waiting_line(found.last_message_at) if waits else Clock("none")


def tags_of(found: AnyRow) -> Tags:
    """The tag's chip: the classifier's suggestions, or a person's word."""
    ranked = [(found.category, found.category_confidence or 0.0)] if found.category else []
    ranked += [(name, share) for name, share in found.alternatives if found.category]
    return tags(
        ranked,
        (found.urgency or "normal", found.urgency_confidence),
        labels=() if found.outside else found.labels,
        by_person=found.category if found.tagged_by is not None else None,
        topic=found.topic or "",
        tone=found.tone if found.tone in TONES else "",
    )


def kinds(findings: list[dict[str, str]]) -> tuple[str, ...]:
    """What the guard found, each kind once."""
    return tuple(dict.fromkeys(finding["kind"] for finding in findings))

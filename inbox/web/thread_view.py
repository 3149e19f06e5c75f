"""A conversation as its page shows it, from the store's rows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from connectors.core.contract import Capabilities
from connectors.core.text import written
from inbox.domain.approval import Approval, may_decide
from inbox.flows import noticing
from inbox.flows.calculations import Calculation
from inbox.flows.moderate import offers
from inbox.flows.outcome import RESENT
from inbox.store.accounts import ACTIVE
from inbox.store.sql import AnyRow
from inbox.store.tables import TurnRow
from inbox.store.thread import MESSAGES, Thread
from inbox.web import (
    accounts_view,
    clock_view,
    delivery_view,
    files_view,
    list_view,
    notes_view,
    states_view,
    why_view,
)
from inbox.web.composer_view import Draft, compose
from inbox.web.pages import Frame, Me
from inbox.web.pages_list import ListPage
from inbox.web.pages_thread import (
    Customer,
    Delivery,
    Earlier,
    Linked,
    Message,
    Side,
    ThreadPage,
    Turn,
    languages,
    ledger,
)

_SIDES: dict[str, Literal["in", "out", "aside"]] = {
    "customer": "in",
    "ours": "out",
    "third": "aside",
}
_ENDS: dict[str | None, Literal["", "answered", "excused", "withdrawn"]] = {
    None: "",
    "answered": "answered",
    "excused": "excused",
    "withdrawn": "withdrawn",
}


def thread_page(
    frame: Frame,
    view: str,
    thread: Thread,
    explain: Callable[[str], Any],
    beside: ListPage | None = None,
    draft: Draft | None = None,
    failed: str = "",
    how: Calculation | None = None,
) -> ThreadPage:
    """The whole context; `beside` is the list of a whole page."""
    row = thread.row
    known = accounts_view.offered(row.channel)
    offered = known.of(thread.account.settings) if known else None
    turns = tuple(turn(one) for one in thread.turns)
    shown = messages(frame.me, thread, offered, frame.me.writes and row.account_state == ACTIVE)
    sends = offered if row.account_state == ACTIVE else None
    composer = compose(thread, sends, draft, frame.now, frame.zone) if frame.me.writes else None
    return ThreadPage(
        frame=frame,
        id=row.id,
        view=view,
        kind=row.kind,
        account=row.account_handle,
        clock=list_view.clock(row, frame.now),
        days=ledger(shown, turns, frame.now, frame.zone),
        side=side(frame, thread, explain, how),
        composer=composer,
        no_reply=row.account_state if frame.me.writes else "reader",
        list=beside,
        owner=list_view.owner(row),
        mine=row.assignee_id == frame.me.id,
        for_team=row.team or "",
        status=row.status,
        standing=states_view.standing(frame, thread),
        aside=states_view.aside(frame, thread, how),
        earlier=_earlier_messages(thread),
        failed=failed,
        withdrawn=bool(thread.turns) and thread.turns[-1].end == "withdrawn",
    )


def _earlier_messages(thread: Thread) -> str | None:
    """Where the page stands with as many messages again."""
    most = len(thread.messages) + MESSAGES
    return f"/conversations/{thread.row.id}?messages={most}" if thread.more else None


def turn(row: TurnRow) -> Turn:
    """A turn as the ledger draws it."""
    return Turn(
        row.opened_by,
        row.opened_at,
        row.due_at,
        row.ended_by,
        row.ended_at,
        _ENDS[row.end],
        row.reason or "",
    )


def messages(
    me: Me, thread: Thread, offered: Capabilities | None, may_act: bool = False
) -> list[Message]:
    """Stored messages and the replies on their way, in order of time."""
    can_look = bool(offered and offered.can_look_up)
    here = files_view.by_owner(thread.files)
    rule = Approval(own=thread.own)
    told = delivery_view.of_replies(
        thread.replies, can_look, lambda author: may_decide(rule, me.role, me.id, author)
    )
    names = {row.external_id: row for row in thread.messages}
    acting = offered if may_act else None
    found = [_stored(row, thread, names, acting, here) for row in thread.messages]
    times = {row.outbox_id: row.sent_at for row in thread.messages if row.outbox_id}
    for row in thread.replies:  # a part stands below those before it, also when they went since
        times[row.id] = max(row.created_at, times.get(row.after_id, row.created_at))
        found.append(_on_its_way(row, times[row.id], told[row.id], here))
    found += notes_view.notes(thread.notes)
    return sorted(found, key=lambda one: one.at)


def _stored(
    row: AnyRow,
    thread: Thread,
    names: Mapping[str, AnyRow],
    offered: Capabilities | None,
    here: files_view.ByOwner,
) -> Message:
    outside = row.role == "ours" and row.agent_id is None and not row.automated
    new = written(row.text) if thread.row.channel == "email" else row.text
    return Message(
        id=row.id,
        at=row.sent_at,
        side=_SIDES[row.role],
        by=_by(row, thread),
        text=new,
        quoted=row.text[len(new) :].strip("\n"),
        visibility="public" if row.visibility == "public" else "private",
        subject=row.subject or "",
        others=_others(row.platform.get("others", ())),
        lang=row.lang or "",
        edited_at=row.edited_at,
        deleted_at=row.deleted_at,
        automated=row.automated,
        outside=outside,
        findings=list_view.kinds(row.findings),
        files=here.message.get(row.id) or files_view.named(row.attachments),
        delivery=delivery_view.of_message(row),
        versions=tuple((v.until, v.text) for v in thread.versions.get(row.id, ())),
        above=_above(row, names, thread),
        ours_aside=row.role == "third" and row.direction == "out",
        marks=tuple(str(m) for m in row.marks if m != RESENT),
        acts=tuple((o.act.value, o.note) for o in offers(offered, row)) if offered else (),
    )


def _others(pairs: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((address, name) for address, name in pairs)


def _by(row: AnyRow, thread: Thread) -> str:
    """Who wrote it. Calls often tell an id alone: then by what the customer is known as now."""
    told: str | None = row.agent_name or row.author_name or row.author_handle
    if not told and row.role == "customer" and row.conversation_id == thread.row.id:
        return list_view.who(thread.row)
    return told or row.author_id or str(thread.row.account_handle)


def _above(row: AnyRow, names: Mapping[str, AnyRow], thread: Thread) -> tuple[str, str] | None:
    """Who wrote the comment or post that this one stands under, and its first words."""
    parent = names.get(row.in_reply_to or "")
    if row.in_reply_to == row.thread:
        return None  # the root post stands above them all
    if row.visibility != "public" or parent is None or parent.deleted_at is not None:
        return None
    return _by(parent, thread), parent.text


def _on_its_way(row: AnyRow, at: datetime, delivery: Delivery, here: files_view.ByOwner) -> Message:
    return Message(
        id=0,
        at=at,
        side="out",
        by=row.agent_name,
        text=row.text,
        visibility="public" if row.visibility == "public" else "private",
        automated=row.automated,
        files=here.reply.get(row.id, ()),
        others=_others(row.copies),
        delivery=delivery,
    )


def side(
    frame: Frame,
    thread: Thread,
    explain: Callable[[str], Any],
    how: Calculation | None = None,
) -> Side:
    """Customer, tags and why, the clock's evidence, and what was before."""
    row = thread.row
    said = [one for one in thread.messages if one.role == "customer"]
    return Side(
        customer=Customer(
            name=list_view.who(row),
            handle=row.contact_handle or "",
            channel=accounts_view.named(row.channel),
            since=thread.customer_since,
            languages=languages(one.lang or "" for one in said),
            **_known(thread),
        ),
        tags=list_view.tags_of(row),
        facts=clock_view.facts(frame, thread, turn(thread.turns[-1]), how)
        if thread.turns
        else None,
        why=why_view.why(thread.messages, explain),
        before=tuple(map(_earlier, thread.earlier)),
        case=tuple(_linked(one) for one in thread.case),
        case_undo=thread.joined,
        warned=tuple(noticing.told(thread.warned)),
    )


def _known(thread: Thread) -> dict[str, Any]:
    """What is known of the person beyond this identity."""
    person = thread.person
    return {
        "contact": person.id,
        "tags": person.tags,
        "vip": person.has("vip"),
        "muted": person.has("muted"),
        "blocked": person.has("blocked"),
        "ways": tuple(
            (accounts_view.named(one.channel), one.handle or one.name or one.external_id)
            for one in person.identities
            if one.id != thread.row.contact_id
        ),
        "note": thread.person_notes[0].text if thread.person_notes else "",
    }


def _linked(one: AnyRow) -> Linked:
    return Linked(
        id=one.id,
        channel=accounts_view.named(one.channel),
        who=one.name or one.handle or "?",
        kind=one.kind,
        status=one.status,
        due_at=one.due_at if one.status == "open" else None,
        preview=one.preview,
    )


def _earlier(one: AnyRow) -> Earlier:
    answered = one.end == "answered" and one.ended_at is not None
    return Earlier(
        id=one.id,
        channel=accounts_view.named(one.channel),
        category=one.category or "general",
        at=one.opened_at or one.last_message_at,
        waited_s=(one.ended_at - one.opened_at).total_seconds() if answered else None,
        in_time=answered and one.ended_at <= one.due_at,
    )

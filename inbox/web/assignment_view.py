"""From rows to the pages of assignment."""

from typing import Any

from inbox.flows import assigning
from inbox.flows.assigning import AtWork
from inbox.store import assigning as stored
from inbox.store import audit, conversations, teams
from inbox.store.session import Store
from inbox.web import accounts_view
from inbox.web.pages import Frame, Person, initials
from inbox.web.pages_assignment import AssignmentPage, GivePage, InQueue, Taker

SHOWN = 20
MOST = 1_000


def assignment_page(store: Store, frame: Frame, **more: Any) -> AssignmentPage:
    """`/assignment`; who is there and has room first."""
    with store.read() as session:
        on = stored.is_on(session)
        people = assigning.staff(session, frame.now)
        queue = assigning.queue(session, people, SHOWN)
        rows = conversations.some(session, [one.id for one, _ in queue])
        waiting = stored.count_waiting(session, MOST)
    return AssignmentPage(
        frame,
        on,
        tuple(sorted(map(_taker, people), key=lambda t: (not t.is_free, not t.on_duty))),
        waiting,
        tuple(
            InQueue(
                one.id,
                _name(rows[one.id]),
                accounts_view.named(rows[one.id].channel),
                one.due_at,
                one.language or "",
                one.category or "",
                stands if on else "hand",
                rows[one.id].team or "",
            )
            for one, stands in queue
            if one.id in rows
        ),
        MOST,
        **more,
    )


def give_page(store: Store, frame: Frame, conversation_id: int, **more: Any) -> GivePage | None:
    """`/conversations/{id}/give`; None where there is no such conversation."""
    with store.read() as session:
        row = conversations.one(session, conversation_id)
        if row is None:
            return None
        staff = assigning.staff(session, frame.now)
        people = [one for one in staff if row.account_id not in one.hidden]
        last = audit.newest(session, f"conversation:{conversation_id}", "assign", "assign_team")
        serving = {team for one in people for team in one.teams}
        known = [team for team in teams.everyone(session) if team.id in serving]
    takers = sorted(map(_taker, people), key=lambda t: (not t.is_free, not t.on_duty))
    owner = next((t.person for t in takers if t.person.id == row.assignee_id), None)
    rule = last.detail.get("rule") if last is not None else None
    return GivePage(
        frame,
        conversation_id,
        _name(row),
        accounts_view.named(row.channel),
        row.lang or "",
        row.category or "",
        owner,
        tuple(takers),
        rule or {},
        tuple((team.id, team.name) for team in known),
        row.team or "",
        **more,
    )


def _taker(one: AtWork) -> Taker:
    person = Person(one.name, initials(one.name), one.email, one.id, one.presence)
    return Taker(person, one.on_duty, one.open, one.capacity, one.languages, one.skills)


def _name(row: Any) -> str:
    return str(row.customer_name or row.customer_handle or row.customer_id)

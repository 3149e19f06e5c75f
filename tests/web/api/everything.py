"""A desk on which everything that a path of the API can name has the number 1, and what to send."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from inbox.domain.approval import Approval
from inbox.flows import approving, transfers
from inbox.store import views
from inbox.store.session import Store
from inbox.store.tables import AbsenceRow, RosterImport, SwapRow, User
from tests.clock import MONDAY
from tests.factories import (
    first_message,
    make_account,
    make_canned,
    make_conversation,
    make_delivery,
    make_endpoint,
    make_export,
    make_file,
    make_reply,
    make_run,
    make_surge,
    make_team,
)
from tests.mailed import make_report_mail
from tests.pictures import picture
from tests.playbooks import make_playbook
from tests.report_links import make_report_link

_DAY = {
    "id": "day",
    "name": "Day",
    "hours": "08:00-20:00",
    "groups": [["ada@lumenpay.example"]],
    "weekdays": ["wednesday"],
}
ICS = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
SUMMARY:Holiday
DTSTART;VALUE=DATE:20261207
DTEND;VALUE=DATE:20261209
END:VEVENT
END:VCALENDAR
"""
BODIES: dict[str, dict[str, Any]] = {
    "/conversations/{id}/reply": {"text": "hello", "shown": 1},
    "/conversations/{id}/assign": {},
    "/conversations/{id}/excuse": {"reason": "thanks", "shown": 1},
    "/conversations/{id}/resolve": {"reason": "thanks", "shown": 1},
    "/conversations/{id}/tags": {"category": "refund"},
    "/conversations/{id}/state": {"to": "reopen", "shown": 1},
    "/conversations/{id}/undo": {"step": 1},
    "/outbox/{id}": {"to": "look"},
    "/conversations/{id}/complaint": {"template": "psd2", "message": 1, "reason": "asks"},
    "/conversations/{id}/complaint/undo": {"reason": "a question"},
    "/conversations/{id}/complaint/final": {"message": None},
    "/conversations/{id}/notes": {"text": "@bo look"},
    "/conversations/{id}/draft": {"text": "We are"},
    "/notices/read": {"up_to": 1},
    "/webhooks": {"name": "Chat", "url": "https://chat.example", "events": ["reply.sent"]},
    "/contacts/{id}/join": {"other": 2},
    "/contacts/{id}/separate": {"identity": 2},
    "/contacts/{id}/marks": {"vip": True},
    "/contacts/{id}/tags": {"add": ["press"]},
    "/contacts/{id}/notes": {"text": "calls"},
    "/answers": {"name": "Hi", "shortcut": "hey", "texts": {"en": "Hello {customer}"}},
    "/answers/{id}": {"name": "Hi", "shortcut": "hi", "texts": {"en": "Hello"}},
    "/answers/{id}/restore": {"version": 1},
    "/playbooks": {"place": "payment", "texts": {"en": {"check": ["Look"]}}},
    "/playbooks/remove": {"place": "spam"},
    "/playbooks/restore": {"place": "account", "version": 1},
    "/conversations/{id}/playbook": {"place": "refund", "version": 1, "step": "check.0"},
    "/outbox/{id}/now": {"shown": 1},
    "/outbox/{id}/later": {"shown": 1, "send_at": "2026-11-23T12:00Z"},
    "/approvals/rule": {"own": True},
    "/outbox/{id}/approve": {"shown": 1},
    "/outbox/{id}/send-back": {"words": "Name the day."},
    "/bulk": {"conversations": [1], "actions": {"assign": "me"}},
    "/surges/{id}/send": {
        "conversations": [{"conversation": 2, "shown": 2}],
        "texts": {"en": "Hello"},
    },
    "/imports": {"messages": [{"channel": "x"}]},
    "/macros": {"name": "Mine", "actions": {"assign": "me"}},
    "/macros/{id}": {"name": "Mine", "actions": {"assign": "me"}},
    "/conversations/{id}/macro": {"macro": 1, "shown": 1},
    "/classifier/classify": {"text": "my money"},
    "/me/presence": {"state": "away"},
    "/me/look": {"theme": "dark"},
    "/conversations/{id}/here": {},
    "/assignment": {"on": True},
    "/rules": {"rules": [{"id": "night", "name": "Night", "hide": True}]},
    "/rules/try": {},
    "/users/{id}/work": {"languages": ["en"], "skills": [], "capacity": 5},
    "/teams": {"name": "Night"},
    "/teams/{id}": {"name": "Cards", "members": ["ada@lumenpay.example"]},
    "/reports/links": {"from": "2026-11-20", "to": "2026-11-22"},
    "/reports/editions": {"from": "2026-10-24", "to": "2026-10-24"},
    "/roster": {"shifts": [_DAY]},
    "/roster/absences": {"starts_at": "2026-12-01T00:00Z", "ends_at": "2026-12-02T00:00Z"},
    "/roster/swaps": {"shift": "day", "day": "2026-11-25", "takes": "bo@lumenpay.example"},
    "/roster/imports": {"ics": ICS, "person": "ada@lumenpay.example"},
    "/roster/swaps/{id}": {"event": "withdraw"},
    "/conversations/{id}/matter": {"other": 2},
    "/reports/recipients": {"address": "lead@lumenpay.example", "kinds": ["week"]},
    "/reports/recipients/{id}": {"address": "desk@lumenpay.example", "kinds": ["day"], "at": None},
    "/reports/mails/test": {"kind": "day"},
    "/views": {"name": "Open", "query": "is:open"},
    "/views/{id}": {"name": "Spam too", "query": "is:spam"},
    "/views/{id}/move": {"to": "down"},
}
KEYED = ("/reply", "/macro", "/bulk", "/send")
"""How the paths end that want an `Idempotency-Key`."""
_DAYS = "?from=2026-11-20&to=2026-11-22"
QUERIES = {
    "/reports": _DAYS,
    "/reports/editions": "?from=2026-10-24&to=2026-10-24",
    "/reports/evidence": _DAYS,
    "/reports/mails/preview": "?kind=week",
    "/search": "?q=refund",
}


def fill(store: Store, agent: User, data: Path) -> None:
    """`agent` is the desk's first person, `data` the data folder."""
    conversation = make_conversation(store, make_account(store))
    other = make_conversation(store)  # of somebody who can be joined
    make_surge(store, other)
    make_report_link(store)
    reply = make_reply(store, conversation, agent)
    for _ in range(2):  # one to approve, one to send back
        make_reply(store, conversation, agent, state="waiting")
    approving.set_rule(store, Approval(own=True), actor="cli", now=MONDAY)
    file = make_file(store, first_message(store), picture())
    make_export(store, data)
    transfers.begin_export(store, actor=agent.email, now=MONDAY)  # the second is stopped
    make_canned(store)
    for place in ("refund", "account", "spam"):  # one to tick, to bring back, to remove
        make_playbook(store, place)
    make_team(store)
    make_team(store, "Shops")  # the second is removed
    make_run(store, agent, job=True)
    make_run(store, agent)  # the second is removed
    make_canned(store, shortcut="bye")  # the second is removed
    make_delivery(store, make_endpoint(store))
    make_endpoint(store)  # the second is removed
    make_report_mail(store)
    make_report_mail(store, "ops@lumenpay.example")  # whose reader is removed
    made = {"made_by": "cli", "made_at": MONDAY}
    with store.write() as session:
        session.add(SwapRow(shift="a", day=MONDAY, gives_id=1, takes_id=1, state="offered", **made))
        until = MONDAY + timedelta(days=1)
        session.add(AbsenceRow(user_id=1, starts_at=MONDAY, ends_at=until, reason="", **made))
        session.add(RosterImport(file="x.ics", added=0, changed=0, ended=0, **made))
        views.add(session, 0, agent.id, "First", "is:open", MONDAY)
        views.add(session, 0, agent.id, "Second", "is:open", MONDAY)  # is removed
    assert agent.id == conversation.id == reply.id == file.id == 1


def path_of(template: str) -> str:
    """The address to call of a path under /api/v1."""
    path = template.replace("/{id}/remove", "/2/remove")
    path = path.replace("/{id}/approve", "/2/approve").replace("/{id}/send-back", "/3/send-back")
    path = path.replace("/transfers/{id}/stop", "/transfers/2/stop").replace("{id}", "1")
    return path + next((q for end, q in QUERIES.items() if template.endswith(end)), "")

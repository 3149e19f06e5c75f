"""Rules for complaints on the page of policies, and their form as a document."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from connectors.core.contract import word
from inbox.domain import written
from inbox.domain.complaints import SHIPPED
from inbox.domain.sla import WORKING_DAYS
from inbox.flows import complaints
from inbox.web.pages_policies import ComplaintRules

DEADLINE = re.compile(r"[1-9][0-9]{0,3}(h|bh|bd|d|m) +\S")
"""A line of deadlines as a form can have it: `10bd Answer`."""


def rules(session: Session) -> tuple[ComplaintRules, ...]:
    """All templates."""
    return tuple(
        ComplaintRules(
            id=one.id,
            name=one.name,
            source=one.source,
            deadlines=tuple((d.name, str(d.target)) for d in one.deadlines),
            pauses=one.pauses,
            own=one not in SHIPPED,
        )
        for one in complaints.templates(session)
    )


def draft(given: FormData) -> dict[str, str]:
    """What was typed, by field. Each deadline has three fields; together they are a line of
    `deadlines`, as documents write it (`10bd Answer`)."""
    names = ("name", "source", "deadlines", "calendar", "pauses")
    typed = {name: str(given.get(name, "")).strip() for name in names}
    rows = zip(given.getlist("amount"), given.getlist("unit"), given.getlist("what"), strict=False)
    lines = [f"{str(n).strip()}{unit} {what}".strip() for n, unit, what in rows if str(n).strip()]
    return typed | ({"deadlines": "\n".join(lines)} if lines else {})


def wrong_in(typed: Mapping[str, str]) -> dict[str, str]:
    """What is missing, by field."""
    found = {}
    if not typed["name"]:
        found["name"] = word("Give the rules a name.")
    lines = typed["deadlines"].splitlines()
    if not lines or not all(DEADLINE.match(line) for line in lines):
        found["deadlines"] = word(
            "At least one deadline is needed; each has a number, its unit and what it is for."
        )
    return found


def document(typed: Mapping[str, str], taken: Collection[str]) -> dict[str, Any]:
    """The template's document; its id is made from its name."""
    rows = []
    for line in typed["deadlines"].splitlines():
        within, _, name = line.strip().partition(" ")
        if within:
            rows.append({"within": within, "name": name.strip()})
    return {
        "id": written.fresh_id(typed["name"], taken, "complaint"),
        "name": typed["name"],
        "source": typed["source"],
        "calendar": typed["calendar"] or WORKING_DAYS,
        "pauses": typed["pauses"] == "yes",
        "deadline": rows,
    }

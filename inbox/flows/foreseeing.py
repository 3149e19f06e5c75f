"""When an answer would be due: a message that nobody wrote yet, judged as one that somebody did."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from classifier.labels import Category, Urgency
from connectors.core.contract import Kind, word
from inbox.domain.promises import Matter, Promise
from inbox.domain.written import Unclear
from inbox.flows.calculations import days_on_the_way
from inbox.flows.case_clocks import counted_in
from inbox.store import promises as stored
from inbox.store.tables import Account

Of = Literal["public", "internal", "matter"]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One promise about such a message. `of`: the answer to the customer, the team's own target, or
    the whole matter. `skipped` are (date, name or "") on the way that do not count."""

    of: Of
    promise: Promise
    skipped: tuple[tuple[date, str], ...]
    not_final: bool

    def told(self) -> dict[str, Any]:
        """As programs are told it."""
        promise = self.promise
        policy = promise.policy
        return {
            "of": self.of,
            "policy": {"id": policy.id, "version": policy.version, "name": policy.name},
            "target": str(promise.target),
            "due_at": promise.due_at,
            "calendar": counted_in(promise.target, promise.calendar, policy.calendar, promise.team),
            "skipped": [{"date": day, "name": name} for day, name in self.skipped],
            "not_final": self.not_final,
        }


def foresee(
    session: Session,
    account: Account,
    at: datetime,
    *,
    kind: str = "dm",
    category: str = "",
    urgency: str = "",
) -> list[Foreseen]:
    """What is promised about a first message to this account; the answer first. Raises
    `Unclear`."""
    for value, known in ((kind, Kind), (category, Category), (urgency, Urgency)):
        if value and value not in set(map(str, known)):
            raise Unclear(
                word("“{value}” is unknown; there are {known}."),
                value=value,
                known=", ".join(map(str, known)),
            )
    matter = Matter(account.channel, kind, category or None, urgency or None, account=account.id)
    promises, about = stored.promises(session), (matter, at)
    found = [_foreseen("public", at, promises.public(*about, True, None))]
    found += [_foreseen("internal", at, one) for one in promises.internal(*about, True, None)]
    return found + [_foreseen("matter", at, one) for one in promises.resolution(*about, None)]


def _foreseen(of: Of, at: datetime, promise: Promise) -> Foreseen:
    if not promise.target.by_calendar:
        return Foreseen(of, promise, (), False)
    calendar = promise.calendar
    days = days_on_the_way(at, promise.due_at, promise.target, calendar)
    skipped = tuple((day.day, day.name) for day in days if not day.works)
    years = {day.day.year for day in days}
    return Foreseen(of, promise, skipped, bool(years & calendar.not_final))

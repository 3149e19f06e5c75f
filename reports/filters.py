"""What a filter of a report means: which accounts, waits and messages are of it.

Of channel, account, category, urgency, language and team all figures can be said: each wait and
message has them. Who answered is known of answers alone: nobody's are the messages that came, the
promises that fell due and what still waits. So a report of agents has the figures of their answers,
and null for all others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from classifier.labels import Category, Urgency
from classifier.language import ONE_LANGUAGE, TOLD_APART, UNDECIDED
from connectors.core.contract import word
from inbox.store import people, report_cases, report_service, teams
from reports.figures import OUTSIDE, UNKNOWN, UNTAGGED, MessageRow, TurnRow
from reports.figures_service import EVERYONE, teams_of
from reports.tallies import Cell, Tally, cell_of
from reports.titles import title_of
from templates.filters import EVERYTHING, Choices, Filter

WRONG: Final = {
    "channel": word("There is no channel {name} here."),
    "account": word("There is no account {name} here; write channel and handle."),
    "category": word("There is no category {name}."),
    "urgency": word("There is no urgency {name}."),
    "language": word("There is no language {name} here."),
    "team": word("There is no team {name}."),
    "agent": word("Nobody here has the address {name}."),
}
THERE: Final = word("There are: {name}.")
NONE: Final = word("There is none yet.")
ANSWERS: Final = frozenset(("answered", "answers_in_time", "first_response", "next_response"))
"""Figures that can be said of a person."""
OF_NOBODY: Final = frozenset(
    (
        *("received", "turns_opened", "reopened", "turns_due", "answered_in_time"),
        *("share_in_time", "overdue_open", "running", "excused", "withdrawn", "turns_closed"),
        *("backlog", "resolution_s", "windows_missed", "masked", "classifier"),
        *("by_reason", "by_complaint", "by_silence"),
    )
)
"""Those that cannot, by their names in `report --json`, wherever in it but in `WHOLE`."""
WHOLE: Final = ("by_agent", "answers", "filter")
LANGUAGES: Final = frozenset((*TOLD_APART, *ONE_LANGUAGE.values(), UNDECIDED))
"""What a message can be in."""


class FilterWrong(ValueError):
    """A report is asked for by a value that there is not; the message says which there are."""

    def __init__(self, kind: str, value: str, known: Sequence[str]) -> None:
        there = THERE.format(name=", ".join(known)) if known else NONE
        super().__init__(f"{WRONG[kind].format(name=value)}\n{there}")


@dataclass(frozen=True, slots=True)
class Selection:
    """A filter, and the teams that serve each account (channel and handle) today."""

    filter: Filter
    served: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, session: Session, filter: Filter) -> "Selection":
        return cls(filter, report_service.served(session))

    def has_account(self, account: str) -> bool:
        """Of an account, as its key in figures, nothing but channel and team are known."""
        asked = self.filter
        return (
            _fits(asked.channel, account.partition(" ")[0])
            and _fits(asked.account, account)
            and (not asked.team or bool({*asked.team}.intersection(teams_of(account, self.served))))
        )

    def has_cell(self, cell: Cell) -> bool:
        channel, handle, language, category, urgency = cell
        return (
            _fits(self.filter.language, language or UNKNOWN)
            and _fits(self.filter.category, category or UNTAGGED)
            and _fits(self.filter.urgency, urgency or UNTAGGED)
            and self.has_account(f"{channel} {handle}")
        )

    def has(self, row: TurnRow | MessageRow) -> bool:
        """Of a wait also who answered."""
        answered_by = row.answered_by if isinstance(row, TurnRow) else ""
        return _fits(self.filter.agent, answered_by) and self.has_cell(cell_of(row))

    def tally(self, whole: Tally) -> Tally:
        """What it brought."""
        if not self.filter:
            return whole
        own = whole.only(self.has_cell)
        return own.answered_by(self.filter.agent) if self.filter.personal else own

    def figures(self, told: dict[str, Any]) -> dict[str, Any]:
        """Those that can be said of it."""
        return _sayable(told) if self.filter.personal else told


def choices(session: Session) -> Choices:
    """Everything that a filter may ask for."""
    accounts = report_cases.accounts(session)
    named = [team.name for team in teams.everyone(session)]
    persons = {user.email: user.name for user in people.everyone(session)}
    return Choices(
        {
            "channel": {one: title_of(one) for one in sorted({row.channel for row in accounts})},
            "account": _unnamed(sorted(f"{row.channel} {row.handle}" for row in accounts)),
            "category": _unnamed([*Category, UNTAGGED]),
            "urgency": _unnamed([*reversed(Urgency), UNTAGGED]),
            "language": _unnamed([*report_service.languages(session), UNKNOWN]),
            "team": _unnamed([*named, EVERYONE] if named else []),
            "agent": persons | {OUTSIDE: ""},
        }
    )


def checked(session: Session, given: Mapping[Any, Sequence[str]]) -> Filter:
    """The filter that asks for these values, by kind. Raises `FilterWrong`."""
    asked = Filter.of({kind: dict.fromkeys(values) for kind, values in given.items()})
    if not asked:
        return EVERYTHING
    known = choices(session).of
    for kind, value in asked.chosen:
        if value not in known[kind] and not (kind == "language" and value in LANGUAGES):
            raise FilterWrong(kind, value, list(known[kind]))
    return asked


def _unnamed(values: Sequence[str]) -> dict[str, str]:
    return {str(value): "" for value in values}


def _fits(asked: Sequence[str], value: str) -> bool:
    return not asked or value in asked


def _sayable(told: Any, group: bool = False) -> Any:
    """`group`: the names in it are keys, as a channel's, and not those of figures."""
    if not isinstance(told, dict):
        return told
    found = {}
    for name, inner in told.items():
        if not group and name in OF_NOBODY:
            inner = None
        elif group or name not in WHOLE:
            inner = _sayable(inner, not group and name.startswith("by_"))
        found[name] = inner
    return found

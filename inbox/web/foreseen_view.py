"""The policies page's question: when would the answer to such a message be due?"""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from classifier.labels import Category, Urgency
from connectors.core.contract import Kind
from inbox.domain.snooze import chosen
from inbox.domain.written import Unclear
from inbox.flows.foreseeing import Foreseen, foresee
from inbox.store import accounts
from inbox.store.session import Store
from inbox.web import accounts_view
from inbox.web.answers_view import number
from inbox.web.clock_view import of_team
from inbox.web.pages import Frame
from inbox.web.pages_foreseen import Choice, DueLine, Trial

MINUTES = "%Y-%m-%dT%H:%M"
YEARS = range(2000, 2100)


def trial(store: Store, frame: Frame, asked: Mapping[str, str]) -> Trial:
    """The form as it was asked, with the answer if it names an account; times are the brand's."""
    with store.read() as session:
        rows = accounts.seen(session)
        account = next((one for one in rows if one.id == number(asked.get("account", ""))), None)
        at = chosen(asked.get("at", ""), frame.zone)
        if at is None or at.year not in YEARS:
            at = frame.now.replace(second=0, microsecond=0)
        about = {name: asked.get(name, "") for name in ("category", "urgency")}
        kind = asked.get("kind") or str(Kind.DM)
        lines: tuple[DueLine, ...] = ()
        if account is not None:
            try:
                found = foresee(session, account, at, kind=kind, **about)
            except Unclear:  # the form offers nothing else
                found = []
            lines = tuple(map(_line, found))
    return Trial(
        accounts=tuple(
            Choice(one.id, accounts_view.named(one.channel), one.handle) for one in rows
        ),
        kinds=tuple(map(str, Kind)),
        categories=tuple(map(str, Category)),
        urgencies=tuple(map(str, reversed(Urgency))),
        account=account.id if account else 0,
        kind=kind,
        category=about["category"],
        urgency=about["urgency"],
        wall=at.astimezone(ZoneInfo(frame.zone)).strftime(MINUTES),
        lines=lines,
    )


def _line(one: Foreseen) -> DueLine:
    told = one.told()
    by_calendar = told["calendar"]["name"] != "clock"
    return DueLine(
        of=one.of,
        due_at=one.promise.due_at,
        policy=one.promise.policy.name,
        target=told["target"],
        calendar=told["calendar"]["name"] if by_calendar else "",
        of_team=of_team(told["calendar"]),
        skipped=one.skipped,
        not_final=one.not_final,
    )

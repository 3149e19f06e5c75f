"""The clock on the command line: why a turn is due when it is, and a period's figures."""

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from inbox.cli import case_clocks, filtering, foreseeing, promises
from inbox.cli.common import (
    AsJson,
    ConversationId,
    Stop,
    as_json,
    in_reach,
    instant_of,
    opened,
    out,
    table,
    when,
)
from inbox.cli.forecast import forecast
from inbox.config import utc_now
from inbox.domain.calendars import local_date
from inbox.domain.ids import BIGGEST_ID
from inbox.flows import case_telling, telling
from inbox.flows.calculations import Calculation, calculations
from inbox.store import accounts, conversations, turns
from inbox.store.session import Store
from inbox.store.tables import TurnRow
from reports import editions, pdf
from reports.document import document
from reports.render import file_of, page_of, text_summary
from reports.sheet import csv_text
from templates.filters import EVERYTHING, Filter
from templates.periods import Days
from templates.report import ReportPage

SINGULAR = {
    "channels": "channel",
    "kinds": "kind",
    "categories": "category",
    "urgencies": "urgency",
    "contact_tags": "the customer's tag",
}

NO_EDITION: Final = "No such edition is kept. See: replydesk report editions --date …"

sla = typer.Typer(help="The answer clock.", no_args_is_help=True)
sla.add_typer(promises.policies, name="policies")
sla.add_typer(promises.calendars, name="calendars")
sla.command()(forecast)
sla.command(name="when")(foreseeing.when_due)


@sla.command()
def explain(
    conversation: ConversationId,
    history: Annotated[bool, typer.Option(help="Superseded evaluations too.")] = False,
    json_: AsJson = False,
) -> None:
    """Each turn of a conversation: what opened it, when it was due, what ended it, and why."""
    with opened() as (_, store), store.read() as session:
        row = conversations.one(session, conversation)
        if row is None:
            raise Stop(f"There is no conversation {conversation}.")
        evidence = turns.evidence(session, conversation, history=history)
        reckoned = calculations(session, evidence)
        cases = case_telling.by_turn(session, conversation, utc_now(), history=history)
        said = {m.id: m for m in conversations.messages_of(session, conversation)}
    if json_:
        as_json(
            [
                telling.turn(turn, utc_now())
                | {"calculation": _as_json(how), "clocks": _clocks_of(turn, cases)}
                for turn, how in zip(evidence, reckoned, strict=True)
            ]
        )
        return
    if not evidence:
        out.print("No customer has written here: no clock ran.")
    for turn, how in zip(evidence, reckoned, strict=True):
        _tell(telling.turn(turn, utc_now()), how, said)
    for found in cases.values():
        for one in found:
            case_clocks.tell(one)


def _clocks_of(turn: TurnRow, cases: dict[int, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The case clocks that began with this turn; those of a superseded evaluation stand with the
    one in force."""
    return cases.get(turn.opened_by, []) if turn.superseded_at is None else []


def _as_json(how: Calculation) -> dict[str, Any]:
    return {
        "rule": how.rule,
        "conditions": dict(how.conditions),
        "days": [{"date": d.day, "counts": d.works, "name": d.name} for d in how.days],
        "not_final": how.not_final,
        "open_used_s": how.open_used_s,
        "window_closes_at": how.window_closes_at,
    }


def _tell(turn: dict[str, Any], how: Calculation, said: dict[int, Any]) -> None:
    made = table(f"Turn {turn['seq']} of episode {turn['episode']}: {turn['verdict']}", "", "")
    opened_by = said.get(turn["opened_by"])
    words = f": “{' '.join(opened_by.text.split())[:60]}”" if opened_by else ""
    made.add_row("opened", f"{when(turn['opened_at'])} by message {turn['opened_by']}{words}")
    policy = turn["policy"]
    made.add_row("policy", f"{policy['name']} v{policy['version']}, {policy['target']}")
    made.add_row("because", _because(how))
    made.add_row("calendar", promises.counted_in(turn["calendar"]))
    if how.skipped:
        made.add_row("skipped", _skipped(how))
    if how.not_final:
        made.add_row("not final", "holidays or make-up days on the way are not published yet")
    made.add_row("due", when(turn["due_at"]))
    for one in policy.get("internal", ()):
        due = f", due {when(turn['internal_due_at'])}" if one is policy["internal"][0] else ""
        made.add_row("internal", f"{one['name']} v{one['version']}, {one['target']}{due}")
    if how.window_closes_at and not turn["end"]:
        made.add_row("window", f"the platform takes answers until {when(how.window_closes_at)}")
    if turn["end"]:
        by = f" by message {turn['ended_by']}" if turn["ended_by"] else ""
        why = f" ({turn['reason']})" if turn["reason"] else ""
        made.add_row("ended", f"{when(turn['ended_at'])}, {turn['end']}{by}{why}")
    used = str(timedelta(seconds=round(turn["used_s"])))
    if how.open_used_s is not None:
        used += f", {timedelta(seconds=round(how.open_used_s))} of them open"
    made.add_row("used", used)
    out.print(made, markup=False)


def _because(how: Calculation) -> str:
    if how.policy is None:
        return "this version of the policy is not stored"
    if how.rule is not None:
        return f"the routing rule “{how.rule}” chose it"
    if not how.conditions:
        return "no policy with conditions fits; this one fits every turn"
    fits = " and ".join(
        f"{SINGULAR[name]} is {' or '.join(values)}" for name, values in how.conditions
    )
    return f"{fits}; no policy that fits has more conditions"


def _skipped(how: Calculation) -> str:
    return ", ".join(
        f"{day.day:%a %d %b}" + (f" ({day.name})" if day.name else "") for day in how.skipped
    )


def report(
    ctx: typer.Context,
    from_: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    to: Annotated[str | None, typer.Option(help="Last day, included.")] = None,
    day: Annotated[str | None, typer.Option("--date", help="One day.")] = None,
    tz: Annotated[str | None, typer.Option(help="Time zone; the brand's by default.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Instant with zone; now by default.")] = None,
    out_file: Annotated[Path | None, typer.Option("--out", help="Write an HTML page.")] = None,
    pdf_file: Annotated[Path | None, typer.Option("--pdf", help="Write a PDF.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="A line for each number.")] = False,
    edition: Annotated[
        int | None, typer.Option(help="As it was kept under this number.", min=1, max=BIGGEST_ID)
    ] = None,
    channel: filtering.Channel = None,
    account: filtering.Account = None,
    category: filtering.Category = None,
    urgency: filtering.Urgency = None,
    language: filtering.Language = None,
    team: filtering.Team = None,
    agent: filtering.Agent = None,
    json_: AsJson = False,
) -> None:
    """The figures of a period (docs/figures.md). Without a day: yesterday. Each filter may be given
    several times."""
    if ctx.invoked_subcommand is not None:
        return
    instant = instant_of(as_of, "--as-of") if as_of else utc_now()
    with opened() as (_, store):
        with store.read() as session:
            brand = accounts.brand(session)
            only = filtering.only(
                session, channel, account, category, urgency, language, team, agent
            )
        zone = zone_named(tz or accounts.zone_of(brand))
        days = Days(*days_of(from_, to, day, local_date(instant, zone)))
        if edition is None:
            made = document(store, days.first, days.last, zone, instant, only=only)
        else:
            whole_edition(tz, as_of, only)
            made = kept(store, days, edition).document
    if out_file or pdf_file:
        _files(page_of(made, edition), brand.locale if brand else "en", out_file, pdf_file)
    figures = made.figures
    if json_:
        as_json(figures)
    elif csv:
        sys.stdout.write(csv_text(figures))
    elif out_file or pdf_file:
        for file in filter(None, (out_file, pdf_file)):
            out.print(f"Written to {file}.", highlight=False)
    else:
        sys.stdout.write(text_summary(figures))


def kept(store: Store, days: Days, number: int) -> editions.Edition:
    """A stored edition. Raises `Stop`."""
    found = editions.edition_for(store, days, number)
    if found is None:
        raise Stop(NO_EDITION)
    return found


def whole_edition(tz: str | None, as_of: str | None, only: Filter = EVERYTHING) -> None:
    """Stops where something besides the days is asked of a stored edition."""
    if tz or as_of or only:
        raise Stop("An edition has its zone and instant and is of the whole desk.")


def _files(page: ReportPage, locale: str, html_file: Path | None, pdf_file: Path | None) -> None:
    if html_file is not None:
        _write(html_file, file_of(page, locale).encode())
    if pdf_file is not None:
        try:
            _write(pdf_file, pdf.pdf_of(page, locale))
        except pdf.NoPdf as e:
            raise Stop(str(e)) from e


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as e:
        raise Stop(f"{file} cannot be written: {e.strerror}.") from e


def days_of(from_: str | None, to: str | None, day: str | None, today: date) -> tuple[date, date]:
    if day and (from_ or to):
        raise Stop("Give --date, or --from and --to.")
    if day:
        return _day(day), _day(day)
    if not from_ and not to:
        yesterday = today - timedelta(days=1)
        return yesterday, yesterday
    first = _day(from_ or to or "")
    last = _day(to or from_ or "")
    if last < first:
        raise Stop("--to lies before --from.")
    return first, last


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as e:
        raise Stop(f"“{text}” is no day; write YYYY-MM-DD.") from e
    return in_reach(text, day)


def zone_named(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as e:
        raise Stop(f"“{name}” is no time zone; write for example Europe/Lisbon.") from e

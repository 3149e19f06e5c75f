"""A report as people see it: the page's context, the mail, a file that opens from disk, a table."""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

import css_inline
from pydantic import TypeAdapter

from connectors.core.contract import word
from connectors.core.mail import new_message
from reports.charts import columns_png
from reports.document import Document
from reports.figures import OUTSIDE
from reports.figures_service import EVERYONE
from reports.titles import people_and_channels, title_of
from templates import closest_locale, render, said, words
from templates.filters import Filter
from templates.periods import Days
from templates.report import Agent, Ahead, Broken, Figures, Group, ReportPage, Spread
from templates.report_further import Further, OpenHours
from templates.report_trend import DayFigures, Trend

URGENT_FIRST = ("critical", "high", "normal", "low")
STYLES = ("tokens.css", "base.css", "sheet.css", "report.css")
TEST = word("Test")
STATIC = files("inbox") / "web" / "static"

_figures: TypeAdapter[Figures] = TypeAdapter(Figures)
_spread: TypeAdapter[Spread] = TypeAdapter(Spread)
_further: TypeAdapter[Further] = TypeAdapter(Further)
_open: TypeAdapter[OpenHours | None] = TypeAdapter(OpenHours | None)
_by_day: TypeAdapter[dict[date, DayFigures]] = TypeAdapter(dict[date, DayFigures])
_inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def page_of(made: Document, edition: int | None = None, *, base: str = "") -> ReportPage:
    """The context of page, mail and file. `edition` None: taken now, not stored.

    `base` stands before links: empty where the page is served, else the public address.
    """
    numbers = _known(made.figures)
    only = Filter.of(numbers.get("filter", {}))
    return ReportPage(
        brand=made.brand,
        zone=numbers["zone"],
        first=date.fromisoformat(numbers["from"]),
        last=date.fromisoformat(numbers["to"]),
        as_of=datetime.fromisoformat(numbers["as_of"]),
        figures=_figures.validate_python(numbers),
        by_channel=_busiest_first(_groups(numbers["by_channel"], words.CHANNELS)),
        by_account=_busiest_first(_accounts(numbers.get("by_account", {}))),
        by_language=_busiest_first(_groups(numbers.get("by_language", {}))),
        by_category=_busiest_first(_groups(numbers["by_category"])),
        by_urgency=_urgent_first(_groups(numbers["by_urgency"])),
        by_team=tuple(_teams(numbers.get("by_team", {}))),
        further=_more(numbers),
        earlier=_more(numbers.get("previous", {})),
        trend=_trend(numbers, made.target_share),
        by_agent=_agents(numbers["by_agent"], made.names),
        waits=made.waits,
        broken=tuple(map(_shown, made.broken)),
        backlog=numbers.get("backlog"),
        by_hour={key: hour.get("received", 0) for key, hour in numbers.get("by_hour", {}).items()},
        target_share=made.target_share,
        within_h=made.within_h,
        before=made.before,
        previous=_figures.validate_python(numbers["previous"]) if "previous" in numbers else None,
        base=base,
        late_now=tuple(map(_shown, made.late_now)),
        late_count=len(made.late_now) if made.late_count is None else made.late_count,
        due_today=made.due_today,
        due_before_noon=made.due_before_noon,
        ahead=made.ahead and _named(made.ahead),
        edition=edition,
        filter=only,
        people=people_and_channels(made.names, only),
    )


def _known(told: Any) -> Any:
    """Without what is null, and so not told: a page has its own way to say that."""
    if not isinstance(told, Mapping):
        return told
    return {name: _known(inner) for name, inner in told.items() if inner is not None}


def mail(
    page: ReportPage,
    locale: str,
    sender: str,
    recipient: str,
    message_id: str,
    *,
    test: bool = False,
) -> EmailMessage:
    """The report as a mail: HTML with a plain-text alternative, nothing to load from elsewhere.

    A `test` is marked in its subject. `message_id` comes without brackets. Its date is the report's
    instant, so that a second try is the same mail.
    """
    where = closest_locale(locale), page.zone
    message = new_message()
    message["From"] = sender
    message["To"] = recipient
    subject = " ".join(render("mail/report_subject.txt", *where, report=page).split())
    message["Subject"] = f"[{said(where[0], TEST)}] {subject}" if test else subject
    message["Date"] = format_datetime(page.as_of)
    message["Message-ID"] = f"<{message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(render("mail/report.txt", *where, report=page).strip() + "\n")
    content_id = f"waits.{message_id}"
    html = _inliner.inline(mail_html(page, locale, f"cid:{content_id}"))
    message.add_alternative(html, subtype="html")
    if page.waits:
        (_, shown) = message.iter_parts()
        about: dict[str, Any] = {"cid": f"<{content_id}>", "disposition": "inline"}
        shown.add_related(waits_png(page), "image", "png", filename="waits.png", **about)
    return message


def mail_html(page: ReportPage, locale: str, picture: str | None = None) -> str:
    """The mail's HTML before its one style sheet is copied onto the elements, where most programs
    for mail look for it: in a browser both look the same, and this needs no inline style.

    `picture` is the address of `waits_png`; without one it stands in the page itself.
    """
    address = picture or data_uri(waits_png(page))
    where = closest_locale(locale), page.zone
    return render("mail/report.html", *where, report=page, picture=address)


def waits_png(page: ReportPage) -> bytes:
    """How long people waited, by two hours."""
    counts = page.by_two_hours
    return columns_png(counts, len(counts) - 1)


def data_uri(png: bytes) -> str:
    """A picture as an address that needs no other file."""
    return f"data:image/png;base64,{b64encode(png).decode()}"


def file_of(page: ReportPage, locale: str) -> str:
    """A report as one HTML file: styles and icons inside, no scripts, opens from disk. It shows
    names, so it is not for strangers."""
    css = "\n".join((STATIC / name).read_text("utf-8") for name in STYLES)
    html = render(
        "reports/file.html", closest_locale(locale), page.zone, report=page, css=css, icons=_icons()
    )
    return html.replace('href="/static/icons.svg#', 'href="#')


def text_summary(figures: Mapping[str, Any]) -> str:
    """The figures of `report_json` as plain English text for a terminal, ending in a newline."""
    days = " to ".join(dict.fromkeys((figures["from"], figures["to"])))
    asked = figures.get("filter", {})  # early editions have none
    only = [f"{kind} {' or '.join(values)}" for kind, values in asked.items()]
    head = [f"{days} ({figures['zone']}), as of {figures['as_of']}"]
    head += [f"only {', '.join(only)}"] if only else []
    return "\n".join([*head, "", *(_of_people if "agent" in asked else _of_all)(figures)])


def _of_people(figures: Mapping[str, Any]) -> list[str]:
    """What can be said of some people's answers."""
    answers = figures["answers"]
    return [
        f"answered       {answers['answered']} ({answers['answered_in_time']} in time)",
        f"first answer   {_wait(figures['first_response_s'])}",
        f"next answer    {_wait(figures['next_response_s'])}",
        *_agents_table(figures),
        "",
    ]


def _of_all(figures: Mapping[str, Any]) -> list[str]:
    lines = [
        f"in time        {_share(figures)}{_of_due(figures)}",
        f"late, open     {figures['overdue_open']}",
        f"running        {figures['running']}",
        f"received       {figures['received']} ({figures['turns_opened']} new waits, "
        f"{figures['excused']} excused, {figures['withdrawn']} withdrawn)",
        f"first answer   {_wait(figures['first_response_s'])}",
        f"next answer    {_wait(figures['next_response_s'])}",
        f"until resolved {_wait(figures['resolution_s'])}",
        f"windows missed {figures['windows_missed']}",
    ]
    for kind in ("channel", "category", "urgency", "team"):
        rows = [
            (key, group["turns_due"], group["turns_due"] - group["answered_in_time"], _share(group))
            for key, group in sorted(figures[f"by_{kind}"].items())
        ]
        lines += _table((kind, "due", "late", "in time"), rows)
    if figures["from"] != figures["to"]:
        days_told = (
            (day, one["received"], one["turns_due"], _share(one), _wait(one["first_response_s"]))
            for day, one in figures["by_day"].items()
        )
        lines += _table(("day", "received", "due", "in time", "first answer"), days_told)
    lines += _agents_table(figures)
    deadlines = [
        (key, one["met"], one["missed"], one["running"])
        for key, one in figures["by_complaint"].items()
    ]
    return [*lines, *_table(("complaints", "met", "missed", "running"), deadlines), ""]


def _agents_table(figures: Mapping[str, Any]) -> list[str]:
    rows = [
        (key, agent["answered"], agent["answered_in_time"], _wait(agent["first_response_s"]))
        for key, agent in sorted(figures["by_agent"].items())
    ]
    return _table(("agent", "answered", "in time", "first answer"), rows)


def _more(numbers: Mapping[str, Any]) -> Further | None:
    """None in what was stored before it was counted."""
    return _further.validate_python(numbers) if "open_hours" in numbers else None


def _trend(numbers: Mapping[str, Any], target: float | None) -> Trend | None:
    """None as well."""
    if "by_day" not in numbers:
        return None
    days = Days(*(date.fromisoformat(numbers[end]) for end in ("from", "to")))
    return Trend(days, _by_day.validate_python(numbers["by_day"]), target)


def _groups(by_key: Mapping[str, Any], known: Mapping[str, str] | None = None) -> list[Group]:
    """One group for each key; where `known` names some channels, the others have their title."""
    return [
        Group(
            key,
            _figures.validate_python(numbers),
            name=None if known is None or key in known else title_of(key),
            glyph=None if known is None else _glyph(key),
        )
        for key, numbers in by_key.items()
    ]


def _accounts(by_key: Mapping[str, Any]) -> list[Group]:
    """Each with the sign of its channel and its handle."""
    found = []
    for group in _groups(by_key):
        on, _, handle = group.key.partition(" ")
        found.append(replace(group, name=handle, glyph=_glyph(on)))
    return found


def _teams(by_key: Mapping[str, Any]) -> list[Group]:
    """By name; what no team serves comes last, without one."""
    groups = [replace(one, name=one.key, glyph=None) for one in _groups(by_key)]
    return sorted(groups, key=lambda one: (one.key == EVERYONE, one.key))


def _busiest_first(groups: Iterable[Group]) -> tuple[Group, ...]:
    def rank(group: Group) -> tuple[int, int, str]:
        return -group.figures.turns_due, -group.figures.received, group.key

    return tuple(sorted(groups, key=rank))


def _urgent_first(groups: Iterable[Group]) -> tuple[Group, ...]:
    rank = {key: n for n, key in enumerate(URGENT_FIRST)}
    return tuple(sorted(groups, key=lambda group: (rank.get(group.key, len(rank)), group.key)))


def _agents(by_agent: Mapping[str, Any], names: Mapping[str, str]) -> tuple[Agent, ...]:
    agents = (
        Agent(
            None if email == OUTSIDE else names.get(email, email),
            figures["answered"],
            figures["answered_in_time"],
            _spread.validate_python(figures["first_response_s"]),
            _spread.validate_python(figures["next_response_s"]),
            email,
            _open.validate_python(figures.get("open_hours")),
        )
        for email, figures in by_agent.items()
    )
    return tuple(sorted(agents, key=lambda agent: (-agent.answered, agent.name or "")))


def _shown(one: Broken) -> Broken:
    return replace(one, **spelled(one.channel))


def _named(ahead: Ahead) -> Ahead:
    alone = tuple(replace(one, **spelled(one.channel)) for one in ahead.alone)
    return replace(ahead, alone=alone)


def spelled(channel: str) -> dict[str, Any]:
    """How a channel is shown: its sign, and its name where no word is known for it."""
    name = None if channel in words.CHANNELS else title_of(channel)
    return {"glyph": _glyph(channel), "channel_name": name}


def _glyph(channel: str) -> str:
    return channel if f'id="c-{channel}"' in _icons() else "other"


@lru_cache
def _icons() -> str:
    """The icon sheet, to stand inside a file: without comments, hidden."""
    sheet = (STATIC / "icons.svg").read_text("utf-8")
    return re.sub(r"<!--.*?-->", "", sheet, flags=re.DOTALL).replace("<svg", "<svg hidden", 1)


def _share(figures: Mapping[str, Any]) -> str:
    """Never rounded up to 100 while one is missing."""
    share = figures["share_in_time"]
    if share is None:
        return "nothing due"
    percent = round(share * 100, 1)
    return f"{99.9 if share < 1 and percent == 100 else percent} %"


def _of_due(figures: Mapping[str, Any]) -> str:
    due = figures["turns_due"]
    return f" ({figures['answered_in_time']} of {due} due)" if due else ""


def _wait(spread: Mapping[str, Any]) -> str:
    if not spread["count"]:
        return "–"
    median, p90 = (_minutes(spread[key]) for key in ("median", "p90"))
    return f"median {median}, 9 of 10 within {p90} ({spread['count']})"


def _minutes(seconds: float) -> str:
    hours, minutes = divmod(int(seconds) // 60, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    """Aligned lines after an empty one; nothing when there are no rows."""
    cells = [tuple(map(str, row)) for row in rows]
    if not cells:
        return []
    wide = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    return [
        "",
        *(
            "  ".join((line[0].ljust(wide[0]), *map(str.rjust, line[1:], wide[1:]))).rstrip()
            for line in (head, *cells)
        ),
    ]

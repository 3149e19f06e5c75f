"""What the commands share: the store of the settings, JSON out, people out."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from sqlalchemy.orm import Session

from inbox.config import Settings
from inbox.domain.ids import BIGGEST_ID
from inbox.flows.neutral import YEARS
from inbox.store import agents
from inbox.store.session import Store

Day = TypeVar("Day", bound=date)  # a datetime is a date too

out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

ConversationId = Annotated[int, typer.Argument(help="Its number.", min=1, max=BIGGEST_ID)]


class Stop(RuntimeError):
    """The command cannot go on; the message names the cause and the next step."""


@contextmanager
def opened() -> Iterator[tuple[Settings, Store]]:
    """Settings and a database that is ready."""
    settings = Settings()
    settings.cipher  # noqa: B018 - makes the key file with the data folder
    store = Store(settings.url)
    store.ready()
    try:
        yield settings, store
    finally:
        store.close()


def instant_of(text: str, option: str) -> datetime:
    """An instant in UTC, as an option has it."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as e:
        raise Stop(f"“{text}” is no time; write for example 2026-11-20T07:00:00Z.") from e
    if instant.tzinfo is None:
        raise Stop(f"{option} needs a zone, for example 2026-11-20T07:00:00Z.")
    return in_reach(text, instant).astimezone(UTC)


def in_reach(text: str, day: Day) -> Day:
    """Stops at years whose first or last day some zone cannot show."""
    if day.year not in YEARS:
        raise Stop(f"“{text}” lies outside the years {YEARS[0]} to {YEARS[-1]}.")
    return day


def agent_id(session: Session, address: str) -> int:
    """Whose e-mail address it is."""
    found = agents.signed_up(session, address)
    if found is None:
        raise Stop(f"No agent has the address {address}. See: replydesk users add")
    return found


def as_json(value: Any) -> None:
    """One JSON document on stdout; instants as ISO 8601 in UTC."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=_plain)
    sys.stdout.write("\n")


def table(title: str, *columns: str) -> Table:
    """An empty table for people."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="dim")
    for column in columns:
        made.add_column(column)
    return made


def progress() -> Progress:
    """A bar on a terminal, nothing elsewhere."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


def when(instant: datetime | None) -> str:
    """An instant for people: minutes, UTC."""
    return instant.strftime("%Y-%m-%d %H:%M UTC") if instant else "–"


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value)

"""Canned answers on the command line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from inbox.cli.common import AsJson, Stop, as_json, err, opened, out, table
from inbox.config import utc_now
from inbox.domain.answers import BadAnswer, Canned
from inbox.flows import answer_lines
from inbox.flows import answers as flow
from inbox.flows.answers import By
from inbox.store import answers as stored
from inbox.store.session import Store
from inbox.store.tables import CannedAnswer

app = typer.Typer(help="Answers that are written once and sent often.", no_args_is_help=True)

OPERATOR = By(0, "cli", "", leads=True)
Shortcut = Annotated[str, typer.Argument(help="Its shortcut, such as refund.")]


@contextmanager
def _opened() -> Iterator[Store]:
    try:
        with opened() as (_, store):
            yield store
    except BadAnswer as e:
        raise Stop(str(e)) from e


@app.command(name="list")
def list_(json_: AsJson = False) -> None:
    """The team's answers, by name."""
    with _opened() as store, store.read() as session:
        rows = stored.listed(session, stored.TEAM)
    if json_:
        as_json({"answers": [_told(row) for row in rows]})
        return
    made = table("Answers", "shortcut", "name", "for", "languages", "sent")
    for row in rows:
        about = ".".join(filter(None, (row.category, row.topic))) or "any"
        made.add_row(row.shortcut, row.name, about, ", ".join(row.texts), str(row.uses))
    out.print(made, markup=False)


@app.command()
def show(shortcut: Shortcut, json_: AsJson = False) -> None:
    """One of them: its texts and versions."""
    with _opened() as store, store.read() as session:
        row = _found(stored.by_shortcut(session, stored.TEAM, shortcut), shortcut)
        versions = stored.versions(session, row.id)
    if json_:
        told = [
            {"version": v.version, "by": v.by, "at": v.at, **(v.written or {})} for v in versions
        ]
        as_json(_told(row) | {"versions": told})
        return
    out.print(f"{row.name} (/{row.shortcut}), version {row.version}", style="bold", markup=False)
    for lang, text in row.texts.items():
        out.print(f"{lang}: {text}", markup=False, highlight=False)


@app.command(name="set")
def set_(
    shortcut: Shortcut,
    name: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    text: Annotated[
        list[str] | None, typer.Option(help="LANGUAGE=WORDS; repeat for several languages.")
    ] = None,
    about: Annotated[
        str | None, typer.Option(help="category or category.topic; empty for any.")
    ] = None,
) -> None:
    """Write an answer of the team, or change what is given of one."""
    with _opened() as store:
        with store.read() as session:
            row = stored.by_shortcut(session, stored.TEAM, shortcut)
        before = stored.canned(row) if row else Canned(name or shortcut, shortcut, {})
        category, _, topic = (
            about.partition(".") if about is not None else (before.category, "", before.topic)
        )
        texts = dict(before.texts) | dict(_text(one) for one in text or ())
        wanted = Canned(name or before.name, shortcut, texts, category, topic)
        if row is None:
            flow.add(store, wanted, own=False, by=OPERATOR, now=utc_now())
            version = 1
        else:
            version = flow.change(store, row.id, wanted, by=OPERATOR, now=utc_now())
    out.print(f"/{shortcut} is version {version}.", highlight=False)


@app.command()
def remove(shortcut: Shortcut) -> None:
    """Take an answer out of every list."""
    with _opened() as store:
        with store.read() as session:
            row = _found(stored.by_shortcut(session, stored.TEAM, shortcut), shortcut)
        flow.remove(store, row.id, by=OPERATOR, now=utc_now())
    out.print(f"/{shortcut} is removed; its page /answers/{row.id} brings it back.")


@app.command()
def export() -> None:
    """The team's answers as JSON lines."""
    with _opened() as store, store.read() as session:
        for line in answer_lines.lines(session):
            sys.stdout.write(f"{line}\n")


@app.command(name="import")
def import_(
    file: Annotated[str, typer.Argument(help="Such a file, or - for standard input.")],
) -> None:
    """Take answers from JSON lines; a known shortcut becomes a new version."""
    lines = lines_of(file)
    with _opened() as store:
        tell_read(answer_lines.read(store, lines, by=OPERATOR, now=utc_now()))


def lines_of(file: str) -> list[str]:
    """Of a file of JSON lines, or of standard input. Raises `Stop`."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise Stop(f"{file} cannot be read: {e}.") from e
    return answer_lines.lines_in(text)


def tell_read(done: answer_lines.Read) -> None:
    """What became of the lines; it fails where one was refused."""
    out.print(f"{done.new} new, {done.changed} changed, {done.same} the same.", highlight=False)
    for number, why in done.refused:
        err.print(f"line {number}: {why}", highlight=False, markup=False, soft_wrap=True)
    if done.refused:
        raise typer.Exit(1)


def _text(given: str) -> tuple[str, str]:
    lang, equals, words = given.partition("=")
    if not equals:
        raise Stop("--text takes LANGUAGE=WORDS, such as en='Hello {customer}'.")
    return lang, words


def _found(row: CannedAnswer | None, shortcut: str) -> CannedAnswer:
    if row is None:
        raise Stop(f"There is no answer /{shortcut}. See: replydesk answers list")
    return row


def _told(row: CannedAnswer) -> dict[str, object]:
    return {
        "id": row.id,
        **stored.document(stored.canned(row)),
        "uses": row.uses,
        "version": row.version,
    }

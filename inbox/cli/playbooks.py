"""Playbooks on the command line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlalchemy.exc import NoResultFound

from inbox.cli.answers import OPERATOR, lines_of, tell_read
from inbox.cli.common import AsJson, Stop, as_json, opened, out, table
from inbox.config import utc_now
from inbox.domain.answers import language_of
from inbox.domain.playbooks import PARTS, BadPlaybook, steps_of
from inbox.flows import playbook_lines
from inbox.flows import playbooks as flow
from inbox.store import playbooks as stored
from inbox.store.session import Store
from inbox.store.tables import PlaybookRow

app = typer.Typer(help="What to do about each topic, step by step.", no_args_is_help=True)

Place = Annotated[str, typer.Argument(help="A category or category.topic, such as refund.status.")]


@contextmanager
def _opened() -> Iterator[Store]:
    try:
        with opened() as (_, store):
            yield store
    except BadPlaybook as e:
        raise Stop(str(e)) from e
    except NoResultFound as e:
        raise Stop("There is no such playbook. See: replydesk playbooks list") from e


@app.command(name="list")
def list_(json_: AsJson = False) -> None:
    """The playbooks, in the order of the topics."""
    with _opened() as store, store.read() as session:
        rows = stored.listed(session)
    if json_:
        as_json({"playbooks": [_told(row) for row in rows]})
        return
    made = table("Playbooks", "for", "languages", "steps", "answers", "version")
    for row in rows:
        one = stored.playbook(row.place, row.written)
        steps = steps_of(next(iter(one.texts.values())))
        answers = ", ".join(f"/{name}" for name in one.answers)
        made.add_row(row.place, ", ".join(one.texts), str(len(steps)), answers, str(row.version))
    out.print(made, markup=False)


@app.command()
def show(
    place: Place,
    lang: Annotated[str, typer.Option(help="In this language, if it has it.")] = "en",
    json_: AsJson = False,
) -> None:
    """One of them."""
    with _opened() as store, store.read() as session:
        row = stored.one(session, place)
        if row is None:
            raise NoResultFound
        versions = stored.versions(session, place)
    if json_:
        as_json(_told(row) | {"versions": [{"version": v.version, "by": v.by} for v in versions]})
        return
    one = stored.playbook(place, row.written)
    out.print(f"{place}, version {row.version}", style="bold", markup=False)
    for part, lines in one.texts[language_of(one.texts, lang)].items():
        out.print(f"{PARTS[part]}:", markup=False)
        for line in lines:
            out.print(f"  - {line}", markup=False, highlight=False)


@app.command()
def remove(place: Place) -> None:
    """Show a playbook nowhere."""
    with _opened() as store:
        flow.remove(store, place, by=OPERATOR, now=utc_now())
    out.print(f"{place} is removed; its page /playbooks/edit?place={place} brings it back.")


@app.command()
def starters() -> None:
    """Take over the ready playbooks of every topic that has none."""
    with _opened() as store:
        ready = playbook_lines.starters()
        taken = playbook_lines.adopt(store, ready, by=OPERATOR, now=utc_now())
    out.print(f"{taken} taken over.", highlight=False)


@app.command()
def export() -> None:
    """The playbooks as JSON lines."""
    with _opened() as store, store.read() as session:
        for line in playbook_lines.lines(session):
            sys.stdout.write(f"{line}\n")


@app.command(name="import")
def import_(
    file: Annotated[str, typer.Argument(help="Such a file, or - for standard input.")],
) -> None:
    """Take playbooks from JSON lines; one for a place that has one becomes its next version."""
    lines = lines_of(file)
    with _opened() as store:
        tell_read(playbook_lines.read(store, lines, by=OPERATOR, now=utc_now()))


def _told(row: PlaybookRow) -> dict[str, object]:
    return {"place": row.place, **row.written, "version": row.version}

"""Routing rules on the command line."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from inbox.cli.common import AsJson, Stop, as_json, opened, out, table
from inbox.config import utc_now
from inbox.domain import rules_written, toml
from inbox.flows import rule_book
from inbox.flows.policies import read_toml
from inbox.store import ruling as stored

app = typer.Typer(help="What happens by itself when a message comes in.", no_args_is_help=True)

Version = Annotated[int | None, typer.Option("--version", help="An earlier version.", min=1)]


@app.command(name="list")
def list_(json_: AsJson = False) -> None:
    """The rules in the order in which they are asked."""
    with opened() as (_, store), store.read() as session:
        row = stored.newest(session)
    number, found = row.number if row else 0, stored.rules(row)
    if json_:
        as_json({"version": number, "rules": rules_written.document(found)["rule"]})
        return
    made = table(f"Rules, version {number}", "id", "name", "", "does")
    for rule in found:
        does = ", ".join(f"{name} {value}".strip() for name, value in rule.actions)
        made.add_row(rule.id, rule.name, "on" if rule.on else "off", does)
    out.print(made, markup=False)


@app.command()
def show(version: Version = None) -> None:
    """The rules as a file that `set` takes."""
    with opened() as (_, store), store.read() as session:
        known = {row.number: row for row in stored.versions(session)}
    if version is not None and version not in known:
        raise Stop(f"There is no version {version}.")
    row = known[version] if version else next(reversed(known.values()), None)
    sys.stdout.write(toml.written(rules_written.document(stored.rules(row))))


@app.command(name="set")
def set_(
    file: Annotated[str, typer.Argument(help="A TOML file, or - for standard input.")],
) -> None:
    """All rules anew, from a file; a new version."""
    document = read_toml(_read(file))
    with opened() as (_, store):
        number = rule_book.change(store, document, actor="cli", now=utc_now())
    out.print(f"Version {number}.", highlight=False)


@app.command(name="test")
def try_out(
    file: Annotated[str, typer.Argument(help="A TOML file; the rules in force if left out.")] = "",
    days: Annotated[int, typer.Option(help="How many days back.", min=1, max=31)] = 7,
    json_: AsJson = False,
) -> None:
    """What rules would have done with the messages of the last days; nothing is done."""
    with opened() as (_, store), store.read() as session:
        rules = (
            rules_written.rules(read_toml(_read(file)))
            if file
            else stored.rules(stored.newest(session))
        )
        trial = rule_book.try_out(session, rules, utc_now(), days)
    if json_:
        as_json(rule_book.told(trial))
        return
    of = f"{trial.messages}{' (the newest)' if trial.is_cut else ''}"
    made = table(f"Of {of} messages of {days} days", "rule", "messages", "does", "conversations")
    for one in trial.hits:
        does = ", ".join(f"{n} {v}".strip() + f": {c}" for (n, v), c in one.actions.items())
        some = ", ".join(str(row.conversation_id) for row in one.shown[:5])
        made.add_row(one.rule.id, str(one.messages), does, some)
    out.print(made, markup=False)


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise Stop(f"{file} cannot be read: {e}.") from e

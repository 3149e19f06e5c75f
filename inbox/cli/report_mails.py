"""Mailed reports on the command line: who gets them, how they look, and what became of each."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from connectors.core.errors import ConnectorError
from inbox.cli.common import AsJson, Stop, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.domain.ids import BIGGEST_ID
from inbox.flows import report_recipients as flow
from inbox.flows.report_recipients import NoSuchRecipient, RecipientInvalid, Wanted
from inbox.store import report_mails as stored
from reports import mails as mailing
from templates.periods import KINDS, ReportKind

recipients = typer.Typer(help="Who gets which reports, in which language and when.")

Id = Annotated[int, typer.Argument(help="Its number.", min=1, max=BIGGEST_ID)]
Kind = Annotated[ReportKind, typer.Argument(help="The report of a day, week or month.")]
Locale = Annotated[str, typer.Option(help="en or zh_Hans_CN.")]
Reports = Annotated[
    list[str] | None, typer.Option("--report", help="day, week or month; repeat for several.")
]
At = Annotated[str | None, typer.Option(help="Local time, HH:MM; empty: the brand's report time.")]


@recipients.callback(invoke_without_command=True)
def list_(ctx: typer.Context, json_: AsJson = False) -> None:
    """Everybody who gets reports."""
    if ctx.invoked_subcommand is not None:
        return
    with opened() as (_, store), store.read() as session:
        rows = [flow.told(row) for row in stored.recipients(session)]
    if json_:
        as_json(rows)
        return
    made = table("Who gets reports", "id", "address", "reports", "language", "time")
    for row in rows:
        at = row["at"] or "the brand's"
        made.add_row(str(row["id"]), row["address"], ", ".join(row["kinds"]), row["locale"], at)
    out.print(made, markup=False)


@recipients.command()
def add(address: str, report: Reports = None, locale: Locale = "en", at: At = None) -> None:
    """Send reports to an address; without --report all three."""
    with opened() as (_, store):
        wanted = Wanted(address, locale, report or KINDS, at or "")
        try:
            made = flow.add(store, wanted, actor="cli", now=utc_now())
        except RecipientInvalid as e:
            raise Stop(e.reason) from e
    out.print(f"Recipient {made}: from the next report on.", highlight=False)


@recipients.command()
def change(
    id_: Id,
    address: Annotated[str | None, typer.Option()] = None,
    report: Reports = None,
    locale: Annotated[str | None, typer.Option(help="en or zh_Hans_CN.")] = None,
    at: At = None,
) -> None:
    """Change what is given."""
    with opened() as (_, store):
        with store.read() as session:
            row = stored.recipient(session, id_)
        try:
            if row is None:
                raise NoSuchRecipient(flow.unknown(id_))
            wanted = Wanted(
                row.address if address is None else address,
                locale or row.locale,
                report or row.kinds,
                (row.at or "") if at is None else at,
            )
            flow.change(store, id_, wanted, actor="cli", now=utc_now())
        except RecipientInvalid as e:
            raise Stop(e.reason) from e
        except NoSuchRecipient as e:
            raise Stop(str(e)) from e
    out.print(f"Recipient {id_} is changed.", highlight=False)


@recipients.command()
def remove(id_: Id) -> None:
    """Send nothing more, also nothing that waits."""
    with opened() as (_, store):
        try:
            flow.remove(store, id_, actor="cli", now=utc_now())
        except NoSuchRecipient as e:
            raise Stop(str(e)) from e
    out.print(f"Recipient {id_} is removed; `restore {id_}` brings it back.", highlight=False)


@recipients.command()
def restore(id_: Id) -> None:
    """Bring a removed one back."""
    with opened() as (_, store):
        try:
            flow.restore(store, id_, actor="cli", now=utc_now())
        except NoSuchRecipient as e:
            raise Stop(str(e)) from e
        except RecipientInvalid as e:
            raise Stop(e.reason) from e
    out.print(f"Recipient {id_} gets reports again.", highlight=False)


def preview(
    kind: Kind,
    locale: Locale = "en",
    html: Annotated[Path | None, typer.Option(help="Write the HTML of the mail.")] = None,
) -> None:
    """The mail about the last day, week or month, as it would look now, in plain text."""
    with opened() as (settings, store):
        wanted = mailing.Sample(kind, locale, "you@example")
        shown = mailing.looks(mailing.preview(store, settings, wanted, utc_now()))
    if html is None:
        sys.stdout.write(f"{shown.subject}\n\n{shown.text}")
        return
    try:
        html.write_text(shown.html, "utf-8")
    except OSError as e:
        raise Stop(f"{html} cannot be written: {e.strerror}.") from e
    out.print(f"Written to {html}.", highlight=False)


def try_out(
    kind: Kind,
    to: Annotated[str, typer.Option(help="Whose mailbox it goes to.")],
    locale: Locale = "en",
) -> None:
    """Send such a mail now, marked as a test, and say what came of it."""
    with opened() as (settings, store):
        try:
            wanted = mailing.Sample(kind, locale, flow.address_of(to))
            mailing.send_test(store, settings, wanted, utc_now(), actor="cli")
        except RecipientInvalid as e:
            raise Stop(e.reason) from e
        except ConnectorError as e:
            raise Stop(f"It did not leave. {e.reason}") from e
    out.print(f"The mail server took it for {to}.", highlight=False)


def mails(limit: Annotated[int, typer.Option(min=1, max=1000)] = 30, json_: AsJson = False) -> None:
    """The reports' mails, newest first, and what became of each."""
    with opened() as (_, store), store.read() as session:
        rows = [mailing.told(row) for row in stored.log(session, limit)]
    if json_:
        as_json(rows)
        return
    made = table("Mailed reports", "id", "to", "report", "edition", "state", "when", "tries", "why")
    for row in rows:
        made.add_row(
            *(str(row["id"]), row["recipient"], f"{row['kind']} {row['from']}"),
            *(str(row["edition"]), row["state"], when(row["accepted_at"] or row["not_before"])),
            *(str(row["tries"]), row["reason"] or ""),
        )
    out.print(made, markup=False)


def again(mail: Id) -> None:
    """Let a refused mail go out again, under its own Message-ID."""
    with opened() as (_, store):
        if not flow.send_again(store, mail, actor="cli", now=utc_now()):
            raise Stop("Only a refused mail to a present recipient is sent again.")
    out.print(f"Mail {mail} is sent again within seconds.", highlight=False)

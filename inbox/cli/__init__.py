"""The command line. Every command works on an empty data folder: it makes what is missing."""

import sys
import tomllib
from io import TextIOWrapper

import structlog
import typer
from pydantic import ValidationError
from rich.markup import escape
from sqlalchemy.exc import DatabaseError, OperationalError

from classifier.model import ModelMissing
from connectors.core.errors import ConnectorError
from connectors.core.registry import UnknownChannel
from inbox.cli import (
    accounts,
    answers,
    approvals,
    assignment,
    audit,
    brand,
    bulk,
    classifying,
    clocks,
    complaints,
    contacts,
    conversations,
    evidence,
    history,
    learning,
    macros,
    matters,
    moving,
    notices,
    people,
    planning,
    playbooks,
    report_editions,
    report_links,
    report_mails,
    roster,
    roster_calendar,
    roster_imports,
    rules,
    serving,
    states,
    surges,
    teams,
    tokens,
    transfers,
    views,
    warnings,
    webhooks,
)
from inbox.cli.common import Stop, err
from inbox.config import AlreadyRunning, SettingWrong
from inbox.domain.written import Unclear
from inbox.store.session import SchemaBehind

app = typer.Typer(
    name="replydesk",
    help="One inbox for a payments brand's support team, with a clock on every answer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(accounts.app, name="accounts")
app.add_typer(assignment.app, name="assignment")
app.add_typer(audit.app, name="audit")
app.add_typer(answers.app, name="answers")
app.add_typer(approvals.app, name="approvals")
app.add_typer(contacts.app, name="contacts")
app.add_typer(conversations.app, name="conversations")
conversations.app.command(name="bulk")(bulk.bulk)
conversations.app.command(name="bulk-job")(bulk.bulk_job)
conversations.app.command(name="bulk-undo")(bulk.bulk_undo)
conversations.app.command(name="history")(history.history)
conversations.app.command(name="move")(states.move)
conversations.app.command(name="undo")(states.undo)
conversations.app.command(name="join")(matters.join)
conversations.app.command(name="leave")(matters.leave)
conversations.app.command(name="undo-join")(matters.undo_join)
app.add_typer(clocks.sla, name="sla")
app.add_typer(complaints.app, name="complaints")
app.add_typer(learning.app, name="classifier")
app.add_typer(macros.app, name="macros")
app.add_typer(evidence.app, name="report")
evidence.app.add_typer(report_mails.recipients, name="recipients")
evidence.app.command(name="preview")(report_mails.preview)
evidence.app.command(name="test")(report_mails.try_out)
evidence.app.command(name="mails")(report_mails.mails)
evidence.app.command(name="again")(report_mails.again)
evidence.app.command(name="editions")(report_editions.listed)
evidence.app.command()(report_editions.refresh)
evidence.app.command()(report_links.share)
evidence.app.command()(report_links.shares)
evidence.app.command()(report_links.unshare)
app.add_typer(playbooks.app, name="playbooks")
app.add_typer(people.app, name="users")
app.add_typer(roster.app, name="roster")
roster.app.command(name="calendar")(roster_calendar.calendar)
roster.app.command(name="link")(roster_calendar.link)
roster.app.command(name="unlink")(roster_calendar.unlink)
roster.app.command(name="links")(roster_calendar.links)
roster.app.command(name="imports")(roster_imports.imports)
roster.app.command(name="undo-import")(roster_imports.undo)
app.add_typer(rules.app, name="rules")
app.add_typer(surges.app, name="surges")
app.add_typer(teams.app, name="teams")
app.add_typer(tokens.app, name="tokens")
app.add_typer(transfers.app, name="transfers")
app.add_typer(notices.app, name="notices")
app.add_typer(views.app, name="views")
app.add_typer(warnings.app, name="warnings")
app.add_typer(webhooks.app, name="webhooks")
for command in (
    serving.run,
    serving.demo,
    serving.serve,
    serving.schedule,
    serving.migrate,
    moving.poll,
    moving.deliver,
    moving.reply,
    moving.withdraw,
    moving.settle,
    moving.export,
    planning.plan,
    brand.brand,
    classifying.classify,
    classifying.train,
    classifying.evaluate,
):
    app.command()(command)
app.command(name="import")(moving.import_file)


def main() -> None:
    """Entry point: what went wrong goes to stderr with the next step, exit code 1."""
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, TextIOWrapper):  # JSON is UTF-8 whatever the terminal is set to
            stream.reconfigure(encoding="utf-8", errors="replace")
    # Standard output belongs to the answer; `run` and `schedule` set up more than this.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        app()
    except (
        Stop,
        SchemaBehind,
        SettingWrong,
        AlreadyRunning,
        ModelMissing,
        UnknownChannel,
        Unclear,
    ) as e:
        _fail(str(e))
    except ConnectorError as e:
        _fail(e.reason or type(e).__name__)
    except ValidationError as e:
        first = e.errors()[0]
        _fail(f"Setting REPLYDESK_{'.'.join(map(str, first['loc'])).upper()}: {first['msg']}")
    except tomllib.TOMLDecodeError as e:
        _fail(f"replydesk.toml is not TOML: {e}")
    except DatabaseError as e:
        if type(e) not in (DatabaseError, OperationalError):
            raise  # a mistake of ours, not of the server or the file
        cause = str(e.orig).splitlines()[0]
        _fail(f"The database: {cause}. See REPLYDESK_DATA and REPLYDESK_DATABASE_URL.")
    except UnicodeEncodeError as e:
        if not e.reason.startswith("surrogates"):
            raise
        _fail("What was typed is not UTF-8.")
    except BrokenPipeError:
        sys.stderr.close()


def _fail(words: str) -> None:
    err.print(f"[red]error:[/red] {escape(words)}", highlight=False, soft_wrap=True)
    sys.exit(1)

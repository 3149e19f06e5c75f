"""The command line. Every command works on an empty data folder: it makes what is missing."""

import sys
from io import TextIOWrapper

import typer
from pydantic import ValidationError

from classifier.model import ModelMissing
from connectors.core.errors import ConnectorError
from connectors.core.registry import UnknownChannel
from inbox.cli import accounts, brand, classifying, clocks, conversations, moving, people, serving
from inbox.cli.common import Stop, err
from inbox.config import AlreadyRunning
from inbox.store.session import SchemaBehind

app = typer.Typer(
    name="replydesk",
    help="One inbox for a payments brand's support team, with a clock on every answer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(accounts.app, name="accounts")
app.add_typer(conversations.app, name="conversations")
app.add_typer(clocks.sla, name="sla")
app.add_typer(people.app, name="users")
for command in (
    serving.run,
    serving.demo,
    serving.serve,
    serving.schedule,
    serving.migrate,
    moving.poll,
    moving.deliver,
    moving.reply,
    moving.export,
    clocks.report,
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
    try:
        app()
    except (Stop, SchemaBehind, AlreadyRunning, ModelMissing, UnknownChannel) as e:
        _fail(str(e))
    except ConnectorError as e:
        _fail(e.reason or type(e).__name__)
    except ValidationError as e:
        first = e.errors()[0]
        _fail(f"Setting REPLYDESK_{'.'.join(map(str, first['loc'])).upper()}: {first['msg']}")
    except BrokenPipeError:
        sys.stderr.close()


def _fail(words: str) -> None:
    err.print(f"[red]error:[/red] {words}", highlight=False, soft_wrap=True)
    sys.exit(1)

"""Connecting the brand's accounts, and how they are."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from connectors.core.contract import Capabilities
from connectors.core.registry import capabilities
from inbox.cli.common import AsJson, Stop, as_json, opened, out, table, when
from inbox.config import utc_now
from inbox.flows.accounts import AccountExists, NewAccount, add_account, check_account
from inbox.store import accounts as stored
from inbox.store import audit
from inbox.store.session import Store
from inbox.store.tables import Account

app = typer.Typer(help="The brand's accounts on the platforms.", no_args_is_help=True)


@app.command()
def add(
    channel: Annotated[str, typer.Argument(help="x, email, webhook …")],
    handle: Annotated[str, typer.Argument(help="The account's name, for example @brand.")],
    base_url: Annotated[
        str | None, typer.Option(help="Another server than the platform's own.")
    ] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the channel: name=value.")
    ] = None,
    secrets_file: Annotated[
        Path | None, typer.Option(help="A JSON object with the secrets, instead of questions.")
    ] = None,
    check: Annotated[bool, typer.Option(help="Sign in before storing.")] = True,
    json_: AsJson = False,
) -> None:
    """Connect an account. Secrets are asked for, or read from a file or the environment
    (REPLYDESK_<CHANNEL>_<NAME>); never from an argument."""
    offered = capabilities(channel)
    wanted = NewAccount(
        channel=channel,
        handle=handle,
        base_url=base_url,
        settings=_settings(offered, setting or []),
        secrets=_secrets(offered, secrets_file),
    )
    with opened() as (settings, store):
        try:
            added = add_account(store, settings, wanted, actor="cli", now=utc_now, check=check)
        except AccountExists as e:
            raise Stop(str(e)) from e
        said = {"id": added.id, "channel": channel, "handle": added.handle, "hook": added.hook}
        if json_:
            as_json(said | {"missing": list(added.missing)})
            return
        out.print(f"Connected {added.handle} on {offered.title}.", highlight=False)
        if added.hook:
            out.print(f"Its webhook address: {added.hook}", highlight=False, soft_wrap=True)
        for words in added.missing:
            out.print(f"[yellow]Missing:[/yellow] {words}", highlight=False)


@app.command(name="list")
def list_(json_: AsJson = False) -> None:
    """Every account: state, last success, what went wrong."""
    with opened() as (_, store):
        with store.read() as session:
            rows = stored.everyone(session)
        if json_:
            as_json([_json(row) for row in rows])
            return
        if not rows:
            out.print("No account yet. Connect one: replydesk accounts add x @brand")
            return
        made = table("Accounts", "id", "channel", "account", "state", "last success", "trouble")
        for row in rows:
            made.add_row(
                str(row.id),
                row.channel,
                row.handle,
                row.state,
                when(row.last_success_at),
                row.last_error or "",
            )
        out.print(made)


@app.command()
def check(handle: str, json_: AsJson = False) -> None:
    """Sign in to the platform and say who we are."""
    with opened() as (settings, store):
        identity = check_account(store, settings, _account(store, handle), utc_now)
    if json_:
        as_json({"external_id": identity.external_id, "handle": identity.handle})
        return
    out.print(f"Signed in as {identity.handle} ({identity.external_id}).", highlight=False)


@app.command()
def pause(handle: str) -> None:
    """Stop polling and sending."""
    _move(handle, stored.ACTIVE, stored.PAUSED, "Paused")


@app.command()
def resume(handle: str) -> None:
    """Poll and send again."""
    _move(handle, stored.PAUSED, stored.ACTIVE, "Resumed")


def _move(handle: str, before: str, after: str, said: str) -> None:
    with opened() as (_, store):
        account = _account(store, handle)
        with store.write() as session:
            if not stored.set_state(session, account.id, before, after):
                raise Stop(f"{account.handle} is {account.state}, not {before}.")
            audit.record(session, "cli", after, f"account:{account.id}", utc_now())
    out.print(f"{said} {account.handle}.", highlight=False)


def _account(store: Store, handle: str) -> Account:
    with store.read() as session:
        found = [
            a
            for a in stored.everyone(session)
            if handle in (a.handle, str(a.id), f"{a.channel}:{a.handle}")
        ]
    if len(found) != 1:
        raise Stop(f"{len(found)} accounts are called {handle}. See: replydesk accounts list")
    return found[0]


def _settings(offered: Capabilities, pairs: list[str]) -> dict[str, str]:
    known = [s.name for s in offered.settings]
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or name not in known:
            raise Stop(
                f"'{pair}' is no setting of {offered.title}. Known: {', '.join(known) or 'none'}."
            )
        found[name] = value
    return found


def _secrets(offered: Capabilities, file: Path | None) -> dict[str, str]:
    """By file, else by environment, else by question (or a line each on standard input)."""
    given: dict[str, str] = {}
    if file is not None:
        try:
            given = {str(k): str(v) for k, v in json.loads(file.read_text("utf-8")).items()}
        except (OSError, ValueError, AttributeError) as e:
            raise Stop(f"{file} is not a readable JSON object with secrets.") from e
    found: dict[str, str] = {}
    for secret in offered.secrets:
        name = f"REPLYDESK_{offered.channel}_{secret.name}".upper()
        value = given.get(secret.name) or os.environ.get(name)
        if value is None and file is None:
            value = _ask(secret.prompt, optional=secret.optional)
        if not value and not secret.optional:
            raise Stop(f"{offered.title} needs '{secret.name}' ({secret.prompt}).")
        if value:
            found[secret.name] = value
    return found


def _ask(prompt: str, *, optional: bool) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    default = "" if optional else None
    words = f"{prompt} (empty: none)" if optional else prompt
    return str(typer.prompt(words, hide_input=True, default=default, show_default=False))


def _json(row: Account) -> dict[str, object]:
    return {
        "id": row.id,
        "channel": row.channel,
        "handle": row.handle,
        "state": row.state,
        "base_url": row.base_url,
        "last_success_at": row.last_success_at,
        "not_before": row.not_before,
        "failures": row.failures,
        "last_error": row.last_error,
    }

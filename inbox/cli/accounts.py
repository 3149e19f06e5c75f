"""Connecting the brand's accounts, and how they are."""

import json
import os
import secrets as secrets_module
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

import typer

from connectors.core.contract import Capabilities
from connectors.core.registry import capabilities
from inbox.cli.common import AsJson, Stop, as_json, opened, out, table, when
from inbox.config import Settings, utc_now
from inbox.flows import accounts as flow
from inbox.flows import demo as invented
from inbox.flows import oauth, reconcile, telling
from inbox.flows.accounts import (
    AccountExists,
    Added,
    Incomplete,
    NewAccount,
    OtherAccount,
    add_account,
    check_account,
)
from inbox.flows.tagging import LazyClassifier
from inbox.store import accounts as stored
from inbox.store import reconciliations
from inbox.store.session import Store
from inbox.store.tables import Account

app = typer.Typer(help="The brand's accounts on the platforms.", no_args_is_help=True)


SettingPairs = Annotated[
    list[str] | None, typer.Option("--set", help="A setting of the channel: name=value.")
]
SecretsFile = Annotated[
    Path | None, typer.Option(help="A JSON object with the secrets, instead of questions.")
]


@app.command()
def add(
    channel: Annotated[str, typer.Argument(help="x, email, webhook …")],
    handle: Annotated[str, typer.Argument(help="The account's name, for example @brand.")],
    base_url: Annotated[
        str | None, typer.Option(help="Another server than the platform's own.")
    ] = None,
    setting: SettingPairs = None,
    way: Annotated[str, typer.Option(help="How to sign in, where there are several ways.")] = "",
    secrets_file: SecretsFile = None,
    check: Annotated[bool, typer.Option(help="Sign in before storing.")] = True,
    json_: AsJson = False,
) -> None:
    """Connect an account. Secrets are asked for, or read from a file or the environment
    (REPLYDESK_<CHANNEL>_<NAME>); never from an argument."""
    offered = capabilities(channel)
    settings_ = _settings(offered, setting or [], way)
    secrets = _secrets(offered, settings_, secrets_file)
    wanted = NewAccount(channel, handle, base_url, settings_, secrets)
    with opened() as (settings, store):
        try:
            if (chosen := offered.way(settings_)) and chosen.oauth and check:
                added = _sign_in(settings, store, wanted, None)
            else:
                added = add_account(store, settings, wanted, actor="cli", now=utc_now, check=check)
        except (AccountExists, Incomplete, oauth.SignInLost) as e:
            raise Stop(str(e)) from e
        _tell(added, offered, json_)


@app.command()
def reconnect(
    handle: str, secrets_file: SecretsFile = None, way: str = "", json_: AsJson = False
) -> None:
    """Give a known account new credentials; its history and its place in every stream stay."""
    with opened() as (settings, store):
        row = _account(store, handle)
        offered = capabilities(row.channel)
        chosen = {**row.settings, **({"sign_in": way} if way else {})}
        secrets = _secrets(offered, chosen, secrets_file)
        try:
            if (how := offered.way(chosen)) and how.oauth:
                wanted = NewAccount(row.channel, row.handle, row.base_url, chosen, secrets)
                added = _sign_in(settings, store, wanted, row.id)
            else:
                added = flow.reconnect(
                    store, settings, row.id, secrets, actor="cli", now=utc_now, sign_in=way
                )
        except (Incomplete, OtherAccount, oauth.SignInLost) as e:
            raise Stop(str(e)) from e
        _tell(added, offered, json_)


def _sign_in(settings: Settings, store: Store, wanted: NewAccount, account_id: int | None) -> Added:
    """Signs in on the platform's page, in whatever browser the operator has."""
    key = secrets_module.token_urlsafe(16)
    if account_id is None:
        flow.complete(wanted)
    begun = oauth.start(
        store, settings, wanted, session_key=key, account_id=account_id, now=utc_now
    )
    out.print("Open this address, and agree there:", highlight=False)
    out.print(begun.url, highlight=False, soft_wrap=True)
    out.print(f"The browser then comes to {oauth.redirect_uri(settings)}?…", highlight=False)
    came = _ask("Paste the whole address that it came to", "none", False)
    given = dict(parse_qsl(urlsplit(came).query))
    return oauth.finish(
        store,
        settings,
        state=given.get("state", ""),
        code=given.get("code", ""),
        session_key=key,
        actor="cli",
        now=utc_now,
    )


def _tell(added: Added, offered: Capabilities, json_: bool) -> None:
    said = {"id": added.id, "channel": offered.channel, "handle": added.handle}
    if json_:
        made = {"made": dict(added.made)} if added.made else {}
        as_json(said | {"hook": added.hook, "missing": list(added.missing)} | made)
        return
    out.print(f"Connected {added.handle} on {offered.title}.", highlight=False)
    if added.hook:
        out.print(f"Its webhook address: {added.hook}", highlight=False, soft_wrap=True)
    for prompt, value in added.made:
        out.print(f"{prompt} (shown only now): {value}", highlight=False, soft_wrap=True)
    for words in added.missing:
        out.print(f"[yellow]Missing:[/yellow] {words}", highlight=False)


@app.command(name="list")
def list_(json_: AsJson = False) -> None:
    """Every account: state, last success, what went wrong."""
    with opened() as (_, store):
        with store.read() as session:
            rows = stored.everyone(session)
        if json_:
            as_json([telling.account(row) for row in rows])
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
        said = {"external_id": identity.external_id, "handle": identity.handle}
        as_json(said | {"missing": list(identity.missing)})
        return
    out.print(f"Signed in as {identity.handle} ({identity.external_id}).", highlight=False)
    for words in identity.missing:
        out.print(f"[yellow]Missing:[/yellow] {words}", highlight=False)


@app.command()
def pause(handle: str) -> None:
    """Stop polling and sending."""
    _move(handle, stored.ACTIVE, stored.PAUSED, "Paused")


@app.command()
def resume(handle: str) -> None:
    """Poll and send again."""
    _move(handle, stored.PAUSED, stored.ACTIVE, "Resumed")


@app.command()
def show(handle: str, json_: AsJson = False) -> None:
    """One account: health, what of each stream is surely here, quota, cost."""
    with opened() as (_, store):
        row = _account(store, handle)
        with store.read() as session:
            said = telling.account_whole(session, row, utc_now())
    if json_:
        as_json(said)
        return
    made = table(f"{row.handle} on {row.channel}", "", "")
    for name, value in said.items():
        if name != "streams":
            made.add_row(name.replace("_", " "), _words(value))
    for stream, place in said["streams"].items():
        words = f"{when(place['complete_from'])} to {when(place['complete_to'])}"
        made.add_row(f"stream {stream}", words)
    out.print(made)


@app.command(name="set")
def set_(
    handle: str,
    setting: SettingPairs = None,
    base_url: Annotated[
        str | None, typer.Option(help="Another server: deletes the stored credentials.")
    ] = None,
) -> None:
    """Change settings of an account; an empty value takes one away."""
    with opened() as (_, store):
        row = _account(store, handle)
        fresh = {**row.settings, **_settings(capabilities(row.channel), setting or [], "")}
        address = row.base_url if base_url is None else base_url
        try:
            moved = flow.configure(
                store, row.id, base_url=address, settings=fresh, actor="cli", now=utc_now()
            )
        except Incomplete as e:
            raise Stop(str(e)) from e
    out.print(f"Changed {row.handle}.", highlight=False)
    if moved:
        out.print(f"Now: replydesk accounts reconnect {row.id}", highlight=False)


@app.command()
def compare(handle: str, json_: AsJson = False) -> None:
    """Compare the platform's own list with what is stored, and fetch what is missing."""
    with opened() as (settings, store):
        row = _account(store, handle)
        try:
            reconcile.start(store, row.id, actor="cli", now=utc_now())
        except reconcile.NothingToCompare as e:
            raise Stop(str(e)) from e
        classifier = LazyClassifier(store, settings.folder)
        while row.id in reconcile.due(store, utc_now()):
            reconcile.work(store, settings, row.id, classifier=classifier, now=utc_now)
        with store.read() as session:
            found = reconciliations.newest(session, row.id)
    if json_:
        names = ("state", "pages", "seen", "found", "error")
        as_json({s: {n: getattr(r, n) for n in names} for s, r in found.items()})
        return
    for stream, r in found.items():
        why = f" ({r.error})" if r.error else ""
        line = f"{stream}: {r.state}, {r.seen} compared, {r.found} were missing{why}"
        out.print(line, highlight=False)


@app.command()
def subscribe(handle: str) -> None:
    """Tell the platform to call this account's webhook address."""
    with opened() as (settings, store):
        said = flow.subscribe(store, settings, _account(store, handle), utc_now)
    out.print(said, highlight=False, soft_wrap=True)


def _words(value: object) -> str:
    if isinstance(value, datetime):
        return when(value)
    return "" if value in (None, [], {}) else str(value)


def _move(handle: str, before: str, after: str, said: str) -> None:
    with opened() as (_, store):
        account = _account(store, handle)
        if not flow.set_state(store, account.id, before, after, actor="cli", now=utc_now()):
            raise Stop(f"{account.handle} is {account.state}, not {before}.")
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


def _settings(offered: Capabilities, pairs: list[str], way: str) -> dict[str, str]:
    known = [s.name for s in offered.settings]
    if offered.price is not None:
        known.append("daily_usd")
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or name not in known:
            listed = ", ".join(known) or "none"
            raise Stop(f"“{pair}” is no setting of {offered.title}. Known: {listed}.")
        found[name] = value
    if way and way not in (keys := [w.key for w in offered.ways]):
        raise Stop(f"“{way}” is no way to sign in to {offered.title}. Known: {', '.join(keys)}.")
    return found | ({"sign_in": way} if way else {})


def _secrets(
    offered: Capabilities, settings: Mapping[str, Any], file: Path | None
) -> dict[str, str]:
    """By file, else by environment, else by question (or a line each on standard input)."""
    given: dict[str, str] = {}
    if file is not None:
        try:
            given = {str(k): str(v) for k, v in json.loads(file.read_text("utf-8")).items()}
        except (OSError, ValueError, AttributeError) as e:
            raise Stop(f"{file} is not a readable JSON object with secrets.") from e
    found: dict[str, str] = {}
    for secret in offered.wanted(settings):
        name = f"REPLYDESK_{offered.channel}_{secret.name}".upper()
        value = given.get(secret.name) or os.environ.get(name)
        optional = secret.optional or secret.made
        if value is None and file is None:
            empty = "made up for you" if secret.made else "none"
            value = _ask(secret.prompt, empty, optional, hidden=not secret.plain)
        if not value and not optional:
            raise Stop(f"{offered.title} needs “{secret.name}” ({secret.prompt}).")
        if value:
            found[secret.name] = value
    return found


def _ask(prompt: str, empty: str, optional: bool, hidden: bool = True) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    default = "" if optional else None
    words = f"{prompt} (empty: {empty})" if optional else prompt
    return str(typer.prompt(words, hide_input=hidden, default=default, show_default=False))


@app.command()
def demo(
    remove: Annotated[
        bool, typer.Option("--remove", help="Take it out again, with all that came of it.")
    ] = False,
) -> None:
    """Let invented customers write here, beside the real ones."""
    with opened() as (settings, store):
        if not remove:
            invented.prepare(store, utc_now(), "cli")
            out.print("Invented customers write from now on. Out again: --remove")
            return
        try:
            many = invented.remove(store, settings, actor="cli", now=utc_now())
        except invented.DemoBusy as e:
            raise Stop("The demo is being read at this very moment. Please try again.") from e
    out.print(f"Removed {many} invented conversations.")

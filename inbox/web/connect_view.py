"""The forms that connect accounts, and one account's page, from what the connectors declare."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode

from connectors.core.contract import Capabilities, word
from connectors.core.registry import capabilities, channels
from inbox.flows import health as watching
from inbox.flows import oauth, pacing, reconcile
from inbox.flows.accounts import hook_address
from inbox.store import accounts as stored
from inbox.store import outages, reconciliations
from inbox.store.tables import Account, Cursor, OAuthStart, Outage, Reconciliation
from inbox.web import accounts_view
from inbox.web.desk import Desk
from inbox.web.pages import Frame
from inbox.web.pages_connect import (
    AccountPage,
    Compared,
    ConnectPage,
    FormPage,
    Input,
    OutageRow,
    Platform,
    Quota,
    StreamRow,
    Tried,
    WayTab,
)

SECRET, SETTING = "secret.", "setting."
"""How the form names its fields: `secret.consumer_key`, `setting.folder`."""
_COMPARED: dict[str, Literal["running", "done", "failed"]] = {
    "running": "running",
    "done": "done",
    "failed": "failed",
}


def connect_page(frame: Frame, counts: Mapping[str, int]) -> ConnectPage:
    """Every platform but the demo; `counts` are connected accounts by channel."""
    known = [capabilities(key) for key in channels() if key != "demo"]
    return ConnectPage(frame, tuple(_platform(one, counts.get(one.channel, 0)) for one in known))


def _platform(offered: Capabilities, connected: int) -> Platform:
    needs: tuple[str, ...] = (offered.server.label,) if offered.server else ()
    needs += tuple(s.label for s in offered.asked({}) if s.required)
    needs += tuple(s.prompt for s in offered.wanted({}) if not (s.optional or s.made))
    ways = (("polling",) if offered.polls else ()) + (("webhook",) if offered.receives else ())
    return Platform(accounts_view.named(offered.channel), needs, ways, connected)


def form_page(
    desk: Desk,
    frame: Frame,
    offered: Capabilities,
    given: Mapping[str, str],
    *,
    account: Account | None = None,
    errors: Mapping[str, str] | None = None,
    tried: Tried | None = None,
) -> FormPage:
    """The form with what was given; secrets are never written back into a page."""
    wrong = errors or {}
    chosen = {"sign_in": given.get("sign_in", "")}
    if account is not None:
        chosen = {"sign_in": given.get("sign_in") or account.settings.get("sign_in", "")}
    way = offered.way(chosen)
    action = (
        f"/accounts/{account.id}/credentials" if account else f"/accounts/new/{offered.channel}"
    )
    return FormPage(
        frame=frame,
        channel=accounts_view.named(offered.channel),
        action=action,
        account=account.id if account else 0,
        handle=account.handle if account else given.get("handle", ""),
        inputs=_secrets(offered, chosen, wrong, kept=account is not None and bool(account.secrets)),
        settings=() if account else settings_inputs(offered, chosen | _settings(given), wrong),
        ways=tuple(WayTab(w.key, w.title, w.help, w is way) for w in offered.ways),
        way=way.key if way else "",
        oauth=bool(way and way.oauth),
        redirect_uri=oauth.redirect_uri(desk.settings),
        base_url=(account.base_url or "") if account else given.get("base_url", ""),
        server=_server(offered, given.get("base_url", ""), wrong),
        platform_url=offered.base_url or "",
        notes=offered.notes,
        handle_error=wrong.get("handle", ""),
        tried=tried,
    )


def _secrets(
    offered: Capabilities, chosen: Mapping[str, str], wrong: Mapping[str, str], *, kept: bool
) -> tuple[Input, ...]:
    return tuple(
        Input(
            f"{SECRET}{s.name}",
            s.prompt,
            "text" if s.plain else "secret",
            hint=s.help,
            error=wrong.get(s.name, ""),
            optional=s.optional or s.made or kept,
            kept=kept,
        )
        for s in offered.wanted(chosen)
    )


def settings_inputs(
    offered: Capabilities,
    values: Mapping[str, Any],
    wrong: Mapping[str, str],
    *,
    stored: bool = False,
) -> tuple[Input, ...]:
    """The settings of a channel; where reading costs money, also what it may cost. `stored`: the
    account is there already, with its credentials."""
    found = [
        Input(
            f"{SETTING}{s.name}",
            s.label,
            "choice" if s.choices else "text",
            str(values.get(s.name) or ""),
            s.help,
            wrong.get(s.name, ""),
            optional=not s.required
            and not (s.choices and s.ways),  # a choice of a way belongs to it
            default="" if s.choices else s.default,
            choices=s.choices,
            leads=s.leads and stored,
        )
        for s in offered.asked(values)
    ]
    if offered.price is not None:
        limit = str(values.get("daily_usd") or "")
        hint = word("Reading pauses until the next day (UTC) once it is spent. Empty: no limit.")
        found.append(Input(f"{SETTING}daily_usd", "", "text", limit, hint, optional=True))
    return tuple(found)


def _server(offered: Capabilities, value: str, wrong: Mapping[str, str]) -> tuple[Input, ...]:
    """Where the account's own server is, for channels whose accounts have one."""
    asked = offered.server
    if asked is None:
        return ()
    error = wrong.get(asked.name, "")
    return (Input(asked.name, asked.label, value=value, hint=asked.help, error=error),)


def _settings(given: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(SETTING): value
        for name, value in given.items()
        if name.startswith(SETTING) and value
    }


def form_again(begun: OAuthStart | None) -> str:
    """The form that a sign-in elsewhere began at, filled in but for the secrets; "" if unknown."""
    if begun is None:
        return ""
    if begun.account_id is not None:
        return f"/accounts/{begun.account_id}/credentials"
    given = {"handle": begun.handle, "base_url": begun.base_url or ""}
    given |= {n if n == "sign_in" else f"{SETTING}{n}": str(v) for n, v in begun.settings.items()}
    return f"/accounts/new/{begun.channel}?{urlencode(given)}"


def read_form(
    offered: Capabilities, given: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """(settings, secrets) that the channel knows, of what a form brought."""
    names = {s.name for s in offered.settings} | {"daily_usd"}
    settings: dict[str, Any] = {n: v.strip() for n, v in _settings(given).items() if n in names}
    way = offered.way({"sign_in": given.get("sign_in", "")})
    if way is not None:
        settings["sign_in"] = way.key
    secrets = {s.name: given.get(f"{SECRET}{s.name}", "").strip() for s in offered.wanted(settings)}
    return settings, {name: value for name, value in secrets.items() if value}


@dataclass(frozen=True, slots=True)
class Entered:
    """Settings of an account as a form brought them, and what is `wrong` with each."""

    settings: Mapping[str, Any]
    base_url: str
    wrong: Mapping[str, str]


def account_page(
    desk: Desk, frame: Frame, account_id: int, tried: Tried | None, entered: Entered | None = None
) -> AccountPage | None:
    """One account as it is now; None when there is none."""
    with desk.store.read() as session:
        row = session.get(Account, account_id)
        if row is None:
            return None
        cursors = {c.stream: c for c in stored.cursors(session, account_id)}
        compared = reconciliations.newest(session, account_id)
        recent = outages.recent(session, account_id)
        usd = pacing.estimate(session, row, frame.now) if _is_known(row) else None
        unread = stored.quarantined(session, account_id)
    offered = accounts_view.offered(row.channel)
    every = watching.interval(row)
    given = entered or Entered(row.settings, row.base_url or "", {})
    return AccountPage(
        frame=frame,
        id=row.id,
        channel=accounts_view.named(row.channel),
        handle=row.handle,
        state=row.state,
        health=accounts_view.health(row, frame.now),
        level=watching.level_of(row, frame.now),
        last_heard=row.last_success_at,
        called_at=row.called_at,
        polls=bool(offered and offered.is_polled(row.settings)),
        every_s=every.total_seconds(),
        next_at=row.next_poll_at,
        expires_at=row.expires_at,
        missing=tuple(map(str, row.missing)),
        base_url=row.base_url or "",
        platform_url=(offered.base_url or "") if offered else "",
        hook=(hook_address(desk.settings, row) or "") if offered else "",
        subscribes=bool(offered and offered.subscribes),
        streams=_streams(offered, row, cursors, compared, frame.now),
        quotas=tuple(quota(b, frame.now) for b in row.budgets),
        usd_a_day=usd,
        daily_usd=pacing.daily_usd(row),
        price_source=offered.price.source if offered and offered.price else "",
        settings=settings_inputs(offered, given.settings, given.wrong, stored=True)
        if offered
        else (),
        entered_url=given.base_url,
        unfinished=bool(given.wrong),
        outages=tuple(_outage(o) for o in recent),
        unread=unread,
        notes=offered.notes if offered else (),
        tried=tried,
    )


def _is_known(row: Account) -> bool:
    return accounts_view.offered(row.channel) is not None


def _streams(
    offered: Capabilities | None,
    row: Account,
    cursors: Mapping[str, Cursor],
    compared: Mapping[str, Reconciliation],
    now: datetime,
) -> tuple[StreamRow, ...]:
    if offered is None:
        return ()
    return tuple(
        StreamRow(
            name,
            at.complete_from if (at := cursors.get(name)) else None,
            at.complete_to if at else None,
            offered.reach.get(name, ""),
            at.not_before if at and at.not_before and at.not_before > now else None,
            _compared(compared.get(name)),
        )
        for name in reconcile.listed_streams(row)
    )


def _compared(row: Reconciliation | None) -> Compared | None:
    if row is None:
        return None
    state = _COMPARED[row.state]
    return Compared(state, row.pages, row.seen, row.found, row.error or "", row.finished_at)


def quota(stored: Mapping[str, Any], now: datetime) -> Quota:
    """A stored budget as it is now."""
    limit, remaining = float(stored["limit"]), float(stored["remaining"])
    resets = stored.get("resets_at")
    share = min(max(remaining / limit, 0.0), 1.0) if limit > 0 else 0.0
    at = datetime.fromisoformat(resets) if resets else None
    renewed = at is not None and at <= now
    return Quota(str(stored["name"]), remaining, limit, share, at, renewed)


def _outage(row: Outage) -> OutageRow:
    return OutageRow(
        row.silent_since, row.ended_at, row.level, row.arrived, row.late, row.reason or ""
    )


def connected_by_channel(rows: list[Account]) -> dict[str, int]:
    """How many accounts of each channel are connected."""
    found: dict[str, int] = {}
    for row in rows:
        if row.state != stored.IMPORTED:
            found[row.channel] = found.get(row.channel, 0) + 1
    return found

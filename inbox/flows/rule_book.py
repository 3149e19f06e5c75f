"""Changing the routing rules, each change a new version, and trying them on what is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from connectors.core.contract import word
from inbox.domain import roster, rules_written
from inbox.domain.rules import LEADS, NAMES_PEOPLE, POLICY, TEAM, Rule, decide, team_of
from inbox.domain.teams import key_of
from inbox.domain.written import Document, Unclear
from inbox.flows.ruling import facts
from inbox.store import accounts, audit, persons, promises, scope, teams
from inbox.store import roster as stored_roster
from inbox.store import ruling as stored
from inbox.store.session import Store
from inbox.store.sql import AnyRow

STALE: Final = word("Somebody else changed the rules meanwhile. Look at them again.")
MOST: Final = 5_000
"""Messages on which rules are tried; the newest."""
SHOWN: Final = 50
"""Conversations that a trial names for each rule."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What a rule would have done. `messages` counts; `shown` are some of them, newest first, rows
    of `store.ruling`; `actions` are (name, value) → on how many messages."""

    rule: Rule
    messages: int
    actions: dict[tuple[str, str], int]
    shown: tuple[AnyRow, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """Rules tried on what was written since an instant. `messages` were looked at, at most `MOST`,
    which `is_cut` says were not all."""

    since: datetime
    messages: int
    is_cut: bool
    hits: tuple[Hits, ...]


def change(
    store: Store,
    document: Document,
    *,
    actor: str,
    now: datetime,
    restores: int | None = None,
    after: int | None = None,
) -> int:
    """All rules anew; the number of the version. With `after` only if that is still the newest.
    Accounts that this store's reader does not see stay in the rules that ask for them.

    Raises `Unclear`.
    """
    found = rules_written.rules(document)
    with store.write() as session:
        row = stored.newest(session)
        number = row.number if row else 0
        if after is not None and after != number:
            raise Unclear(STALE)
        before = stored.rules(row)
        if restores is None:
            whole = _with_unseen(session, found, before, store.hidden)
            found = rules_written.rules(rules_written.document(whole))
        if found == before:
            raise Unclear(word("That is what version {n} says already."), n=number)
        if restores is None:
            _refuse_strangers(session, found, before)
        _add(session, found, number + 1, actor, now, restores)
    return number + 1


def _add(
    session: Session,
    found: Sequence[Rule],
    number: int,
    actor: str,
    now: datetime,
    restores: int | None = None,
) -> None:
    said = rules_written.document(found)
    marks = {"made_at": now, "made_by": actor, "restores": restores}
    if not stored.add_version(session, {"number": number, "said": said} | marks):
        raise Unclear(STALE)
    audit.record(session, actor, "rules.change", f"rules:{number}", now, restores=restores)


def team_renamed(session: Session, before: str, after: str, *, actor: str, now: datetime) -> None:
    """Rules that name a team go on naming it, in a new version. Raises `Unclear`."""
    row = stored.newest(session)

    def value(name: str, said: str) -> str:
        is_it = name in NAMES_PEOPLE and key_of(team_of(said) or "") == key_of(before)
        return TEAM + after if is_it else said

    rules = stored.rules(row)
    found = tuple(
        replace(rule, actions=tuple((name, value(name, said)) for name, said in rule.actions))
        for rule in rules
    )
    if row is not None and found != rules:
        _add(session, found, row.number + 1, actor, now)


def restore(store: Store, version: int, *, actor: str, now: datetime) -> int:
    """What an earlier version said, as a new one; 0 is the time before the first. Raises
    `Unclear`."""
    with store.read() as session:
        known = {row.number: row.said for row in stored.versions(session)}
    if version not in {0, *known}:
        raise Unclear(word("There is no version {version}."), version=version)
    return change(store, known.get(version, {}), actor=actor, now=now, restores=version)


def try_out(session: Session, rules: Sequence[Rule], now: datetime, days: int = 7) -> Trial:
    """What these rules, switched on or not, would have done with the customers' messages of the
    last days. Nothing is done. Tags and contacts count as they are now."""
    since = now - timedelta(days=days)
    rows = stored.recent(session, since, MOST + 1)
    is_cut, rows = len(rows) > MOST, rows[:MOST]
    tags = persons.tags_of_people(session, {row.contact_id for row in rows})
    zone = accounts.brand_zone(session)
    until = now + timedelta(minutes=1)  # what came in just now counts
    spans = roster.cover(stored_roster.load(session, since), since, until)
    empty = [(one.starts_at, one.ends_at) for one in spans if not one.people]
    known = stored.rules(stored.newest(session))
    rules = _with_unseen(session, rules, known, scope.hidden(session))
    on = [replace(one, on=True) for one in rules]
    found: dict[str, list[tuple[AnyRow, list[tuple[str, str]]]]] = {one.id: [] for one in on}
    for row in rows:
        off_duty = any(start <= row.stored_at < end for start, end in empty)
        acts = decide(on, facts(row, tags, zone, off_duty))
        for rule_id in dict.fromkeys(act.rule.id for act in acts):
            done = [(act.name, act.value) for act in acts if act.rule.id == rule_id]
            found[rule_id].append((row, done))
    return Trial(since, len(rows), is_cut, tuple(_hits(one, found[one.id]) for one in on))


def _hits(rule: Rule, found: Sequence[tuple[AnyRow, list[tuple[str, str]]]]) -> Hits:
    counts: dict[tuple[str, str], int] = {}
    shown: dict[int, AnyRow] = {}
    for row, actions in found:
        shown.setdefault(row.conversation_id, row)
        for action in actions:
            counts[action] = counts.get(action, 0) + 1
    return Hits(rule, len(found), counts, tuple(list(shown.values())[:SHOWN]))


def unseen(session: Session, hidden: frozenset[int]) -> frozenset[str]:
    """The accounts that are hidden from a reader, as rules write them."""
    everyone = accounts.everyone(session) if hidden else []
    return frozenset(f"{one.channel}/{one.handle}" for one in everyone if one.id in hidden)


def _with_unseen(
    session: Session, found: Sequence[Rule], before: Sequence[Rule], hidden: frozenset[int]
) -> tuple[Rule, ...]:
    """Rules as their reader wrote them, each with the accounts that they do not see of the one of
    its id `before`: who was shown no such account did not take it out."""
    not_shown = unseen(session, hidden)
    kept = {one.id: one.conditions.accounts & not_shown for one in before}

    def whole(rule: Rule) -> Rule:
        all_ = rule.conditions.accounts | kept.get(rule.id, frozenset())
        return replace(rule, conditions=replace(rule.conditions, accounts=all_))

    return tuple(map(whole, found))


def _refuse_strangers(session: Session, found: Sequence[Rule], before: Sequence[Rule]) -> None:
    """Who has left, and a policy that is gone, may stay in rules that name them already; nothing
    new may be unknown."""
    promised = {one.id for one in promises.choosable(session)} | _said(before, (POLICY,))
    for policy in sorted(_said(found, (POLICY,)) - promised):
        strange = word("There is no policy {id} that promises customers an answer.")
        raise Unclear(strange, id=policy)
    known = {one.email for one in stored_roster.staff(session)} | {LEADS}
    known |= _said(before, NAMES_PEOPLE)
    keys = {key_of(team.name) for team in teams.everyone(session)}
    for value in sorted(_said(found, NAMES_PEOPLE) - known):
        team = team_of(value)
        if team is None:
            strange = word("Nobody with the address {email} may answer here.")
            raise Unclear(strange, email=value)
        if key_of(team) not in keys:
            raise Unclear(word("There is no team {name}."), name=team)


def _said(rules: Sequence[Rule], actions: Sequence[str]) -> set[str]:
    """The values of some actions of rules."""
    acts = (act for rule in rules for act in rule.actions)
    return {value for name, value in acts if name in actions}


def told(trial: Trial) -> dict[str, object]:
    """A trial as programs are told it."""
    return {
        "messages": trial.messages,
        "is_cut": trial.is_cut,
        "rules": [
            {
                "rule": one.rule.id,
                "messages": one.messages,
                "actions": [
                    {"action": name, "value": value, "messages": count}
                    for (name, value), count in one.actions.items()
                ],
                "conversations": [row.conversation_id for row in one.shown],
            }
            for one in trial.hits
        ],
    }

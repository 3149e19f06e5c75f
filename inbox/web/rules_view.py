"""From rules to their pages, and from the form to a rule as it is written."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.datastructures import FormData

from classifier.labels import Category, Urgency
from inbox.domain import rules_written
from inbox.domain.rules import ACTIONS, LEADS, NOTIFY, SEVERAL, TAG, TEAM, Rule
from inbox.domain.rules_written import FLAGS, LISTS
from inbox.domain.written import fresh_id
from inbox.flows import rule_book
from inbox.flows.rule_book import Trial
from inbox.store import accounts, persons, promises, teams
from inbox.store import roster as stored_roster
from inbox.store import ruling as stored
from inbox.store.session import Store
from inbox.web import accounts_view
from inbox.web.pages import Frame
from inbox.web.pages_rules import Hit, Parts, RuleForm, RuleRow, RulesPage, Tried, Version

WEEK = timedelta(days=7)
WORDS = 140  # characters of a message
TICKED = ("channels", "accounts", "categories", "urgencies", "findings", NOTIFY)
TYPED = ("languages", "contact_tags", TAG)
BLANK: dict[str, Any] = dict.fromkeys(("name", "on", "hours", *LISTS, *FLAGS, *ACTIONS))
"""A rule that asks nothing and does nothing."""
EITHER = {"yes": True, "no": False}


def rules_page(store: Store, frame: Frame, **more: Any) -> RulesPage:
    """`/rules`."""
    with store.read() as session:
        versions = stored.versions(session)
        counts = stored.counts(session, frame.now - WEEK)
        people, channels = _people(session), _channels(session)
        unseen = rule_book.unseen(session, store.hidden)
        policies = _policies(session)
    newest = versions[-1] if versions else None
    return RulesPage(
        frame,
        tuple(_row(rule, counts.get(rule.id, 0), unseen) for rule in stored.rules(newest)),
        tuple(
            Version(row.number, row.made_at, row.made_by, row is newest, row.restores)
            for row in reversed(versions)
        ),
        newest.number if newest else 0,
        people,
        channels,
        policies,
        **more,
    )


def rule_form(
    store: Store,
    frame: Frame,
    given: Mapping[str, Any],
    version: int,
    trial: Trial | None = None,
    **more: Any,
) -> RuleForm:
    """`/rules/edit` with what was given or typed."""
    with store.read() as session:
        known, unseen = accounts.seen(session), rule_book.unseen(session, store.hidden)
        before = stored.rules(stored.newest(session))
        people, channels, tags = _people(session), _channels(session), persons.known_tags(session)
        policies = _policies(session)
        receivers = (LEADS, *(TEAM + team.name for team in teams.everyone(session)), *people)
    options = {
        "channels": tuple(channels),
        "accounts": tuple(f"{one.channel}/{one.handle}" for one in known),
        "categories": tuple(map(str, Category)),
        "urgencies": tuple(map(str, Urgency)),
        "findings": ("card",),
    }
    return RuleForm(
        frame,
        str(given.get("id", "")),
        BLANK | dict(given),
        options,
        people,
        channels,
        tuple(tags),
        version,
        tuple(dict.fromkeys((*receivers, *(given.get(NOTIFY) or ())))),
        policies,
        unseen=any(
            one.id == given.get("id") and unseen & one.conditions.accounts for one in before
        ),
        tried=_tried(trial) if trial else None,
        **more,
    )


def given_rule(form: FormData, known: set[str]) -> dict[str, Any]:
    """The rule that a form says, as it is written; a new one gets an id that is none of `known`."""
    name = str(form.get("name", ""))
    made: dict[str, Any] = {"id": str(form.get("id", "")) or fresh_id(name, known, "rule")}
    made |= {"name": name, "on": form.get("on") == "1"}
    made |= {key: [str(v) for v in form.getlist(key)] for key in TICKED}
    made |= {key: str(form.get(key, "")).replace(",", " ").split() for key in ("languages",)}
    made |= {
        key: [one.strip() for one in str(form.get(key, "")).split(",") if one.strip()]
        for key in ("contact_tags", TAG)
    }
    lines = str(form.get("words", "")).splitlines()
    made["words"] = [line.strip() for line in lines if line.strip()]
    for key in ("vip", "off_duty"):
        if str(form.get(key)) in EITHER:
            made[key] = EITHER[str(form[key])]
    start, end = str(form.get("from", ""))[:5], str(form.get("until", ""))[:5]
    made["hours"] = f"{start}-{end}" if start or end else ""
    for key in ACTIONS:
        if key not in (*SEVERAL, "hide"):
            made[key] = str(form.get(key, ""))
    made["hide"] = form.get("hide") == "1"
    return made


def _tried(trial: Trial) -> Tried:
    (hits,) = trial.hits
    return Tried(
        trial.since,
        trial.messages,
        trial.is_cut,
        hits.messages,
        tuple((name, value, count) for (name, value), count in hits.actions.items()),
        tuple(
            Hit(
                row.conversation_id,
                row.who or row.handle or str(row.conversation_id),
                accounts_view.named(row.channel),
                row.sent_at,
                " ".join((row.text or row.subject or "").split())[:WORDS],
            )
            for row in hits.shown[: rule_book.SHOWN]
        ),
    )


def _row(rule: Rule, messages: int, unseen: frozenset[str]) -> RuleRow:
    said = rules_written.row(rule)
    asked = {name: tuple(one for one in said.get(name, ()) if one not in unseen) for name in LISTS}
    conditions = [(name, values) for name, values in asked.items() if values]
    if unseen.intersection(said.get("accounts", ())):
        conditions.append(("unseen", ()))
    if "vip" in said:
        conditions.append(("vip" if said["vip"] else "not_vip", ()))
    if "off_duty" in said:
        conditions.append(("off_duty" if said["off_duty"] else "on_duty", ()))
    if "hours" in said:
        conditions.append(("hours", (said["hours"].replace("-", "–"),)))
    actions: Parts = tuple(
        (name, () if name == "hide" else tuple(said[name]) if name in SEVERAL else (said[name],))
        for name in ACTIONS
        if name in said
    )
    return RuleRow(rule.id, rule.name, rule.on, tuple(conditions), actions, messages)


def _people(session: Any) -> dict[str, str]:
    return {one.email: one.name for one in stored_roster.staff(session)}


def _policies(session: Any) -> dict[str, str]:
    return {one.id: one.name for one in promises.choosable(session)}


def _channels(session: Any) -> dict[str, str]:
    found = {one.channel for one in accounts.everyone(session)}
    return {key: accounts_view.named(key).name for key in sorted(found)}

"""Routing rules: what happens by itself to a message that has just come in.

A rule has conditions, all of which must hold (of a list one is enough; none given holds always),
and actions. Rules are asked in order. Of the actions of which there can be one only, the first rule
that has it wins; tags and who is told add up. Nothing here reads a clock or a database: the same
rules and facts always decide the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from functools import lru_cache
from typing import Final

from inbox.domain.search import matches, needles_of

ASSIGN, NOTIFY, CATEGORY, URGENCY = "assign", "notify", "category", "urgency"
POLICY = "policy"
TAG, ACKNOWLEDGE, HIDE = "tag_contact", "acknowledge", "hide"
ACTIONS: Final = (ASSIGN, NOTIFY, CATEGORY, URGENCY, POLICY, TAG, ACKNOWLEDGE, HIDE)
SEVERAL: Final = (NOTIFY, TAG)
"""Actions of which a rule may have several, each with one value."""
NAMES_PEOPLE: Final = (ASSIGN, NOTIFY)
WRITES_TO_CUSTOMERS: Final = (ACKNOWLEDGE, HIDE)
"""What a customer sees. History runs no rule at all; these are why."""
LEADS: Final = "leads"
"""All leads and admins, as the value of `notify`."""
TEAM: Final = "team:"
"""Before a team's name, where a person's address may stand, too."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """`accounts` are written `x/@brand`. `words` are found as in the search, each a phrase. `hours`
    are of the brand's wall clock; an end that is not later than the start is on the next day.
    `off_duty`: nobody is on duty. `vip` and `off_duty` None: either."""

    channels: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    urgencies: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    contact_tags: frozenset[str] = frozenset()
    findings: frozenset[str] = frozenset()
    vip: bool | None = None
    off_duty: bool | None = None
    hours: tuple[time, time] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `actions` are (name, value) in the order of `ACTIONS`, at least one; of `SEVERAL`
    each stands as often as it has values; the value of `hide` is empty."""

    id: str
    name: str
    on: bool
    conditions: Conditions
    actions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a message when it has been tagged. `text` is its `search_text`, made once
    for all rules; `local` is the brand's wall clock when it came in."""

    channel: str
    account: str
    text: str
    local: time
    category: str | None = None
    urgency: str | None = None
    language: str | None = None
    contact_tags: frozenset[str] = frozenset()
    findings: frozenset[str] = frozenset()
    vip: bool = False
    off_duty: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do, and the rule that says so."""

    rule: Rule
    name: str
    value: str


def decide(rules: Iterable[Rule], facts: Facts) -> list[Act]:
    """What is to be done, in the order of the rules; switched-off rules do nothing."""
    found: list[Act] = []
    taken: set[tuple[str, str]] = set()
    for rule in rules:
        if not rule.on or not holds(rule.conditions, facts):
            continue
        for name, value in rule.actions:
            once = (name, value if name in SEVERAL else "")
            if once not in taken:
                taken.add(once)
                found.append(Act(rule, name, value))
    return found


def holds(wanted: Conditions, facts: Facts) -> bool:
    """Whether every condition holds."""
    lists = (
        (wanted.channels, {facts.channel}),
        (wanted.accounts, {facts.account}),
        (wanted.categories, {facts.category}),
        (wanted.urgencies, {facts.urgency}),
        (wanted.languages, {facts.language}),
        (wanted.contact_tags, facts.contact_tags),
        (wanted.findings, facts.findings),
    )
    return (
        all(not asked or asked & known for asked, known in lists)
        and (not wanted.words or any(says(facts.text, one) for one in wanted.words))
        and wanted.vip in (None, facts.vip)
        and wanted.off_duty in (None, facts.off_duty)
        and (wanted.hours is None or within(wanted.hours, facts.local))
    )


def says(text: str, phrase: str) -> bool:
    """Whether a `search_text` has this phrase: its words whole and in a row, however written."""
    needles = _needles(phrase)
    return bool(needles) and matches(text, needles)


@lru_cache(maxsize=10_000)
def _needles(phrase: str) -> tuple[str, ...]:
    return needles_of(f'"{phrase.replace(chr(34), " ")}"')


def within(hours: tuple[time, time], local: time) -> bool:
    """Whether a time of day lies in [start, end), over midnight where the end is not later."""
    start, end = hours
    return start <= local < end if start < end else local >= start or local < end


def team_of(value: str) -> str | None:
    """The team's name where a value names a team; None where it names a person or the leads."""
    return value.removeprefix(TEAM) if value.startswith(TEAM) else None

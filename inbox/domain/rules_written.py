"""Routing rules as people write them, in TOML files, forms and the database.

[[rule]]
id = "night"
name = "At night"
on = true                              # no line: off
channels = ["x"]                       # no line: any
accounts = ["x/@lumenpay"]
categories = ["security"]
urgencies = ["critical"]
languages = ["es"]
words = ["stolen", "被盗"]
contact_tags = ["press"]
findings = ["card"]
vip = true
off_duty = true                        # nobody is on duty
hours = "18:00-08:00"                  # the brand's wall clock

assign = "ada@lumenpay.example"         # or "team:Iberia"
notify = ["leads", "team:Iberia", "bo@lumenpay.example"]
category = "security"
urgency = "critical"
policy = "press"
tag_contact = ["stolen"]
acknowledge = "Dear {customer}, {brand} will answer by {due}."
hide = true
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import time
from typing import Any, Final

from classifier.labels import Category, Urgency
from connectors.core.contract import word
from connectors.core.text import clean
from inbox.domain.contacts import BadTag
from inbox.domain.contacts import tag as tag_of
from inbox.domain.rules import (
    ACKNOWLEDGE,
    ACTIONS,
    ASSIGN,
    HIDE,
    NOTIFY,
    SEVERAL,
    TAG,
    TEAM,
    Conditions,
    Rule,
)
from inbox.domain.search import search_text
from inbox.domain.written import ID, Document, Unclear, check_keys, hours_of, language_of

LISTS: Final = (
    *("channels", "accounts", "categories", "urgencies", "languages", "words"),
    *("contact_tags", "findings"),
)
FLAGS: Final = ("vip", "off_duty")
VARIABLES: Final = ("customer", "brand", "due")
"""What an acknowledgement may name in braces."""
MOST_RULES, MOST_VALUES, NAME_LENGTH, WORD_LENGTH, TEXT_LENGTH = 100, 100, 60, 100, 2_000
LINK = re.compile(r"\w[./:。．]\w")
KNOWN: Final[Mapping[str, Collection[str]]] = {
    "categories": set(map(str, Category)),
    "urgencies": set(map(str, Urgency)),
    "category": set(map(str, Category)),
    "urgency": set(map(str, Urgency)),
}


def rules(document: Document) -> tuple[Rule, ...]:
    """The rules of a document, in order. Raises `Unclear`."""
    check_keys(document, {"rule"}, "rules")
    rows = document.get("rule", [])
    if not isinstance(rows, list) or len(rows) > MOST_RULES:
        raise Unclear(word("Write each rule as [[rule]], at most {n}."), n=MOST_RULES)
    found = tuple(map(_rule, rows))
    for rule in found:
        if sum(one.id == rule.id for one in found) > 1:
            raise Unclear(word("Rule “{id}” stands there twice."), id=rule.id)
    return found


def document(found: Sequence[Rule]) -> Document:
    """The document that `rules` reads."""
    return {"rule": [row(rule) for rule in found]}


def row(rule: Rule) -> dict[str, Any]:
    """One rule as it is written; what holds always is left out."""
    wanted = rule.conditions
    made: dict[str, Any] = {"id": rule.id, "name": rule.name, "on": rule.on}
    for name in LISTS:
        if values := getattr(wanted, name):
            made[name] = list(values) if name == "words" else sorted(values)
    for name in FLAGS:
        if (flag := getattr(wanted, name)) is not None:
            made[name] = flag
    if wanted.hours:
        made["hours"] = "-".join(f"{at:%H:%M}" for at in wanted.hours)
    for name, value in rule.actions:
        if name in SEVERAL:
            made[name] = [*made.get(name, []), value]
        else:
            made[name] = True if name == HIDE else value
    return made


def filled(text: str, values: Mapping[str, str]) -> str:
    """An acknowledgement with its variables."""
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], ""), text)


def spoken_name(name: str | None, handle: str | None) -> str:
    """What an acknowledgement calls a customer. They choose their name, and nobody reads it before
    the brand says it, perhaps in public: one that a platform would make a link of, or that is long
    enough to say something, gives way to the handle."""
    said = " ".join((name or "").split())
    fits = said and len(said) <= NAME_LENGTH and not LINK.search(said)
    return said if fits else handle or ""


def _rule(given: Any) -> Rule:
    if not isinstance(given, Mapping):
        raise Unclear(word("Write each rule as [[rule]], at most {n}."), n=MOST_RULES)
    name = " ".join(clean(str(given.get("name", ""))).split())
    if not name or len(name) > NAME_LENGTH:
        raise Unclear(word("A rule needs a name of at most {n} letters."), n=NAME_LENGTH)
    check_keys(given, {"id", "name", "on", "hours", *LISTS, *FLAGS, *ACTIONS}, name)
    key = str(given.get("id", ""))
    if not ID.fullmatch(key):
        raise Unclear(word("{name}: an id has small letters, digits and dashes."), name=name)
    several = {one: _list(given, one, name) for one in LISTS}
    conditions = Conditions(
        channels=frozenset(several["channels"]),
        accounts=frozenset(several["accounts"]),
        categories=frozenset(several["categories"]),
        urgencies=frozenset(several["urgencies"]),
        languages=frozenset(several["languages"]),
        words=several["words"],
        contact_tags=frozenset(several["contact_tags"]),
        findings=frozenset(several["findings"]),
        vip=_flag(given, "vip", name),
        off_duty=_flag(given, "off_duty", name),
        hours=_hours(given, name),
    )
    actions = _actions(given, name)
    if not actions:
        raise Unclear(word("{name}: say what it does."), name=name)
    return Rule(key, name, bool(_flag(given, "on", name)), conditions, actions)


def _actions(given: Mapping[str, Any], name: str) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for action in ACTIONS:
        if action in SEVERAL:
            found += [(action, value) for value in _list(given, action, name)]
        elif action == HIDE:
            found += [(HIDE, "")] if _flag(given, HIDE, name) else []
        elif text := clean(str(given.get(action) or "")).strip():
            found.append((action, _value(action, text, name)))
    return tuple(found)


def _value(action: str, text: str, name: str) -> str:
    if action in KNOWN:
        _check(text, KNOWN[action], name)
    if action == ASSIGN:
        return _whom(text)
    if action == ACKNOWLEDGE:
        if len(text) > TEXT_LENGTH:
            long = word("{name}: the acknowledgement has at most {n} letters.")
            raise Unclear(long, name=name, n=TEXT_LENGTH)
        for variable in re.findall(r"\{([^{}]*)\}", text):
            if variable not in VARIABLES:
                unknown = word("{name}: “{text}” is no variable; there are {known}.")
                known = ", ".join(f"{{{one}}}" for one in VARIABLES)
                raise Unclear(unknown, name=name, text=f"{{{variable}}}", known=known)
    return text


def _list(given: Mapping[str, Any], key: str, name: str) -> tuple[str, ...]:
    values = given.get(key, [])
    if not isinstance(values, list) or len(values) > MOST_VALUES:
        raise Unclear(
            word("{name}: {key} is a list of at most {n}."), name=name, key=key, n=MOST_VALUES
        )
    found = tuple(dict.fromkeys(_plain(key, " ".join(clean(str(v)).split())) for v in values))
    for value in found:
        is_empty = not search_text(value).strip() if key == "words" else not value
        if is_empty or len(value) > WORD_LENGTH:
            raise Unclear(word("{name}: “{text}” is too long or empty."), name=name, text=value)
        if key in KNOWN:
            _check(value, KNOWN[key], name)
    return found


def _plain(key: str, value: str) -> str:
    """As what it is compared with is kept: tags and languages have one way of writing."""
    if key == "languages":
        return language_of(value)
    if key == NOTIFY:
        return _whom(value)
    if key not in ("contact_tags", TAG):
        return value
    try:
        return tag_of(value)
    except BadTag as e:
        raise Unclear(str(e)) from e


def _whom(text: str) -> str:
    """A person's address, the leads, or a team, whose name stays as it is written."""
    first, colon, name = text.partition(":")
    return TEAM + name.strip() if colon and f"{first.lower()}:" == TEAM else text.lower()


def _check(value: str, known: Collection[str], name: str) -> None:
    if value not in known:
        among = ", ".join(sorted(known))
        text = word("{name}: “{text}” is none of {known}.")
        raise Unclear(text, name=name, text=value[:40], known=among)


def _flag(given: Mapping[str, Any], key: str, name: str) -> bool | None:
    value = given.get(key)
    if value is not None and not isinstance(value, bool):
        raise Unclear(word("{name}: {key} is true or false."), name=name, key=key)
    return value


def _hours(given: Mapping[str, Any], name: str) -> tuple[time, time] | None:
    text = str(given.get("hours") or "").strip()
    return hours_of(text, name) if text else None

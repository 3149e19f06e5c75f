"""Routing rules: what they decide, and how they are written."""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.domain import rules_written
from inbox.domain.rules import (
    ACTIONS,
    SEVERAL,
    Conditions,
    Facts,
    Rule,
    decide,
    holds,
    says,
    within,
)
from inbox.domain.search import search_text
from inbox.domain.written import Unclear

FACTS = Facts(
    channel="x",
    account="x/@lumenpay",
    text=search_text("My card was stolen!\n我的卡被盗了"),
    local=time(23, 30),
    category="security",
    urgency="critical",
    language="en",
    contact_tags=frozenset({"press"}),
    findings=frozenset({"card"}),
)
some = st.frozensets(st.sampled_from(["x", "email"]), max_size=2)
conditions = st.builds(Conditions, channels=some, vip=st.none() | st.booleans())
actions = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.sampled_from("abc")), min_size=1, max_size=4
).map(tuple)
rules = st.lists(
    st.builds(Rule, st.sampled_from("pqrs"), st.just("Rule"), st.booleans(), conditions, actions),
    max_size=5,
)


@given(rules, st.booleans())
def test_each_action_is_decided_once_by_the_first_rule_that_has_it(
    found: list[Rule], vip: bool
) -> None:
    facts = replace(FACTS, vip=vip)
    acts = decide(found, facts)
    ones = [act.name if act.name not in SEVERAL else f"{act.name} {act.value}" for act in acts]
    assert len(ones) == len(set(ones))
    first = [one for one in found if one.on and holds(one.conditions, facts)]
    assert all(act.rule in first for act in acts)
    if first:
        assert (acts[0].rule, acts[0].name) == (first[0], first[0].actions[0][0])
    assert decide([one for one in found if one not in first], facts) == []


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({}, True),
        ({"channels": frozenset({"email", "x"})}, True),
        ({"channels": frozenset({"email"})}, False),
        ({"accounts": frozenset({"x/@other"})}, False),
        ({"words": ("STOLEN",)}, True),
        ({"words": ("stole",)}, False),
        ({"words": ("nothing", "被盗")}, True),
        ({"contact_tags": frozenset({"press", "gold"})}, True),
        ({"findings": frozenset({"code"})}, False),
        ({"vip": True}, False),
        ({"vip": False, "off_duty": False}, True),
        ({"hours": (time(18), time(8))}, True),
        ({"hours": (time(8), time(18))}, False),
        ({"urgencies": frozenset({"low"}), "languages": frozenset({"en"})}, False),
    ],
)
def test_every_condition_must_hold(wanted: dict[str, Any], fits: bool) -> None:
    assert holds(Conditions(**wanted), FACTS) is fits


def test_a_phrase_is_its_words_in_a_row() -> None:
    assert says(search_text("Where is MY Card, please"), "my card")
    assert not says(search_text("my old card"), "my card")
    assert not says(search_text("anything"), '""')


@given(st.times(), st.times(), st.times())
def test_hours_and_their_complement_share_every_moment(start: time, end: time, local: time) -> None:
    if start == end:
        assert within((start, end), local)
    else:
        assert within((start, end), local) != within((end, start), local)


ROW = {
    "id": "night",
    "name": "At night",
    "on": True,
    "words": ["stolen", "被盗"],
    "categories": ["security"],
    "vip": False,
    "hours": "18:00-08:00",
    "assign": "ada@lumenpay.example",
    "urgency": "critical",
    "policy": "press",
    "tag_contact": ["stolen", "night"],
    "acknowledge": "Dear {customer}, {brand} answers by {due}.",
    "notify": ["leads", "team:Iberia", "ada@lumenpay.example"],
    "hide": True,
}


def test_rules_come_out_as_they_were_written() -> None:
    found = rules_written.rules({"rule": [ROW]})
    assert rules_written.rules(rules_written.document(found)) == found
    assert rules_written.document(found) == {"rule": [ROW]}


def test_tags_and_languages_are_written_as_they_are_kept() -> None:
    said = {"tag_contact": ["Stolen Card"], "contact_tags": ["Press"], "languages": ["ES"]}
    (rule,) = rules_written.rules({"rule": [ROW | said]})
    assert [value for name, value in rule.actions if name == "tag_contact"] == ["stolen-card"]
    assert rule.conditions.contact_tags == {"press"}
    assert rule.conditions.languages == {"es"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"id": "No Id"},
        {"colour": "red"},
        {"categories": ["hugs"]},
        {"urgency": "soon"},
        {"hours": "from 8"},
        {"tag_contact": ["!"]},
        {"contact_tags": ["x" * 31]},
        {"languages": ["klingon"]},
        {"words": ["..."]},
        {"vip": "yes"},
        {"words": "stolen"},
        {"acknowledge": "Dear {name}"},
        {
            "assign": "",
            "notify": [],
            "urgency": "",
            "policy": "",
            "tag_contact": [],
            "acknowledge": "",
        }
        | {"hide": False},
    ],
)
def test_what_means_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Unclear):
        rules_written.rules({"rule": [ROW | wrong]})


def test_an_id_stands_there_once() -> None:
    with pytest.raises(Unclear):
        rules_written.rules({"rule": [ROW, ROW]})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ann", "Ann"),
        ("J. R.  Smith", "J. R. Smith"),
        ("王芳", "王芳"),
        ("Refunds: lumen-pay.example/now", "@ann"),
        ("https://evil.example", "@ann"),
        ("a" * 61, "@ann"),
        (" ", "@ann"),
        (None, "@ann"),
    ],
)
def test_an_acknowledgement_says_no_link_that_a_customer_calls_itself(
    name: str | None, said: str
) -> None:
    assert rules_written.spoken_name(name, "@ann") == said


def test_an_acknowledgement_is_filled_and_braces_of_customers_are_not() -> None:
    said = rules_written.filled("Dear {customer} of {brand}", {"customer": "{due}", "brand": "L"})
    assert said == "Dear {due} of L"

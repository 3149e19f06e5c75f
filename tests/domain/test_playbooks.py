"""Playbooks: what can be stored, and that the ready ones keep to what the brand promises."""

import re

import pytest

from classifier.labels import TOPIC_MEANING
from inbox.domain.playbooks import STEPS, BadPlaybook, Playbook, checked, places_of, steps_of
from inbox.domain.starters import STARTERS
from inbox.flows.playbook_lines import starters

LOOK = {"check": ("Look",)}


@pytest.mark.parametrize(
    "bad",
    [
        Playbook("food", {"en": LOOK}),
        Playbook("refund.top_up", {"en": LOOK}),
        Playbook("refund", {}),
        Playbook("refund", {"en": {"never": ("For a code",)}}),
        Playbook("refund", {"english": LOOK}),
        Playbook("refund", {"en": {"chek": ("Look",)}}),
        Playbook("refund", {"en": LOOK, "zh": {"check": ("看", "问")}}),
        Playbook("refund", {"en": {"check": ("x" * 301,)}}),
        Playbook("refund", {"en": {"check": ("x",) * 9}}),
        Playbook("refund", {"en": LOOK}, tuple("abcdefg")),
        Playbook("\ud800", {"\ud800": {"\ud800": ("\ud800",)}}),
    ],
)
def test_what_cannot_be_stored_is_refused_in_words(bad: Playbook) -> None:
    with pytest.raises(BadPlaybook, match=r".+") as refused:
        checked(bad)
    assert str(refused.value).encode()  # half a character is said as one


def test_what_is_stored_is_clean_and_checking_twice_changes_nothing() -> None:
    written = Playbook("refund", {"EN": {"check": (" a \x00 b ", " "), "ask": ()}}, ("/Refund", ""))
    right = checked(written)
    assert right == Playbook("refund", {"en": {"check": ("a � b",)}}, ("refund",))
    assert checked(right) == right


def test_the_topic_comes_before_its_category_and_nothing_has_nothing() -> None:
    assert places_of("refund", "status") == ("refund.status", "refund")
    assert places_of("refund", None) == ("refund",)
    assert places_of(None, None) == ()


def test_every_category_and_topic_has_a_ready_one_in_english_and_chinese() -> None:
    ready = starters()
    wanted = {str(c) for c in TOPIC_MEANING}
    wanted |= {f"{c}.{topic}" for c, topics in TOPIC_MEANING.items() for topic in topics}
    assert {one.place for one in ready} == wanted
    for one in ready:
        english, chinese = one.texts["en"], one.texts["zh"]
        parts = english.keys() | chinese.keys()
        assert all(len(english.get(p, ())) == len(chinese.get(p, ())) for p in parts), one.place
        assert len(steps_of(english)) >= 1
        assert len(english["never"]) >= 2
        assert set(one.answers) <= {answer.shortcut for answer in STARTERS}


def test_the_ready_ones_ask_for_no_secret_and_promise_what_the_brand_keeps() -> None:
    secret = re.compile(r"(your|their) (password|code|pin)\b|whole card|验证码是|完整卡号", re.I)
    for one in starters():
        for lines in one.texts.values():
            asked = [line for part in STEPS for line in lines.get(part, ())]
            assert not [line for line in asked if secret.search(line)], one.place
    refund = next(one for one in starters() if one.place == "refund.request")
    english, chinese = (" ".join(steps_of(refund.texts[lang]).values()) for lang in ("en", "zh"))
    for fact in ("in the app", "1 to 3 working days", "account it came from", "unasked"):
        assert fact in english
    for fact in ("应用内", "1–3 个工作日", "原付款账户", "主动告知"):
        assert fact in chinese

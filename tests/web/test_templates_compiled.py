"""What is made once, when a template is compiled, is what every page would have made."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment
from jinja2.compiler import CodeGenerator
from markupsafe import Markup, escape

import templates
from inbox.domain.snippets import Piece
from inbox.web.accounts_view import named
from inbox.web.pages import Clock, Person, day_line, tags
from inbox.web.pages_list import Row, groups
from inbox.web.style import sample_pages
from inbox.web.style_people import NOW, sample_frame, sample_list
from templates.compiled import escaped

ZONE = "Europe/Lisbon"


@pytest.mark.parametrize("name", ["thread", "style", "sign-in"])
def test_a_compiled_page_is_the_same_to_the_byte(name: str) -> None:
    page = sample_pages("en")[name]
    compiled = templates.environment("en", ZONE)
    plain = compiled.overlay()
    plain.code_generator_class = CodeGenerator
    once, each = (env.get_template(page.TEMPLATE).render(page=page) for env in (compiled, plain))
    assert once == each


def test_fixed_parts_are_not_made_again_by_a_page() -> None:
    env = templates.environment("zh_Hans_CN", ZONE)
    said = env.compile(
        '{% import "parts/_ui.html" as ui %}{{ _("Inbox") }}{{ ui.icon("late", 12) }}', raw=True
    )
    assert "收件箱" in said
    assert "#i-late" in said
    assert "context.call" not in said
    said = env.compile('{% include "parts/_help.html" %}{% include "parts/_rail.html" %}', raw=True)
    assert "<kbd>" in said
    assert said.count("get_template") == 1  # the rail asks whose it is


def test_no_space_follows_a_full_width_mark_that_a_text_ends_with() -> None:
    """Such a mark brings its own space. Others' words stay as they are."""
    env = templates.environment("zh_Hans_CN", ZONE)

    def drawn(source: str) -> str:
        return env.from_string(source).render(more=True, why="内容： 1")

    assert drawn('{{ _("failed:") }} <bdi>{{ why }}</bdi>') == "失败：<bdi>内容： 1</bdi>"
    assert drawn('{{ _("failed:") }} {{ why }}') == "失败：内容： 1"
    assert drawn('{{ _("failed:") }}{{ " " }}{{ why }}') == "失败：内容： 1"
    sentences = '{{ _("Nobody can answer here.") }}{% if more %} {{ _("Inbox") }}{% endif %}'
    assert drawn(sentences) == "这里无法回复。收件箱"
    one, many = "%(num)s correction was left out.", "%(num)s corrections were left out."
    counted = f'{{{{ ngettext("{one}", "{many}", 2) }}}} {{{{ why }}}}'
    assert drawn(counted) == "2 条更正未采用。内容： 1"
    assert drawn('{{ _("Inbox") }} {{ why }}') == "收件箱 内容： 1"
    first = '{% if more %}{{ _("Nobody can answer here.") }}{% else %}'
    both = first + '{{ _("failed:") }}{% endif %} {{ why }}'
    assert drawn(both) == "这里无法回复。内容： 1"
    one = both.replace("failed:", "Inbox")
    assert drawn(one) == "这里无法回复。 内容： 1"  # the other way ends without a mark
    english = templates.environment("en", ZONE).from_string(sentences)
    assert english.render(more=True) == "Nobody can answer here. Inbox"


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.text().map(Markup)))
def test_output_is_escaped_as_markupsafe_does(value: object) -> None:
    assert escaped(value) == str(escape(value))
    assert f"<b>{escaped(value)}" == f"<b>{escape(value)}"


def test_an_hour_that_comes_twice_is_told_twice() -> None:
    lisbon = ZoneInfo(ZONE)
    first = datetime(2026, 10, 25, 1, 30, tzinfo=lisbon)
    again = first.replace(fold=1)
    filters = templates.environment("en", ZONE).filters
    for moment in (first, again):
        utc = moment.astimezone(UTC)
        assert filters["iso"](moment) == utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    in_tokyo = templates.environment("en", "Asia/Tokyo").filters["local"]
    assert [in_tokyo(first), in_tokyo(again)] == ["09:30", "10:30"]
    assert filters["near"](again, again + timedelta(days=1)) == "yesterday 01:30"


WORDS = st.text(max_size=40)
ROWS = st.builds(
    Row,
    id=st.integers(1, 3),
    channel=st.sampled_from([named("x"), named("email")]),
    who=WORDS,
    preview=WORDS,
    tags=st.sampled_from(
        [tags([("refund", 0.9)], labels=("refund",)), tags([]), tags([], by_person="spam")]
    ),
    clock=st.just(Clock("none")),
    unread=st.integers(0, 2),
    ours_last=st.sampled_from(["", "me", "team"]),
    findings=st.sampled_from([(), ("card",), ("impostor", "card")]),
    owner=st.sampled_from(
        [None, Person("Ada", "A", id=1), Person("Ada", "A", id=2), Person("Bo", "B")]
    ),
    mine=st.booleans(),
    selected=st.booleans(),
    snippet=st.sampled_from([(), (Piece("late", True),), (Piece("late", False),)]),
    at=st.sampled_from([None, 1, 2]),
    noted=st.booleans(),
    escalated=st.booleans(),
    back_at=st.sampled_from([None, NOW + timedelta(days=1)]),
    vip=st.booleans(),
    blocked=st.booleans(),
    draft=st.sampled_from(["", "Hi"]),
    complaint=st.booleans(),
    complaint_due_at=st.sampled_from([None, NOW + timedelta(days=2)]),
    complaint_late=st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(ROWS, st.integers(-90_000, 90_000)), min_size=1, max_size=5),
    st.integers(0, 259_200),
    st.sampled_from(["due", "mine"]),
    st.booleans(),
)
def test_what_is_drawn_once_is_what_each_page_would_have_drawn(
    given: list[tuple[Row, int]], passed: int, view: str, writes: bool
) -> None:
    now = NOW + timedelta(seconds=passed)
    line = partial(day_line, NOW - timedelta(hours=20), now=now)
    shown = [replace(row, clock=line(NOW + timedelta(seconds=due))) for row, due in given]
    around = sample_frame("en")
    around = replace(around, now=now, me=replace(around.me, writes=writes))
    page = replace(sample_list(around), view=view, groups=groups(shown, now, ZONE))
    once = templates.environment("en", ZONE)
    assert once.get_template(page.PART).render(page=page) == PLAIN.get_template(page.PART).render(
        page=page
    )


def _plain() -> Environment:
    """Draws everything for every page."""
    plain = templates.environment("en", ZONE).overlay()
    plain.globals = plain.globals | {"kept": lambda macro: macro}
    return plain


PLAIN = _plain()

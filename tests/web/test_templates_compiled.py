"""What is made once, when a template is compiled, is what every page would have made."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2.compiler import CodeGenerator
from markupsafe import Markup, escape

import templates
from inbox.web.style import sample_pages
from templates.compiled import escaped

ZONE = "Europe/Lisbon"


@pytest.mark.parametrize("name", ["thread", "style", "sign-in"])
def test_a_compiled_page_is_the_same_to_the_byte(name: str) -> None:
    page = sample_pages("zh_Hans_CN")[name]
    compiled = templates.environment("zh_Hans_CN", ZONE)
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

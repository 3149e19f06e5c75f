"""Every page and part is made of its context alone, in each language, safe from what it shows."""

import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import pytest

import templates
from inbox.web import render
from inbox.web.pages import STATIC
from inbox.web.pages_list import ListPage
from inbox.web.pages_thread import ThreadPage
from inbox.web.style import sample_pages
from inbox.web.style_people import ZONE, sample_frame, sample_list
from inbox.web.style_report import sample_quiet, sample_report
from inbox.web.style_thread import sample_thread

LOCALES = list(templates.LOCALES)
samples = cache(sample_pages)
NAMES = list(samples("en"))
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=y>‮gnp.exe'


class Tags(HTMLParser):
    """All start tags of a page, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.found if name == tag]


@cache
def page(name: str, locale: str = "en") -> str:
    return render.page(samples(locale)[name])


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", NAMES)
def test_each_page_renders_from_its_sample(name: str, locale: str) -> None:
    text = page(name, locale)
    assert text.startswith("<!doctype html>")
    assert "</html>" in text


def test_every_page_has_a_sample_that_is_looked_at() -> None:
    """So that axe, fingers and every width meet it in `test_templates_axe`."""
    pages = {f"pages/{one.name}" for one in (templates.HERE / "pages").glob("[!_]*.html")}
    assert {page.TEMPLATE for page in samples("en").values()} == pages


@pytest.mark.parametrize("name", NAMES)
def test_the_thumb_bar_lights_one_tab(name: str) -> None:
    text = page(name)
    assert len(re.findall('class="tab is-active"', text)) == text.count('class="tabbar"')


@pytest.mark.parametrize("name", ["list", "report", "planner", "drift"])
def test_every_chart_is_named_and_has_its_table_behind_it(name: str) -> None:
    charts = re.split(r'<svg class="(?=chart|tide-plot)', page(name))[1:]
    assert charts
    for chart in charts:
        role = "group" if "<a " in chart.partition("</svg>")[0] else "img"  # what leads somewhere
        assert re.match(f'[^>]* role="{role}" aria-label="[^"]{{10}}', chart)
        assert re.match(
            r'.*?</svg>\s*<details[^>]*><summary>As a table<span class="sr"> \(', chart, re.DOTALL
        )


@pytest.mark.parametrize("name", NAMES)
def test_no_page_holds_an_inline_style_a_script_or_a_handler(name: str) -> None:
    found = Tags(page(name)).found
    assert not [tag for tag, _ in found if tag == "style"]
    assert not [a for tag, a in found if tag == "script" and not a.get("src")]
    assert not [a for _, a in found if "style" in a or any(key.startswith("on") for key in a)]
    assert not [a for _, a in found if any("javascript:" in value for value in a.values())]


@pytest.mark.parametrize("name", NAMES)
def test_no_page_loads_anything_from_elsewhere(name: str) -> None:
    addresses = [
        value
        for tag, attributes in Tags(page(name)).found
        for key, value in attributes.items()
        if key in {"src", "href", "action", "srcset", "poster"} and tag != "svg"
    ]
    ours = ("/", "#", "?", "otpauth://totp/")  # the last is opened by an app on the same device
    assert not [address for address in addresses if not address.startswith(ours)]


@pytest.mark.parametrize("name", NAMES)
def test_each_id_stands_once_on_a_page(name: str) -> None:
    ids = [attributes["id"] for _, attributes in Tags(page(name)).found if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_beside_the_pages_nobody_is_told_of_exactly_1001_that_are_late() -> None:
    listed = sample_list(sample_frame("en"))
    for overdue, told in ((1000, "1000"), (1001, "1000+")):
        text = render.page(replace(listed, frame=replace(listed.frame, overdue=overdue)))
        assert text.count(f'<span class="count">{told}</span><span class="sr"> overdue') == 2


def test_every_icon_that_a_page_uses_is_drawn() -> None:
    drawn = set(re.findall(r'id="([ic]-\w+)"', (STATIC / "icons.svg").read_text("utf-8")))
    used = {icon for name in NAMES for icon in re.findall(r"icons\.svg#([ic]-\w+)", page(name))}
    assert used <= drawn


def test_the_answer_carries_its_key_and_what_its_author_was_shown() -> None:
    text = render.part(sample_thread(sample_frame()))
    assert '<input type="hidden" name="idempotency_key" value="4b0c0de5a1">' in text
    assert 'name="shown" id="shown" value="104"' in text


def test_parts_stand_alone_as_htmx_swaps_them() -> None:
    frame = sample_frame()
    list_part = render.part(sample_list(frame))
    pane = render.part(sample_thread(frame))
    assert list_part.lstrip().startswith("<section")
    assert '<main class="thread is-open" id="thread"' in pane
    assert "<html" not in list_part + pane


def test_customers_words_are_escaped_wherever_they_stand() -> None:
    for text in hostile_pages():
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "&lt;script&gt;" in text


def hostile_pages() -> list[str]:
    listed = sample_list(sample_frame())
    rows = (replace(listed.groups[0].rows[0], who=HOSTILE, preview=HOSTILE),)
    listed = replace(listed, groups=(replace(listed.groups[0], rows=rows),))
    thread = sample_thread(sample_frame())
    entry = thread.days[0].entries[0]
    message = replace(entry.message, by=HOSTILE, text=HOSTILE, subject=HOSTILE)
    day = replace(thread.days[0], entries=(replace(entry, message=message),))
    customer = replace(thread.side.customer, name=HOSTILE, handle=HOSTILE)
    thread = replace(thread, days=(day,), side=replace(thread.side, customer=customer))
    report = sample_report()
    report = replace(report, late_now=(replace(report.late_now[0], who=HOSTILE),))
    mail = templates.render("mail/report.html", "en", ZONE, report=report, picture="cid:x")
    return [render.part(listed), render.part(thread), mail]


def test_words_of_a_message_find_their_own_direction_and_keep_their_lines() -> None:
    thread = sample_thread(sample_frame())
    texts = re.findall(r'<p class="msg-text"[^>]*>', render.part(thread))
    assert texts
    assert all('dir="auto"' in text for text in texts)
    assert "white-space: pre-wrap" in (STATIC / "thread.css").read_text("utf-8")


def test_an_auditor_sees_no_button_that_changes_something() -> None:
    frame = sample_frame()
    frame = replace(frame, me=replace(frame.me, role="auditor", writes=False))
    thread = replace(sample_thread(frame), composer=None, no_reply="You may read, not answer.")
    text = render.part(thread)
    assert 'method="post"' not in text
    assert "You may read, not answer." in text


def test_the_mail_stands_without_styles_from_elsewhere_and_has_plain_words() -> None:
    report = replace(sample_report(), base="https://desk.lumenpay.example")
    for locale in LOCALES:
        html = templates.render("mail/report.html", locale, ZONE, report=report, picture="cid:x")
        text = templates.render("mail/report.txt", locale, ZONE, report=report)
        assert "https://desk.lumenpay.example/reports/2026-11-18" in html
        assert "https://desk.lumenpay.example/conversations/31" in text
        assert "<" not in text
        assert [img["src"] for img in Tags(html).of("img")] == ["cid:x"]
        assert not Tags(html).of("link") + Tags(html).of("script")


def test_a_day_on_which_nothing_was_due_says_so() -> None:
    report = sample_quiet()
    assert "No answer was due." in templates.render(
        "mail/report.html", "en", ZONE, report=report, picture="cid:x"
    )
    subject = templates.render("mail/report_subject.txt", "en", ZONE, report=report)
    assert subject.strip() == "No answer was due · Lumen Pay · Wed 18 Nov 2026"


@pytest.mark.parametrize("kind", [ListPage, ThreadPage])
def test_pages_name_templates_that_exist(kind: type[ListPage] | type[ThreadPage]) -> None:
    env = templates.environment("en", ZONE)
    assert env.get_template(kind.TEMPLATE)
    assert env.get_template(kind.PART)


def test_a_missing_value_is_an_error_and_not_an_empty_page() -> None:
    with pytest.raises(templates.UndefinedError):
        templates.render("pages/list.html", "en", ZONE, page=object())

"""Page, mail, file, table and JSON of one report say the same, in both languages, and safely."""

import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from PIL import Image

from connectors.core.mail import wire_bytes
from inbox.web.style_report import sample_report
from reports.document import document
from reports.editions import page
from reports.render import file_of, mail, mail_html, page_of, text_summary
from templates import environment
from templates.filters import Filter
from templates.periods import Days
from templates.report import Mailed, ReportPage
from templates.report_trend import Trend
from tests.reports.office import ADA, BO, DAY, Office, answers, asks, at

TODAY = DAY.date()
EVIL = '<img src="https://tracker.example/p.gif"><script>alert(1)</script>"\'&'


class Seen(HTMLParser):
    """What a reader sees: words outside of styles and titles; what would be loaded; links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.loads: list[str] = []
        self.tags: set[str] = set()
        self.links: list[str] = []
        self._hidden = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._hidden += tag in ("style", "title")
        for name, value in attrs:
            if name in ("src", "srcset", "poster", "background", "data") or (
                name in ("href", "xlink:href") and tag != "a"
            ):
                self.loads.append(value or "")
            elif name == "href":
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def html_and_text(shown: ReportPage, locale: str = "en") -> tuple[str, str]:
    message = mail(shown, locale, "desk@lumen.example", ADA, "r@lumen.example")
    parts = [message.get_body((kind,)) for kind in ("html", "plain")]
    html, plain = (str(part.get_content()) for part in parts if part is not None)
    return html, plain


def test_the_mails_chart_comes_with_it_and_its_numbers_stand_under_its_bars(week: Office) -> None:
    shown = page_of(document(week.store, TODAY, TODAY, None, at(30)))
    sent = mail(shown, "en", "desk@lumen.example", ADA, "r@lumen.example")
    came = message_from_bytes(wire_bytes(sent), policy=policy.default)
    (picture,) = (part for part in came.walk() if part["Content-ID"] == "<waits.r@lumen.example>")
    html = str(came.get_body(("html",)).get_content())  # type: ignore[union-attr]  # it has one
    (img,) = re.findall(r"<img[^>]+>", html)
    assert 'src="cid:waits.r@lumen.example"' in img
    alt = img.partition('alt="')[2]
    under = re.findall(r'<td class="font tally[^>]*>([^<]+)', html)
    counts = [0 if found == "–" else int(found) for found in under]
    assert sum(counts) == len(shown.waits) == int(alt.split()[0])
    assert (len(counts), counts[-1]) == (13, len(shown.waits) - shown.waits.within(86_400))
    many = replace(shown, waits=replace(shown.waits, counts=(1_000,) * len(shown.waits.counts)))
    kinds = re.findall(r'<td class="font tally([^"]*)"', mail_html(many, "en"))
    assert kinds == ["", " low"] * 6 + [" late"], "thousands have room beside each other on a phone"
    assert " low" not in re.sub("<style>.*?</style>", "", html, flags=re.DOTALL)
    shapes = np.asarray(Image.open(io.BytesIO(picture.get_content())).convert("RGBA"))[:, :, 3]
    middles = [round((n + 0.5) * shapes.shape[1] / 13) for n in range(13)]
    high = [int((shapes[:, middle] > 200).sum()) - 2 for middle in middles]
    for bar, count in zip(high, counts, strict=True):
        assert abs(bar - count / max(counts) * max(high)) <= 3, (high, counts)


def spaced(text: str) -> str:
    """With plain spaces, as `Seen` gives texts."""
    return " ".join(text.split())


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_page_mail_and_json_agree_to_the_digit(week: Office, locale: str) -> None:
    made = document(week.store, TODAY, TODAY, None, at(30))
    figures = json.loads(json.dumps(made.to_json()))["figures"]
    shown = page_of(made)
    html, plain = html_and_text(shown, locale)
    says = environment("zh_Hans_CN" if locale == "zh" else "en", "UTC").filters
    share = spaced(says["share"](figures["share_in_time"]))
    late = figures["turns_due"] - figures["answered_in_time"]
    first = figures["first_response_s"]
    for words in (Seen(file_of(shown, locale)).text, Seen(html).text, spaced(plain)):
        assert share in words
        assert str(figures["answered_in_time"]) in words
        assert str(figures["turns_due"]) in words
        assert says["duration"](first["median"]).replace(" ", "") in words.replace(" ", "")
        assert says["duration"](first["p90"]) in words
        for group in figures["by_channel"].values():
            assert spaced(says["share"](group["share_in_time"])) in words
    assert shown.figures.late == late == len(made.broken) > 0
    assert shown.figures.received == figures["received"]


def test_the_page_has_every_group_of_the_json(week: Office) -> None:
    made = document(week.store, TODAY, TODAY, None, at(30))
    shown = page_of(made)
    for kind in ("by_channel", "by_category", "by_urgency"):
        groups = getattr(shown, kind)
        assert {group.key for group in groups} == made.figures[kind].keys()
        assert sum(g.figures.turns_due for g in groups) == made.figures["turns_due"]
    assert {agent.name: agent.answered for agent in shown.by_agent} == {
        {ADA: "Ada Voss", BO: "Bo Narin"}.get(email): agent["answered"]
        for email, agent in made.figures["by_agent"].items()
    }
    assert [g.key for g in shown.by_channel] == [
        key
        for key, _ in sorted(
            made.figures["by_channel"].items(), key=lambda item: -item[1]["turns_due"]
        )
    ]


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("hours", [30, -200])  # a full day, and one on which nothing happened
def test_mail_and_file_load_nothing_from_elsewhere(week: Office, locale: str, hours: float) -> None:
    shown = page(week.store, TODAY, TODAY, None, at(hours), base="https://desk.lumen.example")
    html, _ = html_and_text(shown, locale)
    assert Seen(html).loads == (["cid:waits.r@lumen.example"] if shown.waits else [])
    assert not re.search(r"url\(|@import|<script|<link", html)
    whole = file_of(shown, locale)
    assert all(address.startswith("#") for address in Seen(whole).loads)
    assert "script" not in Seen(whole).tags
    assert not re.search(r"url\((?!['\"]?data:)|@import|/static/", whole)


def test_every_icon_of_the_file_is_inside_it(week: Office) -> None:
    whole = file_of(page(week.store, TODAY, TODAY, None, at(30)), "en")
    wanted = {address.removeprefix("#") for address in Seen(whole).loads}
    assert wanted
    assert wanted <= set(re.findall(r'<symbol id="([\w-]+)"', whole))


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_hostile_names_stay_words(sqlite_office: Office, locale: str) -> None:
    office = sqlite_office.open()
    office.take(asks(EVIL, at(-20)))
    office.change("UPDATE brand SET name = :name", name=f"</title>{EVIL}")
    shown = page(office.store, TODAY, TODAY, None, at(30))
    shown_with_mail = page_of(document(office.store, TODAY, TODAY, None, at(30)))
    html, plain = html_and_text(shown, locale)
    for whole in (html, file_of(shown_with_mail, locale)):
        assert {"script", "img"} & Seen(whole).tags == set()
        assert Seen(whole).loads == [a for a in Seen(whole).loads if a.startswith("#")]
        assert "<Img" in Seen(whole).text
    assert "<Img" in plain


def test_a_brand_name_cannot_add_a_header(sqlite_office: Office) -> None:
    office = sqlite_office.open()
    office.change("UPDATE brand SET name = :name", name="Lumen\r\nBcc: all@lumen.example")
    shown = page(office.store, TODAY, TODAY, None, at(30))
    message = mail(shown, "en", "desk@lumen.example", ADA, "r@lumen.example")
    assert message["Bcc"] is None
    assert "Lumen Bcc" in str(message["Subject"])


def test_the_mail_is_the_same_bytes_but_for_its_boundary_when_made_again(week: Office) -> None:
    shown = page(week.store, TODAY, TODAY, None, at(30))
    first, second = (
        wire_bytes(mail(shown, "zh", "desk@lumen.example", ADA, "r@lumen.example"))
        for _ in range(2)
    )
    assert re.sub(rb"={5,}\d+==", b"", first) == re.sub(rb"={5,}\d+==", b"", second)
    assert first.isascii()
    assert max(map(len, first.split(b"\r\n"))) <= 998


def test_the_subject_names_the_share_and_who_is_late_now(sqlite_office: Office) -> None:
    office = sqlite_office.open()
    office.take(asks("ann", at(-20)), answers("ann", at(-19)), stored_at=at(-19))
    office.take(asks("ben", at(-20)))
    shown = page(office.store, TODAY, TODAY, None, at(30))
    message = mail(shown, "en", "Desk <desk@lumen.example>", ADA, "r@lumen.example")
    subject = "50.0 % within 24 hours · 1 late now · Lumen Pay · Wed 18 Nov 2026"
    assert message["Subject"] == subject
    assert (message["Message-ID"], message["Auto-Submitted"]) == (
        "<r@lumen.example>",
        "auto-generated",
    )
    assert message["Date"].datetime == at(30)


def test_a_chinese_mail_has_chinese_marks() -> None:
    """No bracket, comma, colon or stop of half width touches a Chinese word."""
    day = replace(sample_report(), base="https://desk.lumen.example")
    for days in (Days.day(TODAY), Days.week(TODAY), Days.month(TODAY)):
        shown = replace(day, first=days.first, last=days.last)
        trend = Trend(days, day.trend.by_day if day.trend else {}, 0.999)
        html, plain = html_and_text(replace(shown, trend=trend), "zh")
        for words in (Seen(html).text, plain):
            assert re.findall(r"[\u4e00-\u9fff] ?[(),;:!?]|[(),;:!?] ?[\u4e00-\u9fff]", words) == []
        assert "（" in plain


def test_platforms_write_their_own_names(sqlite_office: Office) -> None:
    office = sqlite_office.open()
    office.take(asks("ann", at(-20)), channel="whatsapp", stored_at=at(-19))
    html, plain = html_and_text(page(office.store, TODAY, TODAY, None, at(30)))
    only = page(office.store, TODAY, TODAY, None, at(30), only=Filter(channel=("whatsapp",)))
    for words in (Seen(html).text, plain, Seen(file_of(only, "en")).text):
        assert ("WhatsApp" in words, "Whatsapp" in words) == (True, False)


def test_links_of_the_mail_lead_to_the_public_address(week: Office) -> None:
    base = "https://desk.lumen.example"
    html, plain = html_and_text(page(week.store, TODAY, TODAY, None, at(30), base=base))
    assert f"{base}/reports/2026-11-18" in plain
    links = Seen(html).links
    assert f"{base}/reports/2026-11-18" in links
    assert all(link.startswith(f"{base}/") for link in links)
    late = page(week.store, TODAY, TODAY, None, at(30)).late_now[0]
    reason = f"{base}/conversations/{late.conversation}?at={late.opened_by}#m{late.opened_by}"
    assert reason in links
    assert reason in plain


def test_what_becomes_of_the_mails_is_told_in_words(week: Office) -> None:
    shown = page(week.store, TODAY, TODAY, None, at(30))
    mails = (
        Mailed(ADA, "accepted", at(31)),
        Mailed(BO, "refused", reason="The mail server answered 550: no such user"),
        Mailed("cy@lumen.example", "queued", not_before=at(32), reason="Not reached."),
    )
    words = Seen(file_of(with_mails(shown, mails), "en")).text
    assert "Mailed to 1 person, edition 1, at Thu 07:00." in words
    assert f"The mail to {BO} was refused. The mail server answered 550: no such user" in words
    assert "The mail to cy@lumen.example waits to be sent. Not reached. Next try at 08:00." in words
    words = Seen(file_of(with_mails(shown, mails[2:], mail_server=False), "en")).text
    assert "1 mail waits: no mail server is set. Set REPLYDESK_SMTP_URL" in words


def with_mails(
    shown: ReportPage, mails: tuple[Mailed, ...], *, mail_server: bool = True
) -> ReportPage:
    return replace(shown, mails=mails, mail_server=mail_server)


def test_a_report_of_several_days_names_both_ends(week: Office) -> None:
    whole = file_of(page(week.store, TODAY, TODAY + timedelta(days=2), None, at(90)), "en")
    assert "18 Nov – 20 Nov 2026" in Seen(whole).text


def test_the_table_for_a_terminal_has_the_figures(sqlite_office: Office) -> None:
    office = sqlite_office.open()
    office.take(asks("ann", at(-20)), answers("ann", at(1)), stored_at=at(1))
    office.take(asks("ben", at(-20)))
    made = document(office.store, TODAY, TODAY, None, at(30))
    lines = text_summary(made.figures).splitlines()
    assert lines[0] == "2026-11-18 (UTC), as of 2026-11-19T06:00:00Z"
    assert "in time        50.0 % (1 of 2 due)" in lines
    assert "first answer   median 21 h 00 min, 9 of 10 within 21 h 00 min (1)" in lines
    assert "channel  due  late  in time" in lines
    assert "x          2     1   50.0 %" in lines
    assert all(line == line.rstrip() for line in lines)


def test_the_table_of_an_empty_day_says_so(sqlite_office: Office) -> None:
    made = document(sqlite_office.open().store, TODAY, TODAY, None, at(30))
    table = text_summary(made.figures)
    assert "nothing due" in table
    assert "channel" not in table


def test_one_late_answer_in_ten_thousand_is_not_rounded_away() -> None:
    empty: dict[str, Any] = {"count": 0, "median": None, "p90": None, "p95": None, "max": None}
    numbers = (
        *("overdue_open", "running", "received", "turns_opened", "excused", "withdrawn"),
        "windows_missed",
    )
    groups = ("by_channel", "by_category", "by_urgency", "by_team", "by_agent", "by_complaint")
    figures: dict[str, Any] = {
        "from": "2026-11-18",
        "to": "2026-11-18",
        "zone": "UTC",
        "as_of": "2026-11-19T07:00:00Z",
        "filter": {},
        "turns_due": 10_000,
        "answered_in_time": 9_999,
        "share_in_time": 0.9999,
        "first_response_s": empty,
        "next_response_s": empty,
        "resolution_s": empty,
        **dict.fromkeys(numbers, 0),
        **{group: {} for group in groups},
    }
    assert "99.9 % (9999 of 10000 due)" in text_summary(figures)

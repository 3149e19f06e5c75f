"""Both languages say everything, and tell time, shares and cuts as people read them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from gettext import NullTranslations
from itertools import pairwise
from types import SimpleNamespace

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from markupsafe import Markup

import templates
from templates import closest_locale, cut, environment, speaker
from tests.connectors.sentences import ERRORS

ROOT = templates.HERE.parent
NOW = datetime(2026, 11, 19, 13, 20, tzinfo=UTC)
SOURCES = [
    ("templates/**.py", "python"),
    ("classifier/**.py", "python"),
    ("connectors/**.py", "python"),
    ("inbox/web/**.py", "python"),
    ("inbox/domain/**.py", "python"),
    ("inbox/flows/**.py", "python"),
    ("reports/**.py", "python"),
    ("templates/**.html", "jinja2.ext:babel_extract"),
    ("templates/**.txt", "jinja2.ext:babel_extract"),
]
KEYWORDS = {**DEFAULT_KEYWORDS, "word": None, **dict.fromkeys(ERRORS), "ReplyInvalid": (2,)}
TRANSLATED = [name for name in templates.LOCALES if name != "en"]
STRICT = {"trimmed": "true", "silent": "false"}
PLACE = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def said() -> Iterator[str | tuple[str, ...]]:
    options = {pattern: STRICT for pattern, _ in SOURCES if not pattern.endswith(".py")}
    for _, _, message, _, _ in extract_from_dir(
        ROOT,
        SOURCES,
        keywords=KEYWORDS,
        options_map=options,
        directory_filter=lambda name: "node_modules" not in name and "/." not in name,
    ):
        yield message


def catalog(locale: str) -> Catalog:
    path = templates.HERE / "locale" / locale / "LC_MESSAGES" / "replydesk.po"
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def forms(text: object) -> list[str]:
    """A message's singular and plurals, without an empty one."""
    found = text if isinstance(text, list | tuple) else [text]
    return [str(form) for form in found if form]


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_text_is_translated_and_no_translation_is_left_over(locale: str) -> None:
    entries = [entry for entry in catalog(locale) if entry.id]
    wanted = {forms(message)[0] for message in said()}
    assert wanted - {forms(entry.id)[0] for entry in entries} == set()
    assert {forms(entry.id)[0] for entry in entries} - wanted == set()
    assert [entry.id for entry in entries if entry.fuzzy or not forms(entry.string)] == []
    assert not catalog(locale).obsolete


def test_apostrophes_and_quotation_marks_are_those_of_print() -> None:
    """’ and “ ”, in every language."""
    texts = [
        *said(),
        *(entry.string for locale in TRANSLATED for entry in catalog(locale) if entry.id),
    ]
    assert [form for text in texts for form in forms(text) if re.search("['\"]", form)] == []


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_translation_has_the_same_places_to_fill(locale: str) -> None:
    for entry in catalog(locale):
        for form in forms(entry.string) if entry.id else []:
            assert set(PLACE.findall(form)) == set(PLACE.findall(forms(entry.id)[-1])), entry.id


def test_in_chinese_a_place_to_fill_stands_apart_from_the_words() -> None:
    """Figures and Latin names want a blank beside Chinese words; Chinese ones lose it."""
    close = re.compile(r"%\(\w+\)[sd][\u4e00-\u9fff]|[\u4e00-\u9fff]%\(\w+\)[sd]")
    texts = (form for entry in catalog("zh_Hans_CN") if entry.id for form in forms(entry.string))
    assert [text for text in texts if close.search(text)] == []
    back = '{{ _("back %(time)s already", time=time) }}'
    assert told("zh_Hans_CN", back, time="今天 14:20") == "今天 14:20 回来"
    assert told("zh_Hans_CN", back, time="明天") == "明天回来"
    assert told("zh_Hans_CN", back, time="明天。") == "明天。回来"
    given = SimpleNamespace(by="", name="", what="assign", values={"person": "林月"}, quote="")
    assert told("zh_Hans_CN", "{{ line|happened|striptags }}", line=given) == "交给了林月"


def test_chinese_has_one_word_for_an_answer_and_one_for_its_reader() -> None:
    texts = (form for entry in catalog("zh_Hans_CN") if entry.id for form in forms(entry.string))
    assert [text for text in texts if re.search("答复|你", text)] == []  # 回复, 您


def told(locale: str, template: str, **values: object) -> str:
    return environment(locale, "Europe/Lisbon").from_string(template).render(now=NOW, **values)


@pytest.mark.parametrize(
    ("left", "english", "chinese"),
    [
        (timedelta(hours=1, minutes=8, seconds=30), "1 h 08 min", "1 小时 08 分"),
        (timedelta(minutes=42, seconds=11), "42 min", "42 分钟"),
        (timedelta(0), "0 min", "0 分钟"),
        (-timedelta(seconds=1), "late 0 min", "逾期 0 分钟"),
        (-timedelta(hours=3, minutes=12), "late 3 h 12 min", "逾期 3 小时 12 分"),
        (timedelta(days=2, hours=5), "2 d 05 h", "2 天 05 小时"),
        (timedelta(hours=47, minutes=59), "47 h 59 min", "47 小时 59 分"),
    ],
)
def test_a_countdown_is_told_in_words(left: timedelta, english: str, chinese: str) -> None:
    template = "{{ due|countdown(now)|striptags }}"
    assert told("en", template, due=NOW + left) == english
    assert told("zh_Hans_CN", template, due=NOW + left) == chinese


def test_no_space_stands_between_chinese_words_and_what_is_filled_in() -> None:
    """`Times in Lisbon`: a Latin name keeps its spaces, a Chinese one has none."""
    times = '{{ _("Times in %(zone)s", zone=zone) }}'
    assert told("zh_Hans_CN", times, zone="里斯本") == "里斯本时间"
    assert told("zh_Hans_CN", times, zone="Lisbon") == "Lisbon 时间"
    assert told("zh_Hans_CN", times, zone=Markup("<b>里斯本</b>")) == "<b>里斯本</b>时间"
    assert told("en", times, zone="里斯本") == "Times in 里斯本"


class Counting(NullTranslations):
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return "%(who)s 有 %(num)s 条 %(what)s 消息"


def test_a_text_that_counts_closes_up_as_others_do() -> None:
    env = Environment(autoescape=True)
    env.globals["ngettext"] = speaker(Counting())[1]
    counted = env.from_string('{{ ngettext("", "", 2, who=who, what="私信") }}')
    assert counted.render(who="安娜") == "安娜有 2 条私信消息"
    assert counted.render(who="Ada <b>") == "Ada &lt;b&gt; 有 2 条私信消息"


def test_figures_of_a_countdown_are_plain_and_its_units_small() -> None:
    due = NOW + timedelta(minutes=68)
    expected = "1<small> h </small>08<small> min</small>"
    assert told("en", "{{ due|countdown(now) }}", due=due) == expected


@given(st.integers(0, 172_000))
def test_what_has_gone_and_what_is_left_make_the_whole(seconds: int) -> None:
    whole = 172_800
    gone = told("en", "{{ s|elapsed }}", s=seconds)
    left = told("en", "{{ s|duration }}", s=whole - seconds)
    assert minutes(gone) + minutes(left) == whole // 60


@given(st.integers(86_401, 500_000))
def test_what_has_gone_of_a_late_wait_is_the_whole_and_how_late_it_is(seconds: int) -> None:
    """To the minute, or to the hour where days are told; one that has ended is told so, too."""
    gone = told("en", "{{ s|elapsed(86400) }}", s=seconds)
    assert gone == told("en", "{{ s|duration }}", s=seconds)
    late = told("en", "{{ s|duration }}", s=seconds - 86_400)
    if seconds < 172_800:
        assert minutes(gone) - minutes(late) == 1_440


def minutes(text: str) -> int:
    units = {"d": 1440, "h": 60, "min": 1}
    return sum(
        int(figure) * units[unit] for figure, unit in pairwise(text.split()) if unit in units
    )


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(0.7, "today 14:02"), (20, "tomorrow 09:20"), (-20, "yesterday 17:20"), (72, "Sun 13:20")],
)
def test_a_near_moment_is_named_by_its_day(hours: float, expected: str) -> None:
    moment = NOW + timedelta(hours=hours)
    assert told("en", "{{ at|near(now) }}", at=moment) == expected


def test_a_far_moment_has_its_date_and_another_year_its_year() -> None:
    far, other = NOW + timedelta(days=20), NOW - timedelta(days=400)
    assert told("en", "{{ at|near(now) }}", at=far) == "9 Dec 13:20"
    assert told("en", "{{ at|near(now) }}", at=other) == "15 Oct 2025 14:20"


def test_headings_name_today_and_yesterday() -> None:
    day = NOW.date()
    assert told("en", "{{ d|day_name(now) }}", d=day) == "Today, Thursday 19 November"
    assert told("zh_Hans_CN", "{{ d|day_name(now) }}", d=day) == "今天 11月19日星期四"


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.9635, "96.4"), (0.99996, "99.9"), (1.0, "100.0"), (0.0, "0.0")],
)
def test_a_share_is_never_rounded_up_to_all(share: float, expected: str) -> None:
    assert told("en", "{{ s|share }}", s=share) == f"{expected}\N{NO-BREAK SPACE}%"


def test_a_confidence_below_certainty_is_never_a_hundred() -> None:
    assert (
        told("en", "{{ a|pct }} {{ b|pct }} {{ c|pct }}", a=0.999, b=1.0, c=0.414) == "99% 100% 41%"
    )


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("short", 10, "short"),
        ("two\n lines\tand  gaps", 40, "two lines and gaps"),
        ("👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 2, "👩‍👩‍👧‍👦…"),
        ("🇵🇹🇵🇹🇵🇹", 2, "🇵🇹…"),
        ("éé́é", 2, "é…"),
        ("银行说没有收到退款", 4, "银行说…"),
        ("X 银行说没有收到退款", 6, "X 银行说…"),
        ("We will never ask for it", 13, "We will…"),
        ("We will never ask for it", 14, "We will never…"),
        ("Who decides · Which day", 15, "Who decides…"),
    ],
)
def test_a_cut_never_breaks_a_letter(text: str, most: int, expected: str) -> None:
    assert cut(text, most) == expected


@given(st.text(), st.integers(1, 30))
def test_a_cut_is_never_longer_than_asked(text: str, most: int) -> None:
    assert len(templates.graphemes(cut(text, most))) <= most


@pytest.mark.parametrize(
    ("wanted", "locale"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh_Hans_CN"),
        ("zh_Hans_CN", "zh_Hans_CN"),
        ("pt-PT,en;q=0.5", "en"),
        ("de", "en"),
        ("", "en"),
    ],
)
def test_the_closest_language_is_found(wanted: str, locale: str) -> None:
    assert closest_locale(wanted) == locale


def test_a_version_from_the_command_line_says_so_in_words() -> None:
    maker = environment("zh_Hans_CN", "UTC").filters["maker"]
    assert [maker(who) for who in ("cli", "ada@brand.example")] == ["命令行", "ada@brand.example"]


def test_an_unknown_key_is_shown_as_it_is() -> None:
    assert told("zh_Hans_CN", "{{ 'refund'|category }} {{ 'crypto'|category }}") == "退款 crypto"


def test_a_reason_with_values_is_told_in_the_readers_language() -> None:
    told_by = "{{ words|said }}"
    most = "WeChat takes no more than 5 answers to one message."
    assert told("zh_Hans_CN", told_by, words=most) == "微信对一条消息最多接受 5 个回复。"
    assert told("en", told_by, words=most) == most
    assert told("zh_Hans_CN", told_by, words="Client secret is needed.") == "需要填写客户端密钥。"
    named = "There is no version 甲 乙."
    assert told("zh_Hans_CN", told_by, words=named) == "没有版本甲 乙。"  # their own blank stays
    assert told("zh_Hans_CN", told_by, words="Their own words.") == "Their own words."
    several = "X calls https://x.example for: mentions, direct messages.\nNot for posting: No."
    assert told("zh_Hans_CN", told_by, words=several) == (
        "X 会就以下内容回调 https://x.example：提及、私信。\n以下除外，发帖：No."
    )
    address = "The address could not be reached."
    assert told("zh_Hans_CN", told_by, words=address) == "无法连接该地址。"

"""The classifier's pages: who may see them, what they offer, and what a click does."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx2
import pytest

from classifier.gate import Compared
from classifier.refit import verdict
from inbox.config import Settings
from inbox.flows import learning, models
from inbox.flows.correct import correct
from inbox.flows.training import Trainer
from inbox.store import learning as stored
from inbox.store.tables import Audit, Conversation, Message, Training, User
from inbox.web import render
from inbox.web.pages_classifier import ClassifierPage
from inbox.web.style import sample_pages
from templates import LOCALES, said
from tests.clock import MONDAY
from tests.factories import make_conversation, make_user
from tests.fakes import refit
from tests.web.serving import Site


def folder(site: Site) -> Path:
    settings: Settings = site.app.state.desk.settings
    return settings.folder


def corrected(site: Site, agent: User, text: str = "charged twice") -> Conversation:
    """A customer's message that the classifier tagged, and an agent tagged otherwise."""
    conversation = make_conversation(site.store, text=text)
    with site.store.write() as session:
        row = session.get_one(Message, conversation.opened_by)
        row.category, row.category_confidence, row.urgency = "refund", 0.6, "normal"
        row.needs_review = True
    correct(
        site.store,
        conversation_id=conversation.id,
        agent_id=agent.id,
        actor=agent.email,
        category="payment",
        urgency=None,
        now=site.clock(),
    )
    return conversation


def trained(site: Site, mode: str = "pass") -> str:
    """The training that is queued, to its end; the version that came of it."""
    trainer = Trainer(site.store, folder(site), refit.command(mode))
    trainer.look(site.clock())
    while trainer.busy:
        trainer.wait(0.1)
        trainer.look(site.clock())
    with site.store.read() as session:
        found = stored.last_training(session)
    assert found is not None
    return str(found.version)


def words(answer: httpx2.Response | str) -> str:
    """A page's words, in one line."""
    text = answer if isinstance(answer, str) else answer.text
    body = re.sub(r"(?s)^.*<main|</main>.*$", "", text)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.fixture
def lea(site: Site) -> User:
    return make_user(site.store, "Lea Lund", "lead")


def test_agents_and_auditors_find_no_way_there(site: Site, bo: User, cy: User, lea: User) -> None:
    for person in (bo, cy):
        browser = site.signed_in(person)
        assert browser.get("/classifier").status_code == 404
        assert browser.post("/classifier/use", data={"version": "shipped"}).status_code == 404
        assert 'href="/classifier"' not in browser.get("/reports/2026-11-22").text
    assert 'href="/classifier"' in site.signed_in(lea).get("/reports/2026-11-22").text


def test_before_any_correction_the_pages_say_what_to_do(site: Site, lea: User) -> None:
    browser = site.signed_in(lea)
    page = words(browser.get("/classifier"))
    assert "Correct tags in the inbox" in page
    assert "0 new corrections since the last training" in page
    assert "Nothing was tagged in the last twelve weeks." in words(browser.get("/classifier/drift"))
    refused = browser.post("/classifier/train")
    assert refused.status_code == 422
    assert "there is nothing to learn from" in words(refused)


def test_a_training_from_the_button_to_the_serving_version_and_back(site: Site, lea: User) -> None:
    browser = site.signed_in(lea)
    corrected(site, lea)
    assert "1 new correction since the last training" in words(browser.get("/classifier"))
    assert browser.post("/classifier/train").headers["location"] == "/classifier"
    browser.post("/classifier/train")  # a second click is the same wish
    page = browser.get("/classifier")
    assert "Waits for the worker" in words(page)
    assert "Train now" not in words(page)
    version = trained(site)
    with site.store.read() as session:
        assert session.query(Training).count() == 1
    page = browser.get("/classifier")
    assert f"Version {version} passed and serves since today 09:00." in words(page)
    assert "At least as good on both sets." in words(page)
    assert "+2.0 0.0 to +4.0" in words(page).replace("±0.0", "0.0")
    assert page.text.count('value="shipped"') >= 1
    assert browser.post("/classifier/use", data={"version": "shipped"}).status_code == 303
    with site.store.read() as session:
        assert stored.serving(session) is None
        used = session.query(Audit).filter_by(action="classifier.use").one()
    assert (used.actor, used.subject, used.detail) == (
        lea.email,
        "model:shipped",
        {"before": version},
    )
    told = words(browser.get("/classifier"))
    assert f"Version {version} passed today 09:00 and served; another one serves now." in told


def test_the_page_says_when_the_sentence_encoder_is_missing(
    site: Site, lea: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = site.signed_in(lea)
    assert "tagged by their words alone" not in words(browser.get("/classifier"))
    monkeypatch.setattr("classifier.model.find_spec", lambda _name: None)
    assert "tagged by their words alone" in words(browser.get("/classifier"))


def test_a_refused_version_has_no_button_and_no_way_around_it(site: Site, lea: User) -> None:
    browser = site.signed_in(lea)
    corrected(site, lea)
    browser.post("/classifier/train")
    version = trained(site, "refuse")
    page = browser.get("/classifier")
    assert f"Version {version} was refused today 09:00; the one before goes on." in words(page)
    assert "put them right in their conversations, then train again" in words(page)
    assert f'name="version" value="{version}"' not in page.text
    answer = browser.post("/classifier/use", data={"version": version})
    assert answer.status_code == 422
    assert "it never serves" in words(answer)


def test_a_lead_looks_at_what_was_held_back(site: Site, lea: User, bo: User, cy: User) -> None:
    browser = site.signed_in(lea)
    conversation = corrected(site, bo, "who <took> my money")
    assert "To look at" not in words(browser.get("/classifier"))
    browser.post("/classifier/train")
    trained(site, "hold")
    page = browser.get("/classifier")
    assert f'href="/conversations/{conversation.id}"' in page.text
    assert f"Refund Payment · Normal {bo.email} · today 09:00 Accept" in words(page)
    assert "Of these, 1 is for a lead to look at." in words(page)
    number = re.findall(r'name="tagging" value="(\d+)"', page.text)[0]
    assert (
        site.signed_in(cy).post("/classifier/accept", data={"tagging": number}).status_code == 404
    )
    accepted = browser.post("/classifier/accept", data={"tagging": number})
    assert accepted.headers["location"] == "/classifier#held"
    page = browser.get("/classifier")
    assert "To look at" not in words(page)
    assert "1 new correction since the last training" in words(page)
    again = browser.post("/classifier/accept", data={"tagging": number})
    assert again.status_code == 422
    assert "somebody has looked at it" in words(again)


def test_lost_files_are_told_on_the_page(site: Site, lea: User) -> None:
    browser = site.signed_in(lea)
    corrected(site, lea)
    browser.post("/classifier/train")
    version = trained(site)
    (models.folder_of(folder(site), version) / "model.npz").unlink()
    assert f"The files of version {version} are missing here, or broken" in words(
        browser.get("/classifier")
    )


def test_two_versions_stand_beside_each_other(site: Site, lea: User) -> None:
    browser = site.signed_in(lea)
    made = []
    for n in range(2):
        site.clock.forward(minutes=1)
        corrected(site, lea, f"charged twice {n}")
        learning.ask(site.store, actor=lea.email, now=site.clock())
        made.append(trained(site))
    page = words(browser.get("/classifier", params={"with": made[0]}))
    table = page[page.index("By category") :]
    assert table.startswith(
        "By category The score, from 0 to 100 %; the mark is the other version."
    )
    assert made[0] in table
    assert "By language" in table
    assert browser.get("/classifier", params={"with": "../../etc"}).status_code == 200


def test_drift_counts_what_was_tagged_asked_and_corrected_by_week(site: Site, lea: User) -> None:
    for _ in range(3):
        make_tagged(site, "general", 0.9, asked=False)
    corrected(site, lea)
    make_tagged(site, "spam", 0.5, asked=True, weeks_ago=2)
    make_tagged(site, "spam", 0.5, asked=True, weeks_ago=40)  # before the twelve weeks
    page = site.signed_in(lea).get("/classifier/drift")
    corrected_, sure, asked = words(page).split("As a table")[1:]
    assert "9 Nov 1 0.0 %" in corrected_
    assert "23 Nov 4 25.0 %" in corrected_
    assert "9 Nov 1 50.0 %" in sure
    assert "23 Nov 4 82.5 %" in sure
    assert "9 Nov 1 100.0 %" in asked
    assert "23 Nov 4 25.0 %" in asked
    assert "style=" not in page.text
    head = re.findall(
        r'<th scope="col"( class="only-wide")?>([^<]+)', page.text.split("heat-table")[1]
    )
    on_phones = [name for hidden, name in head if not hidden]
    assert on_phones == ["2 Nov", "9 Nov", "16 Nov", "23 Nov"]


def make_tagged(
    site: Site, category: str, confidence: float, *, asked: bool, weeks_ago: int = 0
) -> None:
    at = MONDAY - timedelta(weeks=weeks_ago)
    conversation = make_conversation(site.store, opened_at=at)
    with site.store.write() as session:
        row = session.get_one(Message, conversation.opened_by)
        row.category, row.category_confidence, row.needs_review = category, confidence, asked


def test_the_weeks_are_the_brands_on_each_engine(any_site: Site) -> None:
    site = any_site
    lea = make_user(site.store, "Lea Lund", "lead")
    corrected(site, lea)
    page = words(site.signed_in(lea).get("/classifier/drift"))
    assert "1 tagged message in twelve weeks." in page
    assert page.count("23 Nov 1 100.0 %") == 2
    assert "23 Nov 1 60.0 %" in page


@pytest.mark.parametrize(
    ("told", "chinese"),
    [
        ("12 of 14 corrections are used", "采用 14 条更正中的 12 条"),
        ("85819 terms and cues, 32 writers", "85819 个词项与线索，32 位作者"),
        ("the heads are done", "分类头已完成"),
        (
            "The tags of ada@lumen.example are left out: they are like tags put at random",
            "不采用 ada@lumen.example 的标签：它们与随意打的标签无异",
        ),
        ("It was ended after 30 minutes.", "训练运行 30 分钟后被终止。"),
        (
            "It ended without a verdict (exit code 1). It said nothing.",
            "训练没有得出结论就结束了（退出码 1）。没有留下任何信息。",
        ),
        ("There is no version 0123456789ab.", "没有版本 0123456789ab。"),
    ],
)
def test_what_a_training_says_is_told_in_the_readers_language(told: str, chinese: str) -> None:
    """Progress, verdicts and failures are stored as they were said; a page translates them."""
    assert said("zh_Hans_CN", told) == chinese
    assert said("en", told) == told


def test_every_verdict_of_the_gate_is_translated() -> None:
    worse = Compared(400, 0.8, 0.7, -0.2, -0.05, gained=5, lost=45)
    same = Compared(400, 0.8, 0.8, 0.0, 0.0)
    none = Compared(0, 0.0, 0.0, 0.0, 0.0)
    sets: list[list[Compared]] = [[same, none], [worse, same], [same, worse], [same, same]]
    sets += [[same, same, worse], [same, same, same, worse]]  # urgency, then security
    sets += [[same, same, same, same, same, worse]]  # how sure
    reasons = {verdict(*one)[1] for one in sets}
    reasons |= {verdict(same, same, serving=[worse] * 5)[1]}
    assert len(reasons) == 8
    assert all(said("zh_Hans_CN", reason) != reason for reason in reasons)


def test_a_chinese_page_tells_progress_and_reasons_in_chinese(site: Site, lea: User) -> None:
    browser = site.signed_in(lea)
    browser.post("/me", data={"locale": "zh_Hans_CN"})
    assert "没有可学习的内容" in words(browser.post("/classifier/train"))
    corrected(site, lea)
    browser.post("/classifier/train")
    with site.store.write() as session:
        training = session.query(Training).one()
        training.state, training.said = stored.RUNNING, [{"words": "the heads are done"}]
    assert "分类头已完成" in words(browser.get("/classifier"))
    with site.store.write() as session:
        training = session.query(Training).one()
        training.state, training.reason = stored.FAILED, "It was ended after 30 minutes."
    assert "训练运行 30 分钟后被终止。" in words(browser.get("/classifier"))


@pytest.mark.parametrize("locale", list(LOCALES))
def test_a_specialists_terms_stand_only_where_somebody_asks_for_them(locale: str) -> None:
    """In the figures' explanation, which is folded away, and in what a pointer shows."""
    page = render.page(sample_pages(locale)["classifier"])
    terms = re.findall(r'(?s)<details class="as-table model-terms">.*?</details>', page)
    assert all(name in terms[0] for name in ("F1", "ECE"))
    shown = words(page.replace(terms[0], ""))
    assert not re.search(r"F1|ECE|宏平均|校准误差|cross-valid|交叉验证", shown)


def test_a_refused_version_shows_what_it_loses_beside_the_one_that_served() -> None:
    page = render.page(sample_pages("en")["classifier"])
    beside = re.findall(r'(?s)<details class="as-table gate-serving"( open)?>(.*?)</details>', page)
    assert beside[0][0], "folded away is the reason"
    assert "fixed set 1,204 −1.2 −2.1 to −0.3" in words(beside[0][1])
    assert not any(is_open for is_open, _ in beside[1:])


def test_what_to_do_after_a_refusal_stands_on_its_own_line() -> None:
    """No blank stands between two sentences of Chinese."""
    page = render.page(sample_pages("zh_Hans_CN")["classifier"])
    assert re.search(r"</bdi><br>多半是最近的更正中有误", page)


def test_of_a_few_corrections_no_figure_is_told() -> None:
    """It would be a large one that means nothing."""
    page = sample_pages("en")["classifier"]
    assert isinstance(page, ClassifierPage)
    gate = page.rows[0].gate
    assert gate is not None
    few = replace(gate, recent=Compared(2, 1.0, 0.6667, -1.0, 0.0))
    told = words(render.page(replace(page, rows=(replace(page.rows[0], gate=few), *page.rows[1:]))))
    assert "recent 2 too few to compare" in told


def test_the_serving_version_tells_how_many_messages_it_gets_right() -> None:
    page = words(render.page(sample_pages("en")["classifier"]))
    assert "Right category 86.5 % of messages by people new to it" in page
    assert "Right urgency 77.5 % of messages by people new to it" in page

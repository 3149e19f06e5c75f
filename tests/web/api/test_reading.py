"""What programs read: the same as people and the command line, page by page."""

import json
from datetime import timedelta

import pytest

from connectors.core.text import clean
from inbox.flows import models, telling
from inbox.store import search
from inbox.store.tables import User
from reports.document import report_json
from tests.clock import MONDAY
from tests.factories import (
    first_message,
    make_account,
    make_conversation,
    make_file,
    make_message,
    make_reply,
    make_user,
)
from tests.pictures import picture
from tests.web.api.calling import V1, code, hears, program
from tests.web.serving import Site

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("view", ["due", "all"])
def test_pages_of_one_hold_every_conversation_once_in_order(any_site: Site, view: str) -> None:
    ada = make_user(any_site.store, "Ada Voss", "admin")
    account = make_account(any_site.store)
    for hours in (3, 1, 2, 2):
        make_conversation(any_site.store, account, opened_at=MONDAY - hours * HOUR)
    client = program(any_site, ada)
    whole = client.get(f"{V1}/conversations", params={"view": view}).json()
    assert whole["next_cursor"] is None
    seen, cursor = [], ""
    while cursor is not None:
        at = {"view": view, "limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = client.get(f"{V1}/conversations", params=at).json()
        seen += page["conversations"]
        cursor = page["next_cursor"]
    assert seen == whole["conversations"]
    assert len({row["id"] for row in seen}) == 4


def test_a_conversation_tells_messages_files_outbox_and_clock(site: Site, ada: User) -> None:
    conversation = make_conversation(site.store, text="我要退款")
    make_file(site.store, first_message(site.store), picture())
    make_reply(site.store, conversation, ada, "We look into it.")
    client = program(site, ada)
    told = client.get(f"{V1}/conversations/{conversation.id}").json()
    assert told["messages"][0]["text"] == "我要退款"
    (file,) = told["messages"][0]["files"]
    assert told["replies"][0]["state"] == "queued"
    assert told["turns"][0]["due_at"] == "2026-11-24T09:00:00Z"
    assert client.get(f"{V1}/conversations/{conversation.id}/sla").json() == told["turns"]
    got = client.get(f"{V1}/files/{file['id']}")
    assert got.content == picture()
    assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_a_long_conversation_is_read_back_from_its_newest_message(
    any_site: Site,
) -> None:
    ada = make_user(any_site.store, "Ada Voss", "admin")
    conversation = make_conversation(any_site.store, text="0")
    for number in range(1, 6):  # two in one second
        make_message(any_site.store, conversation, str(number), MONDAY + number // 2 * HOUR)
    client = program(any_site, ada)
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        at = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = client.get(f"{V1}/conversations/{conversation.id}/messages", params=at).json()
        seen = [one["text"] for one in page["messages"]] + seen
        cursor = page["next_cursor"]
    assert seen == ["0", "1", "2", "3", "4", "5"]


def test_the_outbox_goes_back_from_its_newest_answer(site: Site, ada: User) -> None:
    conversation = make_conversation(site.store)
    for state in ("sent", "unknown", "queued"):
        make_reply(site.store, conversation, ada, state=state)
    client = program(site, ada)
    page = client.get(f"{V1}/outbox", params={"limit": 2}).json()
    assert [one["state"] for one in page["replies"]] == ["queued", "unknown"]
    rest = client.get(f"{V1}/outbox", params={"cursor": page["next_cursor"]}).json()
    assert [one["state"] for one in rest["replies"]] == ["sent"]
    (one,) = client.get(f"{V1}/outbox?state=unknown").json()["replies"]
    assert client.get(f"{V1}/outbox/{one['id']}").json() == one
    assert one["agent"] == ada.email


def test_a_program_settles_an_answer_once(site: Site, ada: User) -> None:
    make_reply(
        site.store, make_conversation(site.store, make_account(site.store)), ada, state="refused"
    )
    client = program(site, ada)
    done = client.post(f"{V1}/outbox/1", json={"to": "drop"})
    assert (done.status_code, done.json()["state"]) == (200, "dropped")
    again = client.post(f"{V1}/outbox/1", json={"to": "resend"})
    assert (again.status_code, again.json()["type"]) == (409, "urn:replydesk:problem:state")
    assert client.post(f"{V1}/outbox/9", json={"to": "drop"}).status_code == 404


def test_a_report_is_that_of_the_command_line_to_the_digit(any_site: Site) -> None:
    ada = make_user(any_site.store, "Ada Voss", "admin")
    for hours in (30, 50):
        make_conversation(any_site.store, opened_at=MONDAY - hours * HOUR)
    days = (MONDAY - 48 * HOUR).date(), MONDAY.date()
    asked = {"from": str(days[0]), "to": str(days[1]), "tz": "Asia/Shanghai"}
    told = program(any_site, ada).get(f"{V1}/reports", params=asked)
    known = report_json(any_site.store, *days, "Asia/Shanghai", any_site.clock())
    assert told.json() == json.loads(json.dumps(known))
    assert told.json()["overdue_open"] == 2


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "2026-11-22", "to": "2026-11-20"},
        {"from": "2025-01-01", "to": "2026-11-20"},
        {"from": "0001-01-01", "to": "0001-01-01"},
        {"from": "2026-11-20", "to": "2026-11-20", "tz": "../../etc/passwd"},
        {"from": "2026-11-20", "to": "2026-11-20", "as_of": "9999-12-31T23:59:59-23:00"},
    ],
)
def test_a_period_that_cannot_be_is_refused(site: Site, ada: User, asked: dict[str, str]) -> None:
    answer = program(site, ada).get(f"{V1}/reports", params=asked)
    assert (answer.status_code, code(answer)) == (422, "period")


def test_accounts_tell_their_health_and_an_unknown_channel_does_not_break_them(
    site: Site, ada: User
) -> None:
    known = make_account(site.store)
    imported = make_account(site.store, "pigeon", state="imported")
    client = program(site, ada)
    rows = client.get(f"{V1}/accounts").json()["accounts"]
    assert [row["id"] for row in rows] == [imported.id, known.id]
    assert client.get(f"{V1}/accounts/{known.id}").json()["level"] == "ok"
    assert client.get(f"{V1}/accounts/{imported.id}").json()["streams"] == {}
    assert client.get(f"{V1}/accounts/99").status_code == 404


def test_the_team_shows_who_signs_in_and_no_hash(site: Site, ada: User) -> None:
    make_user(site.store, "Old Agent", password_hash=None)
    answer = program(site, ada).get(f"{V1}/users")
    assert {row["email"]: row["signs_in"] for row in answer.json()["users"]} == {
        ada.email: True,
        "old@lumenpay.example": False,
    }
    assert "hash" not in answer.text


def test_a_text_is_tagged_with_the_reasons(site: Site, ada: User) -> None:
    client = program(site, ada)
    assert code(client.post(f"{V1}/classifier/classify", json={"text": "x"})) == "no_model"
    hears(site)
    told = client.post(f"{V1}/classifier/classify", json={"text": "charged twice"}).json()
    assert (told["category"], told["urgency"], told["topic"]) == ("payment", "high", "charged")
    assert told["why"]["supports"] == [{"text": "twice", "category": "payment", "weight": 1.5}]
    assert told["why"]["neighbours"][0]["likeness"] == 0.9


HOSTILE = (
    "\0" * 20_000,
    "\u202e\u200b" * 10_000,
    "😀" * 20_000,
    "e\u0301\u0301" * 6_000,
    "a" * 20_000,
)


def test_hostile_texts_are_tagged_or_refused_in_short(site: Site, ada: User) -> None:
    hears(site)
    client, kind = program(site, ada), {"Content-Type": "application/json"}
    for text in HOSTILE:
        body = json.dumps({"text": text})
        answer = client.post(f"{V1}/classifier/classify", content=body, headers=kind)
        assert answer.status_code == 200
        assert answer.json()["text"] == clean(text)
    refused = {"a" * 1_000_000: 422, "😀" * 1_000_000: 413, "\ud800": 422}
    for text, status in refused.items():
        body = json.dumps({"text": text})
        answer = client.post(f"{V1}/classifier/classify", content=body, headers=kind)
        assert answer.status_code == status
        assert len(answer.content) < 2_000  # it is not sent back


def test_the_versions_of_the_model_are_those_of_the_command_line(site: Site, ada: User) -> None:
    told = program(site, ada).get(f"{V1}/classifier/versions").json()["versions"]
    folder = site.app.state.desk.settings.folder
    known = [telling.version(one) for one in models.everything(site.store, folder)]
    assert [one["version"] for one in told] == ["shipped"]
    assert told[0]["scores"] == known[0]["scores"]


def test_a_search_finds_what_the_inbox_finds_and_says_what_it_cannot(any_site: Site) -> None:
    ada = make_user(any_site.store, "Ada Voss", "admin")
    conversation = make_conversation(any_site.store, text="我要退款", assignee_id=ada.id)
    make_conversation(any_site.store, text="Where is my card?")
    with any_site.store.write() as session:
        search.update_message(session, first_message(any_site.store).id)
    client = program(any_site, ada)
    found = client.get(f"{V1}/search", params={"q": "退款 is:mine"})
    assert [one["id"] for one in found.json()["conversations"]] == [conversation.id]
    wrong = client.get(f"{V1}/search", params={"q": "is:hungry"})
    assert (wrong.status_code, code(wrong)) == (422, "search")
    assert "is:" in wrong.json()["detail"]


def test_a_tag_is_explained_by_the_message_that_named_the_wait(site: Site, ada: User) -> None:
    conversation = make_conversation(site.store, text="I was charged twice")
    client, address = program(site, ada), f"{V1}/conversations/{conversation.id}/why"
    assert client.get(address).json() is None  # no model is built here
    hears(site)
    told = client.get(address).json()
    assert told["message_id"] == first_message(site.store).id
    assert told["supports"] == [{"text": "twice", "category": "payment", "weight": 1.5}]

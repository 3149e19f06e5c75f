"""What programs do for their person: answer once, take, end, tag."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from inbox.flows.upkeep import tidy
from inbox.store.tables import (
    Account,
    ApiAnswer,
    ApiToken,
    Audit,
    Conversation,
    Reply,
    Step,
    User,
)
from tests.clock import MONDAY
from tests.factories import make_account, make_conversation, make_message, make_user
from tests.web.api.calling import V1, code, program
from tests.web.serving import Site

ONE = f"{V1}/conversations/1"
WORDS = {"text": "Your refund is on its way.", "shown": 1}


@pytest.fixture
def desk(any_site: Site) -> Site:
    """A conversation with the number 1, whose customer waits."""
    make_user(any_site.store, "Ada Voss", "admin")
    make_user(any_site.store, "Bo Narin", "agent")
    make_conversation(any_site.store, make_account(any_site.store))
    return any_site


def person(site: Site, name: str = "bo") -> User:
    with site.store.read() as session:
        found = select(User).where(User.email == f"{name}@lumenpay.example")
        return session.scalars(found).one()


def rows(site: Site, table: Any) -> list[Any]:
    with site.store.read() as session:
        return list(session.scalars(select(table).order_by(*table.__table__.primary_key)))


def send(client: httpx2.Client, path: str, body: Any, key: str | None = None) -> httpx2.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(path, json=body, headers=headers)


def test_an_answer_is_queued_in_the_name_of_the_tokens_person(desk: Site) -> None:
    bo = person(desk)
    answer = send(program(desk, bo), f"{ONE}/reply", WORDS, "k-1")
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["agent"]) == ("queued", bo.email)
    (queued,) = rows(desk, Reply)
    assert (queued.agent_id, queued.text, queued.visibility) == (bo.id, WORDS["text"], "private")
    (done,) = [a for a in rows(desk, Audit) if a.action == "reply"]
    assert done.actor == bo.email


def test_a_repeated_call_is_answered_alike_and_sends_nothing_again(desk: Site) -> None:
    client = program(desk, person(desk))
    first = send(client, f"{ONE}/reply", WORDS, "k-1")
    again = send(client, f"{ONE}/reply", WORDS, "k-1")
    assert again.json() == first.json()
    assert (first.status_code, again.status_code) == (202, 202)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert len(rows(desk, Reply)) == 1
    other = send(client, f"{ONE}/reply", WORDS | {"text": "Another."}, "k-1")
    assert (other.status_code, code(other)) == (422, "key_reused")
    elsewhere = send(client, f"{ONE}/excuse", {"reason": "thanks", "shown": 1}, "k-1")
    assert code(elsewhere) == "key_reused"


def test_a_repeat_after_the_answer_is_forgotten_is_still_one_reply(desk: Site) -> None:
    client = program(desk, person(desk))
    first = send(client, f"{ONE}/reply", WORDS, "k-1")
    desk.clock.forward(hours=25)
    tidy(desk.store, desk.clock())
    assert rows(desk, ApiAnswer) == []
    assert send(client, f"{ONE}/reply", WORDS, "k-1").json()["id"] == first.json()["id"]
    assert len(rows(desk, Reply)) == 1


def test_calls_made_at_once_with_one_key_are_one_reply(desk: Site) -> None:
    client = program(desk, person(desk))
    with ThreadPoolExecutor(6) as threads:
        calls = [threads.submit(send, client, f"{ONE}/reply", WORDS, "k-1") for _ in range(6)]
        answers = [one.result() for one in calls]
    assert {one.status_code for one in answers} <= {202, 409}
    assert len({one.json()["id"] for one in answers if one.status_code == 202}) == 1
    assert len(rows(desk, Reply)) == 1


def test_a_call_whose_process_died_is_done_by_its_repeat_after_a_minute(desk: Site) -> None:
    client = program(desk, person(desk))
    send(client, f"{ONE}/assign", {}, "k-1")
    with desk.store.write() as session:
        left = session.scalars(select(ApiAnswer)).one()
        left.status = left.body = None
        session.get_one(Conversation, 1).assignee_id = None
    waits = send(client, f"{ONE}/assign", {}, "k-1")
    assert (waits.status_code, code(waits)) == (409, "under_way")
    desk.clock.forward(seconds=61)
    assert send(client, f"{ONE}/assign", {}, "k-1").json()["assignee"] == person(desk).email


def test_a_refused_call_frees_its_key(desk: Site) -> None:
    client = program(desk, person(desk))
    _pause(desk, "paused")
    refused = send(client, f"{ONE}/reply", WORDS, "k-1")
    assert (refused.status_code, code(refused)) == (409, "not_connected")
    _pause(desk, "active")
    assert send(client, f"{ONE}/reply", WORDS, "k-1").status_code == 202


def test_keys_of_two_tokens_do_not_meet(desk: Site) -> None:
    one, other = program(desk, person(desk)), program(desk, person(desk, "ada"))
    assert send(one, f"{ONE}/assign", {}, "k").json()["assignee"] == person(desk).email
    assert send(other, f"{ONE}/assign", {}, "k").json()["assignee"] == person(desk, "ada").email


def test_an_answer_needs_a_key_and_what_was_read(desk: Site) -> None:
    client = program(desk, person(desk))
    assert code(send(client, f"{ONE}/reply", WORDS)) == "key_missing"
    with desk.store.read() as session:
        conversation = session.get_one(Conversation, 1)
    make_message(desk.store, conversation, "And my card?", MONDAY + timedelta(hours=1))
    crossed = send(client, f"{ONE}/reply", WORDS, "k-1")
    assert (crossed.status_code, code(crossed)) == (409, "crossed")
    assert rows(desk, Reply) == []
    assert send(client, f"{ONE}/reply", WORDS | {"shown": 2}, "k-1").status_code == 202


def test_a_call_that_tells_a_secret_takes_no_key(desk: Site) -> None:
    body = {"name": "Chat", "url": "https://chat.example", "events": ["reply.sent"]}
    answer = send(program(desk, person(desk, "ada")), f"{V1}/webhooks", body, "k1")
    assert (answer.status_code, code(answer)) == (400, "no_key_here")


def test_visibility_is_never_widened(desk: Site) -> None:
    client = program(desk, person(desk))
    answer = send(client, f"{ONE}/reply", WORDS | {"visibility": "public"}, "k-1")
    assert (answer.status_code, code(answer)) == (409, "not_permitted")


def test_taking_is_compare_and_set(desk: Site) -> None:
    bo, ada = person(desk), person(desk, "ada")
    mine, hers = program(desk, bo), program(desk, ada)
    assert send(mine, f"{ONE}/assign", {"from": None}).json()["assignee"] == bo.email
    late = send(hers, f"{ONE}/assign", {"from": None})
    assert (late.status_code, code(late)) == (409, "taken")
    assert send(hers, f"{ONE}/assign", {"from": bo.id}).json()["assignee"] == ada.email
    assert send(mine, f"{ONE}/release", {}).json()["assignee"] is None
    assert hers.post(f"{ONE}/release").json()["assignee"] is None


def test_only_leads_give_work_to_others_who_may_answer(desk: Site) -> None:
    bo, ada = person(desk), person(desk, "ada")
    cy = make_user(desk.store, "Cy Okoro", "auditor")
    assert code(send(program(desk, bo), f"{ONE}/assign", {"to": ada.id})) == "assignee"
    hers = program(desk, ada)
    assert send(hers, f"{ONE}/assign", {"to": bo.id}).json()["assignee"] == bo.email
    for wrong in (cy.id, 99):
        assert code(send(hers, f"{ONE}/assign", {"to": wrong})) == "assignee"


def test_a_wait_is_excused_with_a_reason_and_a_matter_resolved(desk: Site) -> None:
    client = program(desk, person(desk))
    assert code(send(client, f"{ONE}/resolve", {"shown": 1})) == "reason"
    assert rows(desk, Step) == []
    excused = send(client, f"{ONE}/excuse", {"reason": "thanks \x00", "shown": 1}, "k-1").json()
    assert (excused["status"], excused["due_at"]) == ("waiting", None)
    send(client, f"{ONE}/excuse", {"reason": "thanks \x00", "shown": 1}, "k-1")
    assert [(s.kind, s.reason) for s in rows(desk, Step)] == [("excuse", "thanks \ufffd")]
    assert send(client, f"{ONE}/resolve", {"shown": 1}).json()["status"] == "resolved"


def test_a_corrected_tag_is_a_persons_word(desk: Site) -> None:
    client = program(desk, person(desk))
    told = send(client, f"{ONE}/tags", {"category": "payment"}).json()
    assert (told["category"], told["urgency"]) == ("payment", "normal")
    assert code(send(client, f"{ONE}/tags", {})) == "invalid"
    assert code(send(client, f"{ONE}/tags", {"category": "money"})) == "invalid"
    assert code(send(client, f"{ONE}/tags", {"topic": "no such"})) == "topic"


def test_an_account_is_paused_and_resumed_by_an_admin(desk: Site) -> None:
    client = program(desk, person(desk, "ada"))
    assert send(client, f"{V1}/accounts/1/pause", {}).json()["state"] == "paused"
    assert client.post(f"{V1}/accounts/1/pause").json()["state"] == "paused"
    assert send(client, f"{V1}/accounts/1/resume", {}).json()["state"] == "active"
    _pause(desk, "revoked")
    assert code(send(client, f"{V1}/accounts/1/pause", {})) == "state"


def test_a_misspelt_field_is_refused_and_not_repeated_in_the_answer(desk: Site) -> None:
    answer = send(program(desk, person(desk)), f"{ONE}/reply", WORDS | {"txt": "4111 1111"}, "k")
    assert code(answer) == "invalid"
    assert answer.json()["errors"] == [
        {"at": "body.txt", "reason": "Extra inputs are not permitted"}
    ]
    assert "4111" not in answer.text


def test_what_a_token_did_goes_with_its_person(desk: Site) -> None:
    send(program(desk, person(desk)), f"{ONE}/assign", {}, "k-1")
    with desk.store.write() as session:
        session.delete(session.scalars(select(ApiToken)).one())
    assert rows(desk, ApiAnswer) == []


def _pause(site: Site, state: str) -> None:
    with site.store.write() as session:
        session.get_one(Account, 1).state = state

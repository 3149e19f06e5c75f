"""Outgoing webhooks: written with the change, signed, tried again, stopped, sent again."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import update

from connectors.core.contract import Outgoing, Sent
from connectors.core.errors import Refused
from inbox.domain.hooks import EVENTS, STALE_AFTER
from inbox.flows import deliver, endpoints, health, hook_sending, steps, warnings
from inbox.flows.endpoints import EndpointInvalid, Made, Wanted
from inbox.store import hooks
from inbox.store.tables import Account, HookDelivery, HookEndpoint, HookTry, Notice
from tests.factories import make_user
from tests.fakes.receiver import Receiver, is_genuine
from tests.flows.desk import Desk, at, own, says
from tests.kill.victims import Step, run

WANTED = Wanted("Data store", "https://data.example/in", EVENTS)


@pytest.fixture
def there(desk: Desk) -> Iterator[Receiver]:
    """A receiver in our own network that the operator allows; the account is connected."""
    with Receiver() as receiver:
        desk.settings.allow_private = urlsplit(receiver.url).netloc
        with desk.store.write() as session:
            session.execute(update(Account).values(created_at=at(-60)))
        desk.account.created_at = at(-60)
        yield receiver


def add(desk: Desk, there: Receiver, **more: Any) -> Made:
    wanted = replace(WANTED, url=f"{there.url}/in?key=hush", **more)
    return endpoints.add(
        desk.store, desk.settings, wanted, actor="ada@lumen.example", now=desk.clock()
    )


def send(desk: Desk) -> list[int]:
    """What the scheduler does at each tick: how many were taken, by endpoint."""
    due = hook_sending.due(desk.store, desk.clock())
    args = (desk.clock, lambda: 0.5)
    return [hook_sending.send_due(desk.store, desk.settings, one, *args) for one in due]


def refuse(_: Outgoing) -> Sent:
    raise Refused("No.")


def states(desk: Desk) -> list[str]:
    return [row.state for row in desk.rows(HookDelivery)]


def test_an_event_is_sent_once_signed_and_without_customers_words(
    desk: Desk, there: Receiver
) -> None:
    made = add(desk, there)
    desk.take(says("1", text="where is my money"))
    assert send(desk) == [1]
    assert send(desk) == []
    (request,) = there.took
    assert is_genuine(made.secret, request.headers, request.raw, desk.clock())
    assert not is_genuine(made.secret, request.headers, request.raw + b" ", desk.clock())
    moved = request.headers | {"webhook-id": "msg_other"}
    assert not is_genuine(made.secret, moved, request.raw, desk.clock())
    assert request.json["type"] == "message.received"
    assert request.json["data"]["link"].endswith(f"/conversations/{desk.conversation().id}")
    assert "money" not in request.raw.decode()
    assert "Ann" not in request.raw.decode()


def test_what_happens_to_a_conversation_is_told_in_its_order(desk: Desk, there: Receiver) -> None:
    add(desk, there)
    desk.take(says("1"))
    about: dict[str, Any] = {
        "conversation_id": desk.conversation().id,
        "actor": "ada",
        "now": desk.clock(),
    }
    steps.assign(desk.store, agent_id=desk.agent_id, expected=None, **about)
    desk.answer()
    desk.script.on_send = refuse
    deliver.deliver_due(desk.store, desk.settings, desk.clock)
    desk.clock.now = at(-10) + timedelta(hours=24)
    warnings.look(desk.store, desk.clock())
    desk.answer(form_key="form-2")
    desk.script.on_send = lambda _: Sent("r2")
    deliver.deliver_due(desk.store, desk.settings, desk.clock)
    about |= {"now": desk.clock()}
    more: dict[str, Any] = {"agent_id": desk.agent_id, "reason": "thanks", "seen": desk.newest()}
    steps.resolve(desk.store, **about, **more)
    desk.take(says("2", minutes=60 * 24 + 1))
    send(desk)
    assert [event["type"] for event in there.events] == [
        *("message.received", "conversation.assigned", "reply.failed", "turn.breached"),
        *("reply.sent", "conversation.resolved", "conversation.reopened", "message.received"),
    ]
    assert there.events[1]["data"]["conversation"]["assignee"] == "ada@lumen.example"
    assert there.events[3]["data"]["turn"]["part"] == 100


@pytest.mark.parametrize("first", ["poller", "sender"])
def test_an_answer_is_told_once_whoever_settles_it(desk: Desk, there: Receiver, first: str) -> None:
    desk.take(says("1"))
    add(desk, there)
    desk.answer()

    def accepts(_: Outgoing) -> Sent:
        if first == "poller":
            desk.take(own("r1", minutes=0))
        return Sent("r1", desk.clock())

    desk.script.on_send = accepts
    deliver.deliver_due(desk.store, desk.settings, desk.clock)
    desk.take(own("r1", minutes=0))
    (told,) = [row for row in desk.rows(HookDelivery) if row.event == "reply.sent"]
    assert told.said["conversation"]["due_at"] is None, "as it is after the answer"


def test_a_change_that_is_rolled_back_is_told_to_nobody(desk: Desk, there: Receiver) -> None:
    add(desk, there)
    desk.store.close()
    assert run(desk.store, lambda: desk.take(says("1")), Step("before", "commit"))
    assert desk.rows(HookDelivery) == []


def test_a_process_that_dies_after_the_commit_or_while_sending_loses_nothing(
    desk: Desk, there: Receiver
) -> None:
    add(desk, there)
    desk.store.close()
    assert run(desk.store, lambda: desk.take(says("1")), Step("after", "commit"))
    assert states(desk) == ["waiting"]
    desk.store.close()
    assert run(desk.store, lambda: send(desk), Step("before", "hook_tries"))
    assert states(desk) == ["sending"]
    assert send(desk) == [], "its sender may be at work"
    desk.clock.forward(seconds=STALE_AFTER.total_seconds() + 1)
    assert send(desk) == [1]
    assert len({request.headers["webhook-id"] for request in there.took}) == 1


def test_what_is_not_taken_is_tried_for_over_27_hours_and_then_again_by_hand(
    desk: Desk, there: Receiver
) -> None:
    add(desk, there)
    desk.take(says("1"))
    with pytest.raises(endpoints.NotEnded):
        endpoints.again(desk.store, desk.rows(HookDelivery)[0].id, actor="ada", now=desk.clock())
    there.status, began = 500, desk.clock()
    while (row := desk.rows(HookDelivery)[0]).state == "waiting":
        desk.clock.now = max(desk.clock(), row.not_before or began)
        send(desk)
    assert len(there.took) == 8
    assert desk.clock() - began > timedelta(hours=27)
    assert row.state == "failed"
    assert {one.status for one in desk.rows(HookTry)} == {500}
    there.status = 204
    endpoints.again(desk.store, row.id, actor="ada@lumen.example", now=desk.clock())
    assert send(desk) == [1]
    assert len({request.headers["webhook-id"] for request in there.took}) == 1


@pytest.mark.parametrize("how", ["gone", "silent"])
def test_an_endpoint_that_wants_nothing_is_switched_off_and_admins_are_told(
    desk: Desk, there: Receiver, how: str
) -> None:
    make_user(desk.store, "Max Admin", "admin")
    made = add(desk, there)
    desk.take(says("1"))
    there.status = 410 if how == "gone" else 500
    if how == "silent":
        send(desk)
        desk.clock.forward(days=5, seconds=1)
    send(desk)
    (endpoint,) = desk.rows(HookEndpoint)
    assert endpoint.state == "stopped"
    assert (
        endpoint.reason == {"gone": hook_sending.GONE, "silent": "It took nothing for 5 days."}[how]
    )
    assert sorted(n.channel for n in desk.rows(Notice)) == ["app", "mail"]
    desk.take(says("2", minutes=-5))
    assert len(desk.rows(HookDelivery)) == 1, "nothing new is noted"
    there.status = 200
    assert endpoints.resume(desk.store, made.id, actor="max", now=desk.clock())
    desk.take(says("3", minutes=-4))
    assert sum(send(desk)) >= 1


def test_words_go_along_where_the_setting_says_so_and_not_when_deleted(
    desk: Desk, there: Receiver
) -> None:
    add(desk, there, words=True)
    desk.take(says("1", text="my money"), says("2", text="forget me", minutes=-9))
    desk.take(says("2", text="", minutes=-9, deleted_at=at(-8)))
    send(desk)
    first, second = (event["data"]["words"] for event in there.events[:2])
    assert (first["text"], first["name"]) == ("my money", "Ann")
    assert second == {}
    assert "money" not in str([row.said for row in desk.rows(HookDelivery)])


def test_a_chat_gets_a_line(desk: Desk, there: Receiver) -> None:
    add(desk, there, form="slack", words=True)
    desk.take(says("1", text="<b>help</b> & more"))
    send(desk)
    (request,) = there.took
    assert list(request.json) == ["text"]
    assert "&lt;b&gt;help&lt;/b&gt; &amp; more" in request.json["text"]
    assert "webhook-signature" not in request.headers


def test_however_many_messages_come_at_once_they_are_noted_by_one_look_and_one_write(
    desk: Desk, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(desk, there)
    calls = []
    for name in ("conversations", "add"):
        was = getattr(hooks, name)

        def counted(*args: Any, was: Any = was) -> Any:
            calls.append(was.__name__)
            return was(*args)

        monkeypatch.setattr(hooks, name, counted)
    desk.take(says("1"), says("2", minutes=-9), says("3", author="ben", conversation="c2"))
    assert calls == ["conversations", "add"]
    assert [row.message_id for row in desk.rows(HookDelivery)] == [1, 2, 3]


def test_history_is_told_to_no_program(desk: Desk, there: Receiver) -> None:
    add(desk, there)
    desk.take(says("1", minutes=-61))
    assert desk.rows(HookDelivery) == []


@pytest.mark.parametrize(
    ("hours", "revoked", "told"),
    [
        ((0.5,), None, []),
        ((2, 13), None, ["account.down", "account.up"]),
        ((0.5, 2), 0.5, ["account.down", "account.up"]),
        ((0.5, 0.6), 0.6, ["account.down", "account.up"]),
    ],
    ids=["short", "long", "revoked", "revoked while stale"],
)
def test_an_account_that_is_down_and_up_is_told_once_each(
    desk: Desk, there: Receiver, hours: tuple[float, ...], revoked: float | None, told: list[str]
) -> None:
    add(desk, there)
    last: dict[str, Any] = {"last_success_at": at(0)}
    for hour in (*hours, None):
        if hour is None:
            last = {"last_success_at": desk.clock(), "state": "active"}
        elif hour == revoked:
            last["state"] = "revoked"
        with desk.store.write() as session:
            session.execute(update(Account).values(**last))
        desk.clock.now = at(60 * hour) if hour else desk.clock()
        health.watch(desk.store, desk.clock())
    assert [row.event for row in desk.rows(HookDelivery)] == told


def test_a_webhook_sealed_with_another_secret_key_fails_in_words_and_is_tried_again(
    desk: Desk, there: Receiver
) -> None:
    add(desk, there)
    desk.take(says("1"))
    with desk.store.write() as session:
        sealed = Fernet(Fernet.generate_key()).encrypt(b"{}").decode()
        session.execute(update(HookEndpoint).values(secret=sealed))
    assert send(desk) == [0]
    assert states(desk) == ["waiting"]
    (tried,) = desk.rows(HookTry)
    assert tried.error == "The stored credentials need another secret key."
    desk.clock.forward(days=5, seconds=1)
    send(desk)
    assert [row.state for row in desk.rows(HookEndpoint)] == ["stopped"]


def test_a_private_address_is_refused_when_entered_and_when_sent(
    desk: Desk, there: Receiver
) -> None:
    add(desk, there)
    desk.settings.allow_private = ""
    with pytest.raises(EndpointInvalid):
        add(desk, there)
    desk.take(says("1"))
    assert send(desk) == [0]
    assert there.took == []
    assert states(desk) == ["waiting"]
    (tried,) = desk.rows(HookTry)
    assert tried.error == "The address must begin with https://."


def test_no_secret_lies_open_in_the_database_or_the_log(desk: Desk, there: Receiver) -> None:
    made = add(desk, there)
    there.status, there.words = 500, "no, " * 2000
    desk.take(says("1"))
    send(desk)
    told = json.dumps(endpoints.log(desk.store, made.id, 5), default=str)
    everything = told + str([vars(row) for row in desk.rows(HookEndpoint)])
    assert "hush" not in everything
    assert made.secret not in everything
    assert len(desk.rows(HookTry)[0].answer) == hook_sending.PEEK


def test_a_batch_under_way_ends_with_a_pause(desk: Desk, there: Receiver) -> None:
    made = add(desk, there)
    desk.take(says("1"))
    endpoints.pause(desk.store, made.id, actor="ada", now=desk.clock())
    (row,) = desk.rows(HookDelivery)
    args = (row.id, desk.clock, lambda: 0.5)
    assert not hook_sending.send(desk.store, desk.settings, *args)
    assert (there.took, states(desk)) == ([], ["waiting"])


def test_an_endpoint_that_is_removed_while_it_is_called_leaves_nothing_behind(
    desk: Desk, there: Receiver
) -> None:
    made = add(desk, there)
    desk.take(says("1"), says("2"))
    how: dict[str, Any] = {"actor": "ada", "now": desk.clock()}
    there.meanwhile = lambda: endpoints.remove(desk.store, made.id, **how)
    assert send(desk) == [0]
    assert len(there.took) == 1
    assert (states(desk), desk.rows(HookTry)) == ([], [])


def test_a_lost_line_is_an_error_in_words_and_a_test_reaches_a_paused_endpoint(
    desk: Desk, there: Receiver
) -> None:
    made = add(desk, there)
    endpoints.pause(desk.store, made.id, actor="ada", now=desk.clock())
    there.fault("/in", "lost")
    for _ in range(2):
        endpoints.try_out(desk.store, made.id, actor="ada", now=desk.clock())
        send(desk)
    assert states(desk) == ["failed", "delivered"]
    assert desk.rows(HookTry)[0].error == "The line broke before the answer."

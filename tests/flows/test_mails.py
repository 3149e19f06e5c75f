"""Mails: known again under new ids, joined by what they name."""

from typing import Any

from connectors.core.contract import Kind
from inbox.store.tables import Conversation, TurnRow
from tests.flows.desk import Desk, at, says


def mail(number: str, minutes: float = -10, digest: str = "d", **more: Any) -> Any:
    """A customer's mail; its Message-ID stays while its external id may change."""
    more = {"message_id": f"{number}@mail.example", "conversation": f"{number}@mail.example"} | more
    external_id = more.pop("external_id", f"INBOX:1:{number}")
    return says(
        external_id, f"mail {number}", minutes, kind=Kind.EMAIL, platform={"digest": digest}, **more
    )


def test_mails_read_again_under_a_new_uidvalidity_are_known(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(mail("1"), mail("2"))
    counts = desk.take(mail("1", external_id="INBOX:2:1"), mail("2", external_id="Archive:1:9"))
    assert (counts.new, counts.duplicate) == (0, 2)


def test_a_message_id_that_somebody_repeats_does_not_hide_another_mail(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(mail("1"))
    assert desk.take(mail("1", external_id="INBOX:1:2", digest="other")).new == 1


def test_a_mail_joins_by_address_token_also_without_a_message_id(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(mail("1"))
    token = desk.conversation().token
    desk.take(mail("2", message_id=None, address_token=token))
    assert len(desk.rows(Conversation)) == 1


def test_a_mail_never_joins_by_subject(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(mail("1", subject="Help"), mail("2", subject="Re: Help"))
    assert len(desk.rows(Conversation)) == 2


def test_a_mail_that_links_two_threads_makes_them_one(desk: Desk) -> None:
    desk.take(mail("1", -30), mail("3", -10, references=("2@mail.example",), author="ann"))
    desk.take(mail("4", -9, references=("2@mail.example",), author="ben"))
    assert len(desk.rows(Conversation)) == 3
    desk.clock.forward(minutes=1)
    desk.take(mail("2", -20, references=("1@mail.example",)))
    assert {r.thread for r in desk.rows()} == {desk.message("INBOX:1:1").thread}
    assert len(desk.rows(Conversation)) == 2
    current = [t for t in desk.rows(TurnRow) if t.superseded_at is None]
    assert sorted(t.opened_at for t in current) == [at(-30), at(-9)]
    known = {c.id for c in desk.rows(Conversation)}
    assert {t.conversation_id for t in desk.rows(TurnRow)} <= known, "evidence is kept"

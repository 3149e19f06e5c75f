"""One person under several ids is one contact in one conversation."""

from connectors.core.contract import Author, Direction, Message
from inbox.store.tables import Contact, Conversation
from tests.flows.desk import Desk, at


def writes(external_id: str, *ids: str, minutes: float = -5) -> Message:
    """A private message of somebody whom the platform names by `ids`, the first one preferred."""
    return Message(
        external_id, ids[0], Direction.IN, "hello", at(minutes), Author(ids[0], also=ids[1:])
    )


def people(desk: Desk) -> list[str]:
    return [c.external_id for c in desk.rows(Contact)]


def test_a_known_phone_number_that_gets_an_id_stays_the_same_person(desk: Desk) -> None:
    desk.take(writes("1", "1650"))
    desk.take(writes("2", "US.13", "1650"))
    desk.take(writes("3", "US.13"))
    assert (people(desk), len(desk.rows(Conversation))) == (["1650"], 1)


def test_both_ids_from_the_start_are_one_person_by_either(desk: Desk) -> None:
    desk.take(writes("1", "US.13", "1650"), writes("2", "1650"), writes("3", "US.13"))
    assert (people(desk), len(desk.rows(Conversation))) == (["US.13"], 1)


def test_an_own_message_to_the_other_id_joins_the_same_thread(sqlite_desk: Desk) -> None:
    sqlite_desk.take(writes("1", "US.13", "1650"))
    echo = Message("2", "1650", Direction.OUT, "hi", at(0), Author("me"))
    sqlite_desk.take(echo)
    assert sqlite_desk.message("2").conversation_id == sqlite_desk.message("1").conversation_id


def test_a_changed_number_that_names_the_one_before_stays_the_same_person(desk: Desk) -> None:
    desk.take(writes("1", "1650"))
    desk.take(writes("2", "1777", "1650"))
    desk.take(writes("3", "1777"))
    assert people(desk) == ["1650"]

"""Answers find their customer, mails their thread."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from inbox.domain.threading import MailIds, Own, Said, join_mails, places_of_answers

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


CUSTOMERS = {"q1": Said(1, at(0)), "q2": Said(2, at(10)), "q3": Said(1, at(20))}


def test_an_answer_belongs_to_whom_it_names() -> None:
    assert places_of_answers({"a": Own(at(15), "q1")}, CUSTOMERS) == {"a": 1}


def test_an_answer_to_an_answer_belongs_to_its_customer() -> None:
    own = {
        "a": Own(at(15), "b"),
        "b": Own(at(14), "q1"),
        "c": Own(at(30), "d"),
        "d": Own(at(29), None, 7),
    }
    assert places_of_answers(own, CUSTOMERS) == {"a": 1, "b": 1, "c": 7, "d": 7}


def test_answers_that_name_one_another_in_a_ring_end() -> None:
    own = {"a": Own(at(15), "b"), "b": Own(at(5), "a"), "self": Own(at(25), "self")}
    assert places_of_answers(own, CUSTOMERS) == {"a": 1, "b": 2, "self": 1}


def test_without_a_name_it_belongs_to_who_wrote_last_before() -> None:
    own = {f"a{m}": Own(at(m), None) for m in (-5, 0, 12, 99)}
    assert places_of_answers(own, CUSTOMERS) == {"a-5": None, "a0": 1, "a12": 2, "a99": 1}


def test_the_only_customer_of_a_thread_has_all_its_answers() -> None:
    assert places_of_answers({"a": Own(at(-60), "gone")}, {"q": Said(4, at(0))}) == {"a": 4}


def test_a_thread_without_customers_keeps_its_answers_open() -> None:
    assert places_of_answers({"a": Own(at(0), None)}, {}) == {"a": None}


def test_a_mail_that_names_two_threads_makes_them_one() -> None:
    joined = join_mails([MailIds(("a", "b", "c"), "c")], {"a": "first", "b": "second"})
    assert (joined.threads, joined.aliases, joined.merged) == (
        ["first"],
        {"c": "first"},
        {"second": "first"},
    )


def test_a_mail_without_ids_goes_where_its_address_token_says() -> None:
    assert join_mails([MailIds((), "told")], {}).threads == ["told"]


def partition(mails: list[MailIds]) -> set[frozenset[str]]:
    joined = join_mails(mails, {})
    named = [(m.ids[-1], t) for m, t in zip(mails, joined.threads, strict=True)]
    return {frozenset(m for m, t in named if t == thread) for _, thread in named}


@given(st.data())
def test_any_order_gives_the_same_threads(data: st.DataObject) -> None:
    names = [str(n) for n in range(data.draw(st.integers(1, 8)))]
    mails = [
        MailIds((*data.draw(st.lists(st.sampled_from([*names, "x", "y"]), max_size=2)), n), n)
        for n in names
    ]
    assert partition(data.draw(st.permutations(mails))) == partition(mails)

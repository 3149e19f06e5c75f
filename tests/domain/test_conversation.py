"""The tag of a wait of several messages."""

from inbox.domain.conversation import Tag, turn_tag


def test_a_greeting_does_not_hide_the_matter() -> None:
    hello, theft = Tag("general", 0.9, "low", 0.9), Tag("security", 0.6, "critical", 0.7)
    assert turn_tag([hello, theft]) == theft
    assert turn_tag([theft, hello]) == theft


def test_of_two_matters_the_more_urgent_one_names_the_wait() -> None:
    refund, account = Tag("refund", 0.9, "normal", 0.9), Tag("account", 0.5, "high", 0.5)
    assert turn_tag([refund, account]) == account


def test_untagged_messages_leave_the_wait_untagged() -> None:
    assert turn_tag([Tag(), Tag()]) == Tag()
    assert turn_tag([]) == Tag()

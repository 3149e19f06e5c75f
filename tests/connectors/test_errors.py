"""Statuses become errors that answer "what now?"."""

from datetime import UTC, datetime

import pytest

import connectors.core.errors as errors
from connectors.core.errors import Answer, ConnectorError, Refused, Transient, error_for


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.Refused),
        (401, errors.AuthRevoked),
        (403, errors.Refused),
        (404, errors.Refused),
        (408, errors.Transient),
        (422, errors.Refused),
        (429, errors.RateLimited),
        (500, errors.Transient),
        (503, errors.Transient),
        (599, errors.Transient),
    ],
)
def test_a_status_says_what_now(status: int, kind: type[ConnectorError]) -> None:
    error = error_for(Answer(status))
    assert type(error) is kind
    assert error.reason.endswith(".")


def test_a_platforms_own_row_wins() -> None:
    rows = {403: lambda a: errors.WindowClosed("The window has passed.")}
    assert type(error_for(Answer(403), rows)) is errors.WindowClosed
    assert type(error_for(Answer(404), rows)) is Refused


def test_waits_and_words_of_the_platform_are_kept() -> None:
    reset = datetime(2026, 11, 23, tzinfo=UTC)
    limited = error_for(Answer(429, "Slow down", resets_at=reset))
    assert isinstance(limited, errors.RateLimited)
    assert (limited.reason, limited.resets_at) == ("Slow down", reset)
    failed = error_for(Answer(503, retry_after_s=7))
    assert isinstance(failed, Transient)
    assert failed.retry_after_s == 7


def test_every_error_is_drawn_in_the_tree() -> None:
    named = [n for n, e in vars(errors).items() if isinstance(e, type) and issubclass(e, Exception)]
    assert errors.__doc__ is not None
    assert all(name in errors.__doc__ for name in named)


def test_an_unreadable_item_keeps_what_came() -> None:
    assert errors.Malformed("no author", {"id": "1"}).raw == {"id": "1"}

"""A wrong value stops the program when the settings are read, not when they are first used."""

import pytest
from pydantic import ValidationError

from inbox.config import Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("listen", "nohost"),
        ("listen", "127.0.0.1:65536"),
        ("listen", "127.0.0.1:٨"),
        ("public_url", "desk.lumenpay.example"),
        ("smtp_url", "ftp://mail.lumenpay.example"),
        ("database_url", "mysql://127.0.0.1/desk"),
    ],
)
def test_a_wrong_value_is_refused_by_name(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"REPLYDESK_{name.upper()}", value)
    with pytest.raises(ValidationError, match=name):
        Settings()

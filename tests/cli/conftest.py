"""A terminal on a data folder of its own."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from inbox.cli import app
from inbox.store.session import Store
from tests.factories import make_brand, make_user


class Terminal:
    """Runs commands on one data folder."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __call__(self, *arguments: str) -> str:
        ran = self.run(*arguments)
        assert ran.exit_code == 0, ran.output
        return ran.output

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, arguments, env={"REPLYDESK_DATA": self.folder})


@pytest.fixture
def terminal(sqlite_url: str, sqlite_store: Store) -> Terminal:
    """Ada is an admin there, and Bo an agent."""
    make_brand(sqlite_store)
    make_user(sqlite_store, "Ada Voss", "admin")
    make_user(sqlite_store, "Bo Narin")
    return Terminal(str(Path(sqlite_url.removeprefix("sqlite:///")).parent))

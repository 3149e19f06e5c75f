"""`replydesk classifier`: versions, use, train."""

import json
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inbox.cli import app
from inbox.cli import learning as cli
from inbox.cli.common import Stop
from inbox.flows import models
from inbox.flows.training import Trainer
from inbox.store.session import Store
from inbox.store.tables import ModelVersion
from tests.clock import MONDAY, Clock
from tests.fakes import refit
from tests.flows.desk import Desk
from tests.flows.lessons import states, taught


@pytest.fixture
def folder(sqlite_url: str) -> Path:
    """A data folder with one trained version that was used before, and a refused one."""
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    version = refit.write_model(folder / "models" / "new", b"words")
    (folder / "models" / "new").rename(models.folder_of(folder, version))
    gate = {"reason": "Worse.", "passed": False}
    store = Store(sqlite_url)
    with store.write() as session:
        for name, state in ((version, "earlier"), ("badbadbadbad", "refused")):
            session.add(
                ModelVersion(
                    version=name,
                    state=state,
                    made_at=MONDAY,
                    made_by="system",
                    corrections=3,
                    gate=gate if state == "refused" else gate | {"passed": True, "reason": "Ok."},
                    scores=refit.scores(),
                )
            )
    store.close()
    return folder


def run(folder: Path, *arguments: str) -> str:
    ran = CliRunner().invoke(
        app, ["classifier", *arguments], env={"REPLYDESK_DATA": str(folder)}, catch_exceptions=False
    )
    assert ran.exit_code == 0
    return ran.output


def refused(folder: Path, *arguments: str) -> str:
    ran = CliRunner().invoke(app, ["classifier", *arguments], env={"REPLYDESK_DATA": str(folder)})
    assert isinstance(ran.exception, Stop)
    return str(ran.exception)


def version(folder: Path) -> str:
    return next(p.name for p in (folder / "models").iterdir())


def test_versions_are_listed_and_one_is_made_to_serve_and_back(folder: Path) -> None:
    told = json.loads(run(folder, "versions", "--json"))
    assert told["new_corrections"] == 0
    assert {v["version"]: (v["state"], v["serves"], v["whole"]) for v in told["versions"]} == {
        version(folder): ("earlier", False, True),
        "badbadbadbad": ("refused", False, False),
        "shipped": ("shipped", True, told["versions"][-1]["whole"]),
    }
    assert "serves" in run(folder, "use", version(folder))
    listed = run(folder, "versions")
    assert "serving" in listed
    assert "badbadbadbad refused: Worse." in listed
    run(folder, "use", "shipped")
    told = json.loads(run(folder, "versions", "--json"))
    assert [v["version"] for v in told["versions"] if v["serves"]] == ["shipped"]


def test_what_cannot_serve_is_refused_in_words(folder: Path) -> None:
    assert "it never serves" in refused(folder, "use", "badbadbadbad")
    assert "There is no version nothing." in refused(folder, "use", "nothing")


def test_training_without_corrections_says_what_to_do(folder: Path) -> None:
    assert "Correct some tags in the inbox first." in refused(folder, "train")


def test_a_training_ends_with_its_card(
    sqlite_store: Store, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The figures of the page: the gate's before and after, each beside the version that served."""
    desk, folder = Desk.open(sqlite_store, tmp_path, clock), tmp_path
    monkeypatch.setattr(cli, "Trainer", partial(Trainer, command=refit.command("pass")))
    taught(desk)
    told = run(folder, "train")
    assert "category, macro-F1      0.840" in told
    assert "gate: passed. At least as good on both sets." in told
    assert "beside a training without corrections, on the corpus, unseen" in told
    assert "last corrections    0.820 → 0.840   +2.0  (+0.0 to +4.0), 400 messages" in told
    taught(desk, "where is my refund", author="bo")
    told = json.loads(run(folder, "train", "--json").partition("\n")[2])  # after a line of the log
    assert (told["state"], told["gate"]["used"]) == ("activated", 2)
    assert told["against"] in states(desk)
    assert told["scores"]["urgency"] == told["before"]["urgency"]

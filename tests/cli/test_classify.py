"""`replydesk classify` and `evaluate` use the model that serves, and say which."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from classifier.files import META_FILE, MODEL_FILE, MODEL_FOLDER
from inbox.cli import app
from inbox.cli.common import Stop
from inbox.flows import models
from inbox.store import learning
from inbox.store.session import Store
from inbox.store.tables import ModelVersion
from tests.clock import MONDAY

VERSION = "0123456789ab"
LINE = json.dumps({"text": "Where is my refund?", "category": "refund", "urgency": "normal"})


@pytest.fixture
def folder(sqlite_url: str) -> Path:
    """A data folder in which a trained version serves: the shipped one's figures, its own name."""
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    place = models.folder_of(folder, VERSION)
    place.mkdir(parents=True)
    (place / MODEL_FILE).symlink_to(MODEL_FOLDER / MODEL_FILE)
    meta = json.loads((MODEL_FOLDER / META_FILE).read_text("utf-8"))
    (place / META_FILE).write_text(json.dumps(meta | {"hash": VERSION * 4}))
    store = Store(sqlite_url)
    with store.write() as session:
        session.add(
            ModelVersion(
                version=VERSION,
                state=learning.SERVING,
                made_at=MONDAY,
                made_by="system",
                corrections=3,
                gate={},
                scores={},
            )
        )
    store.close()
    return folder


def run(folder: Path, *arguments: str, lines: str = LINE) -> Result:
    return CliRunner().invoke(app, arguments, input=lines, env={"REPLYDESK_DATA": str(folder)})


def test_what_serves_tags_unless_another_version_is_named(folder: Path) -> None:
    ran = run(folder, "classify", "--explain")
    assert f"Model: {VERSION} (trained here)" in ran.stderr
    tagged = json.loads(ran.stdout)
    assert (tagged["category"], tagged["why"]["version"]) == ("refund", VERSION)
    assert "Model: shipped" in run(folder, "classify", "--model", "shipped").stderr


def test_lines_that_cannot_be_read_are_counted_at_the_end(folder: Path) -> None:
    ran = run(folder, "classify", lines=f"{LINE}\nno\n\n[1]\n{LINE}\n")
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [row.get("line", row.get("category")) for row in told] == ["refund", 2, 4, "refund"]
    assert isinstance(ran.exception, Stop)
    assert str(ran.exception).startswith("2 of 4 lines were not read")


def test_a_version_that_is_not_there_or_broken_stops_in_words(folder: Path) -> None:
    asked = run(folder, "classify", "--model", "../../etc")
    assert isinstance(asked.exception, Stop)
    assert str(asked.exception).startswith("There is no version ../../etc. See: replydesk")
    shutil.rmtree(models.folder_of(folder, VERSION))
    assert f"The files of version {VERSION} are missing here" in str(
        run(folder, "classify").exception
    )


def test_an_evaluation_says_what_it_measured(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "said.jsonl"
    file.write_text(LINE + "\n", encoding="utf-8")
    ran = run(folder, "evaluate", str(file), "--json")
    assert json.loads(ran.stdout)["version"] == VERSION
    assert run(folder, "evaluate", "--model", "shipped").exit_code == 2


@pytest.mark.parametrize("built", [False, True])
def test_training_ends_with_the_card_of_the_packaged_model(
    built: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built anew, its figures stand beside those before; skipped, there is nothing beside them."""
    monkeypatch.setattr("classifier.train.train", lambda say: built)
    meta = json.loads((MODEL_FOLDER / META_FILE).read_text("utf-8"))
    category = meta["scores"]["category"]
    told = run(folder, "train").stdout
    change = "+0.0" if built else ""
    assert f"category, macro-F1      {category['macro_f1']:.3f} {change:>6}  (" in told
    for code, row in category["by_lang"].items():
        assert f"  {code:<21} {row['macro_f1']:.3f} {change:>6}  " in told
    said = json.loads(run(folder, "train", "--json").stdout)
    assert (said["built"], said["scores"]) == (built, meta["scores"])
    assert said["before"] == (meta["scores"] if built else None)

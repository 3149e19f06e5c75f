"""`replydesk classify` and `evaluate` use the model that serves, and say which."""

import json
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from classifier.examples import CORPUS
from classifier.files import META_FILE, MODEL_FILE, MODEL_FOLDER
from inbox.cli import app
from inbox.cli.common import Stop
from inbox.flows import models
from inbox.store import learning
from inbox.store.session import Store
from inbox.store.tables import ModelVersion
from tests.clock import MONDAY

VERSION = "0123456789ab"
BAR = (0x9F, 0xC3, 0xD6)
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


def test_an_evaluation_says_how_many_messages_flatter_it(folder: Path, tmp_path: Path) -> None:
    """Word for word in the corpus: the model knows the answer."""
    known = (CORPUS / "pt.jsonl").read_text(encoding="utf-8").partition("\n")[0]
    file = tmp_path / "said.jsonl"
    file.write_text(f"{LINE}\n{known}\n", encoding="utf-8")
    ran = run(folder, "evaluate", str(file))
    assert ran.stdout.endswith("\n1 of the 2 messages it has learnt from: that flatters it\n")
    file.write_text(f"{LINE}\n", encoding="utf-8")
    assert "learnt from" not in run(folder, "evaluate", str(file)).stdout


def test_an_evaluation_draws_how_honest_its_confidence_is(folder: Path, tmp_path: Path) -> None:
    file, picture = tmp_path / "said.jsonl", tmp_path / "said.png"
    file.write_text(f"{LINE}\n" * 3, encoding="utf-8")
    assert run(folder, "evaluate", str(file), "--plot", str(picture)).exit_code == 0
    with Image.open(picture) as drawn:
        colours = drawn.convert("RGB").getcolors(1 << 20)
        assert (drawn.format, drawn.size) == ("PNG", (960, 960))
    assert (
        max((n, rgb) for n, rgb in colours or () if rgb == BAR)[0] > 40_000
    )  # one, as high as all


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"text": "hi", "urgency": "low"}', "line 2: it has no 'category'"),
        (
            '{"text": "hi", "category": "nope", "urgency": "low"}',
            "'nope' is no category: account, payment",
        ),
        ('{"text": 5, "category": "refund", "urgency": "low"}', "line 2: its text is no text"),
        ("[1]", "line 2: it is no object"),
        ("{", "line 2: Expecting property name"),
    ],
)
def test_a_labelled_line_that_is_wrong_is_named_in_words(
    folder: Path, tmp_path: Path, line: str, told: str
) -> None:
    file = tmp_path / "said.jsonl"
    file.write_text(f"{LINE}\n{line}\n", encoding="utf-8")
    ran = run(folder, "evaluate", str(file))
    assert ran.exit_code == 2
    assert told in " ".join(re.sub(r"[│\n]", " ", ran.stderr).split())


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


def test_where_the_sentence_encoder_is_missing_the_terms_tag_and_it_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "encoder" not in run(folder, "classify").stderr
    monkeypatch.setattr("classifier.model.find_spec", lambda _name: None)
    ran = run(folder, "classify")
    assert "tagged by their words alone" in " ".join(ran.stderr.split())
    assert json.loads(ran.stdout)["category"] == "refund"

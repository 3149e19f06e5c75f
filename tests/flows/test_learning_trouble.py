"""What goes wrong while the classifier learns ends with a model that serves, and in words."""

import errno
import json
import os

import pytest

from classifier.files import FORM
from inbox.flows import learning, models
from inbox.flows.tagging import LazyClassifier
from inbox.flows.training import Trainer
from inbox.store.tables import Training
from tests.fakes import refit
from tests.flows.desk import Desk
from tests.flows.lessons import left, load, serves, taught, train


def test_a_model_of_another_release_is_not_used_and_said(sqlite_desk: Desk) -> None:
    folder = sqlite_desk.settings.folder
    taught(sqlite_desk)
    version = train(sqlite_desk).version
    assert version is not None
    meta = models.folder_of(folder, version) / "meta.json"
    meta.write_text(json.dumps(json.loads(meta.read_text("utf-8")) | {"form": FORM + 1}))
    found = {one.version: one for one in models.everything(sqlite_desk.store, folder)}
    assert (found[version].serves, found[version].whole) == (True, False)
    assert LazyClassifier(sqlite_desk.store, folder, load).tag(["a"]) == ["shipped"]


def test_a_full_disk_ends_the_training_in_words(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    taught(sqlite_desk)
    monkeypatch.setattr(learning, "write_corrections", full)
    learning.ask(sqlite_desk.store, actor="ada", now=sqlite_desk.clock())
    trainer = Trainer(sqlite_desk.store, sqlite_desk.settings.folder, refit.command("pass"))
    trainer.look(sqlite_desk.clock())
    (row,) = sqlite_desk.rows(Training)
    assert (trainer.busy, row.state, row.reason) == (False, "failed", "No space left on device")
    assert (serves(sqlite_desk), left(sqlite_desk)) == (models.SHIPPED, set())
    monkeypatch.undo()
    assert train(sqlite_desk).state == "activated"  # nothing is held


def test_two_workers_run_one_training(desk: Desk) -> None:
    taught(desk)
    number = learning.ask(desk.store, actor="ada", now=desk.clock())
    assert learning.ask(desk.store, actor="bo", now=desk.clock()) == number
    one, other = (
        Trainer(desk.store, desk.settings.folder, refit.command("stay")) for _ in range(2)
    )
    one.look(desk.clock())
    other.look(desk.clock())
    assert (one.busy, other.busy) == (True, False)
    one.stop(desk.clock())
    other.look(desk.clock())  # which goes on where the first one was stopped
    assert other.busy
    other.stop(desk.clock())

"""What tests of learning share: corrections, trainings to their end, models that are a name."""

import time
from pathlib import Path
from typing import Any

from classifier.files import read_meta
from classifier.model import ModelMissing
from inbox.flows import learning, models
from inbox.flows.correct import correct
from inbox.flows.training import Trainer
from inbox.store.tables import ModelVersion, Training
from tests.fakes import refit
from tests.flows.desk import Desk, says


class Guess:
    """A classifier that tags everything as general."""

    def tag(self, texts: Any) -> list[Any]:
        return [Tags() for _ in texts]


class Tags:
    category = "general"
    category_confidence = 0.6
    urgency = "low"
    urgency_confidence = 0.7
    lang = "en"
    needs_review = True
    alternatives = ()
    labels = ("general", "account")
    outside = False
    topic = None
    tone = "neutral"
    version = "000000000000"


def taught(desk: Desk, text: str = "my card was charged twice", author: str = "ann") -> None:
    """A customer writes, and Ada corrects the tag."""
    number = f"{author}-{desk.newest() + 1}"
    desk.take(says(number, text, author=author, conversation=author), classifier=Guess())
    tag(desk, author)


def tag(desk: Desk, author: str = "ann", category: str = "payment", **more: Any) -> None:
    correct(
        desk.store,
        conversation_id=desk.conversation(author).id,
        agent_id=desk.agent_id,
        actor="ada@lumen.example",
        category=category,
        urgency=more.pop("urgency", None),
        now=desk.clock(),
        **more,
    )


def train(desk: Desk, mode: str = "pass") -> Training:
    """A training from asking to its end."""
    learning.ask(desk.store, actor="ada@lumen.example", now=desk.clock())
    trainer = Trainer(desk.store, desk.settings.folder, refit.command(mode))
    trainer.look(desk.clock())
    end = time.monotonic() + 20
    while trainer.busy:
        assert time.monotonic() < end
        trainer.wait(0.1)
        trainer.look(desk.clock())
    found: Training = desk.rows(Training)[-1]
    return found


def states(desk: Desk) -> dict[str, str]:
    return {row.version: row.state for row in desk.rows(ModelVersion)}


def serves(desk: Desk) -> str:
    found = models.everything(desk.store, desk.settings.folder)
    return next(one.version for one in found if one.serves)


def left(desk: Desk) -> set[str]:
    """The names in the folder of models."""
    return {path.name for path in (desk.settings.folder / "models").glob("*")}


class Named:
    """A model that tags with its own version."""

    def __init__(self, version: str) -> None:
        self.version = version

    def tag(self, texts: Any) -> list[str]:
        return [self.version for _ in texts]

    def explain(self, text: str, n: int) -> str:
        return f"{self.version}: {text}"


def load(folder: Path | None) -> Named:
    """Loads a fake's model as `classifier.model.load` loads a real one."""
    if folder is None:
        return Named("shipped")
    meta = read_meta(folder)
    if meta is None or not models.is_whole(folder):
        raise ModelMissing(folder, "The model does not match its meta.json")
    return Named(str(meta["hash"])[:12])

"""Tagging within ingest: a page in one call, and never in the way of a message."""

from pathlib import Path
from typing import Any, ClassVar

import pytest

from classifier.model import ModelMissing
from inbox.flows.tagging import LazyClassifier
from tests.flows.desk import Desk, says


def test_a_page_is_tagged_at_once(sqlite_desk: Desk) -> None:
    class Counts:
        calls: ClassVar[list[int]] = []

        def tag(self, texts: Any) -> Any:
            self.calls.append(len(texts))
            return [None for _ in texts]

    sqlite_desk.take(*(says(f"{n}") for n in range(300)), classifier=Counts())
    assert Counts.calls == [300]


@pytest.mark.parametrize(
    "problem", [ModelMissing(Path("model"), "It does not match"), OSError("unreadable")]
)
def test_with_a_broken_model_messages_are_stored_untagged(
    sqlite_desk: Desk, tmp_path: Path, problem: Exception
) -> None:
    def load(_: Path | None) -> Any:
        raise problem

    classifier = LazyClassifier(sqlite_desk.store, tmp_path, load)
    sqlite_desk.take(says("1", text="my card was stolen"), classifier=classifier)
    (row,) = sqlite_desk.rows()
    assert (row.text, row.category) == ("my card was stolen", None)

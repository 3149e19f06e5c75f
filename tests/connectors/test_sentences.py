"""Whatever a connector says to people can be said in the reader's language."""

from pathlib import Path

import pytest

import connectors
from tests.connectors.sentences import unmarked

HERE = Path(next(iter(connectors.__path__)))


def test_every_fixed_sentence_of_every_connector_is_gathered_for_translation() -> None:
    """So a new platform needs its words in the catalogue and nothing else."""
    found = [
        f"{path.relative_to(HERE)}:{words}"
        for path in sorted(HERE.rglob("*.py"))
        for words in unmarked(path.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "forgotten"),
    [
        ('REASONS = {1: "It is too long."}', True),
        ('REASONS = {1: word("It is too long.")}', False),
        ('raise Refused("It is too long.")', False),
        ('raise Refused(a.detail or "It is too long.")', False),
        ('raise Refused(f"{name} is too long.")', True),
        ('raise Refused(word("{name} is too long.").format(name=name))', False),
        ('raise Gone("It is too long.")', True),
        ('missing = ["reading posts"]', True),
        ('missing = [f"reading posts of {name}"]', True),
        ('if "is too long" in told: pass', False),
        ('LONG = ("is too long",)  # theirs', False),
        ('text = "[shared a place]"', False),
        ('raise ValueError("It is too long.")', False),
    ],
)
def test_a_sentence_that_was_forgotten_is_found(source: str, forgotten: bool) -> None:
    assert bool(list(unmarked(source))) is forgotten

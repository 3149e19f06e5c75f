"""JSON lines in, tagged lines out, in order; a bad line costs itself only."""

import json
from io import BytesIO

from classifier.model import Classifier
from classifier.stream import BATCH, FIELDS, arriving, classify_chunks
from tests.classifier.hostile import MILLIONS


def test_lines_come_back_in_order_with_six_fields_and_their_own_keys(
    classifier: Classifier,
) -> None:
    lines = [json.dumps({"text": f"where is refund {n}", "id": n}) for n in range(7)]
    chunks = [lines[:3], lines[3:6], lines[6:]]
    out = [json.loads(line) for line in classify_chunks(chunks, classifier)]
    assert [row["id"] for row in out] == list(range(7))
    assert all(set(row) == {"text", "id", *FIELDS} for row in out)


def test_a_bad_line_becomes_an_error_in_its_place(classifier: Classifier) -> None:
    lines = ['{"text": "hi"}', "not json", "", '["text"]', '{"text": 5}', '{"text": "bye"}']
    out = [json.loads(line) for line in classify_chunks([lines], classifier)]
    assert [row.get("line") for row in out] == [None, 2, 4, 5, None]
    assert all(("error" in row) == ("line" in row) for row in out)


def test_a_key_named_error_is_just_a_key(classifier: Classifier) -> None:
    [line] = classify_chunks([['{"text": "card declined", "error": "E51"}']], classifier)
    assert json.loads(line)["category"] == "payment"
    assert json.loads(line)["error"] == "E51"


def test_every_line_can_be_printed(classifier: Classifier) -> None:
    [line] = classify_chunks([['{"text": "\\ud800 hello", "n": "\\udfff"}']], classifier)
    assert line.encode("utf-8")


def test_a_deeply_nested_line_is_an_error_like_any_other(classifier: Classifier) -> None:
    [line] = classify_chunks([["[" * 200_000]], classifier)
    assert json.loads(line)["line"] == 1


def test_lines_are_tagged_as_they_come_and_together_where_many_have_come(
    classifier: Classifier,
) -> None:
    """A pipe that brings half lines, then nothing, then many; no line waits for the next one."""
    first, second, third = (json.dumps({"text": t}).encode() for t in ("hi", "退款", "bye"))
    pipe = Pipe([first[:5], first[5:] + b"\n", second + b"\n" + third + b"\n" + third, b"\n\xff"])
    chunks = arriving(pipe, most=2)
    out = classify_chunks(chunks, classifier)
    assert json.loads(next(out))["text"] == "hi"
    assert len(pipe.pieces) == 2  # the rest is not read yet
    assert [json.loads(line).get("text") for line in out] == ["退款", "bye", "bye", None]


def test_a_file_is_read_in_full_portions() -> None:
    lines = b'{"text": "hi"}\n' * 3000
    portions = [len(chunk) for chunk in arriving(BytesIO(lines))]
    assert sum(portions) == 3000
    assert max(portions) == BATCH
    assert sum(portion == BATCH for portion in portions) >= 9


def test_a_pipe_that_brings_more_fills_a_portion_first_and_one_that_rests_does_not() -> None:
    """A pipe holds 64 kB: without looking on, every other portion would be a small one."""
    piece = b'{"text": "hi"}\n' * 300
    quick, slow = Pipe([piece] * 4), Pipe([piece] * 4)
    filled = [len(chunk) for chunk in arriving(quick, more=lambda: True)]
    assert filled == [256, 256, 256, 256, 176]
    assert [len(chunk) for chunk in arriving(slow)] == [256, 44] * 4


def test_what_came_before_the_end_comes_out_once_and_in_order() -> None:
    pipe = Pipe([b"1\n2\n3", b"4\n", b"5\n6"])
    assert list(arriving(pipe, most=2, more=lambda: True)) == [["1", "2"], ["34", "5"], ["6"]]


class Pipe(BytesIO):
    """Gives one piece at each reading, as a slow pipe does."""

    def __init__(self, pieces: list[bytes]) -> None:
        super().__init__()
        self.pieces = pieces

    def read1(self, size: int | None = -1, /) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""


def test_millions_of_hostile_characters_go_through_in_order(classifier: Classifier) -> None:
    """Raw and escaped, as one pipe: what is not UTF-8 on the way in is UTF-8 on the way out."""
    raw = [b'{"text": "' + text.encode("utf-8", "surrogatepass") + b'"}' for text in MILLIONS[:8]]
    escaped = [json.dumps({"text": text}).encode("ascii") for text in MILLIONS[8:]]
    source = BytesIO(b"\n".join([*raw, *escaped, b'{"text": "where is my refund"}']))
    out = [json.loads(line) for line in classify_chunks(arriving(source), classifier, explain=True)]
    assert len(out) == len(MILLIONS) + 1
    assert all("why" in row for row in out)
    assert (out[8]["text"], out[9]["text"]) == ("\0" * 1_000_000, "\ufffd" * 1_000_000)
    assert out[-1]["category"] == "refund"

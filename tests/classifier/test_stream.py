"""JSON lines in, tagged lines out, in order; a bad line costs itself only."""

import json

from classifier.model import Classifier
from classifier.stream import FIELDS, classify_lines


def test_lines_come_back_in_order_with_six_fields_and_their_own_keys(
    classifier: Classifier,
) -> None:
    lines = [json.dumps({"text": f"where is refund {n}", "id": n}) for n in range(7)]
    out = [json.loads(line) for line in classify_lines(lines, classifier, batch=3)]
    assert [row["id"] for row in out] == list(range(7))
    assert all(set(row) == {"text", "id", *FIELDS} for row in out)


def test_a_bad_line_becomes_an_error_in_its_place(classifier: Classifier) -> None:
    lines = ['{"text": "hi"}', "not json", "", '["text"]', '{"text": 5}', '{"text": "bye"}']
    out = [json.loads(line) for line in classify_lines(lines, classifier)]
    assert [row.get("line") for row in out] == [None, 2, 4, 5, None]
    assert all(("error" in row) == ("line" in row) for row in out)


def test_a_key_named_error_is_just_a_key(classifier: Classifier) -> None:
    [line] = classify_lines(['{"text": "card declined", "error": "E51"}'], classifier)
    assert json.loads(line)["category"] == "payment"
    assert json.loads(line)["error"] == "E51"


def test_every_line_can_be_printed(classifier: Classifier) -> None:
    [line] = classify_lines(['{"text": "\\ud800 hello", "n": "\\udfff"}'], classifier)
    assert line.encode("utf-8")


def test_a_deeply_nested_line_is_an_error_like_any_other(classifier: Classifier) -> None:
    [line] = classify_lines(["[" * 200_000], classifier)
    assert json.loads(line)["line"] == 1

"""The corpus obeys the label rules, is large enough in each language, and repeats nothing."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from classifier.examples import CORPUS, Example, read, read_file
from classifier.labels import CATEGORY_MEANING, TOPIC_MEANING, URGENCY_MEANING, Category, Urgency
from classifier.language import UNDECIDED, language
from classifier.text import fold

LEAST = {"en": 1200, "zh": 1200} | dict.fromkeys(
    ("es", "pt", "id", "ja", "ko", "fr", "de", "ar"), 200
)
HELDOUT = Path(__file__).parent / "heldout"
DOCS = Path(__file__).parents[2] / "docs" / "labels.md"
SITTING = re.compile(r"^\| (?:`(\w)`|none) \| ([\d,]+) \| (\d+) \| (\d+) \|", re.MULTILINE)


def test_every_label_has_a_meaning_and_a_row_on_the_labels_page() -> None:
    page = DOCS.read_text(encoding="utf-8")
    assert list(CATEGORY_MEANING) == list(Category)
    assert set(URGENCY_MEANING) == set(Urgency)
    assert all(f"| `{label}` |" in page for label in [*Category, *Urgency])
    topics = [topic for topics in TOPIC_MEANING.values() for topic in topics]
    assert [topic for topic in topics if f"`{topic}`" not in page] == []


def test_every_topic_is_spoken_of(examples: list[Example]) -> None:
    spoken = {(e.category, e.topic) for e in examples}
    assert {(c, t) for c, topics in TOPIC_MEANING.items() for t in topics} <= spoken


def test_a_pair_stands_on_both_sides_of_a_border(examples: list[Example]) -> None:
    pairs: dict[str, set[tuple[str, str, str]]] = {}
    for e in examples:
        if e.pair:
            pairs.setdefault(e.pair, set()).add((e.category, e.urgency, e.topic))
    assert len(pairs) >= 250
    assert sum(len(sides) < 2 for sides in pairs.values()) <= 0.02 * len(pairs)


def test_nothing_held_out_was_learnt(examples: list[Example]) -> None:
    """Neither the same words nor nearly the same: three fifths of the character triples."""
    for lang in LEAST:
        held = [e.text for e in read(HELDOUT) if e.lang == lang and len(e.text) >= 20]
        assert alike(held, [e.text for e in examples if e.lang == lang], 0.6) == []


def test_nothing_stands_in_the_held_out_sets_twice() -> None:
    for lang in LEAST:
        held = [e.text for e in read(HELDOUT) if e.lang == lang and len(e.text) >= 20]
        assert [pair for pair in alike(held, held, 0.6) if pair[0] != pair[1]] == []
        assert len(set(held)) == len(held)


@pytest.mark.parametrize("name", ["first", "second"])
def test_a_held_out_set_has_every_label_in_every_language(name: str) -> None:
    held = list(read_file(HELDOUT / f"{name}.jsonl"))
    assert len(held) >= 400
    assert {(e.lang, e.category) for e in held} == {(lang, c) for lang in LEAST for c in Category}
    assert {(e.lang, e.urgency) for e in held} == {(lang, u) for lang in LEAST for u in Urgency}
    assert {e.urgency for e in held if e.category is Category.SPAM} == {Urgency.LOW}


def test_the_corpus_is_large_enough_in_every_language(examples: list[Example]) -> None:
    counts = Counter(example.lang for example in examples)
    assert len(examples) >= 4000
    assert {lang: n for lang, n in LEAST.items() if counts[lang] < n} == {}


def test_the_datasheet_counts_what_is_there(examples: list[Example]) -> None:
    """Messages of each language; messages, styles and pairs of each sitting."""
    page = (CORPUS / "README.md").read_text(encoding="utf-8")
    languages = page.partition("**Languages.**")[2].partition("\n")[0]
    told = [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*\d", languages)]
    assert sorted(told[1:]) == sorted(Counter(e.lang for e in examples).values())
    assert told[0] == sum(told[1:]) == len(examples)
    sittings: dict[str, list[Example]] = {}
    for e in examples:
        sittings.setdefault(re.sub(r"^..-|\d+$", "", e.style), []).append(e)
    counted = {
        letter: (len(some), len({e.style for e in some}), len({e.pair for e in some} - {None}))
        for letter, some in sittings.items()
    }
    rows = SITTING.findall(page)
    assert {r[0]: tuple(int(n.replace(",", "")) for n in r[1:]) for r in rows} == counted


def test_every_language_has_every_category_and_every_urgency(examples: list[Example]) -> None:
    for lang in LEAST:
        mine = [example for example in examples if example.lang == lang]
        assert {example.category for example in mine} == set(Category), lang
        assert {example.urgency for example in mine} == set(Urgency), lang


def test_no_label_is_rare(examples: list[Example]) -> None:
    assert min(Counter(example.category for example in examples).values()) >= 100
    assert min(Counter(example.urgency for example in examples).values()) >= 100


def test_spam_is_always_low(examples: list[Example]) -> None:
    assert {e.urgency for e in examples if e.category is Category.SPAM} == {Urgency.LOW}


def test_no_message_is_empty_or_stands_twice(examples: list[Example]) -> None:
    folded = Counter(fold(example.text).casefold() for example in examples)
    assert "" not in folded
    assert [text for text, n in folded.items() if n > 1] == []


def test_no_two_messages_of_a_language_are_nearly_the_same(examples: list[Example]) -> None:
    """Alike = nine tenths of their character triples in common (short messages aside)."""
    for lang in LEAST:
        mine = [e.text for e in examples if e.lang == lang and len(e.text) >= 20]
        assert [pair for pair in alike(mine, mine, 0.9) if pair[0] != pair[1]] == []


def test_what_is_nearly_the_same_is_seen() -> None:
    one, other, third = "where is my refund", "where is my refund?", "nice app, thank you"
    assert alike([one], [other, third], 0.9) == [(one, other)]


def alike(texts: list[str], others: list[str], share: float) -> list[tuple[str, str]]:
    """Pairs with more than that share of their character triples in common."""
    counted = CountVectorizer(analyzer=_triples, binary=True).fit([*texts, *others])
    mine, theirs = counted.transform(texts), counted.transform(others)
    common = (mine @ theirs.T).toarray()
    either = mine.sum(axis=1) + theirs.sum(axis=1).T - common
    pairs = np.argwhere(common > share * np.asarray(either))
    return [(texts[i], others[j]) for i, j in pairs]


def _triples(text: str) -> set[str]:
    folded = fold(text).casefold()
    return {folded[i : i + 3] for i in range(len(folded) - 2)}


def test_the_language_of_a_message_is_that_of_its_file(examples: list[Example]) -> None:
    guessed = [(e, language(e.text)) for e in examples if len(e.text) >= 12]
    wrong = [(e.lang, g) for e, g in guessed if g not in (e.lang, UNDECIDED)]
    assert len(wrong) <= 0.03 * len(guessed), Counter(wrong)


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    good = '{"text": "hi", "category": "general", "urgency": "low"}\n'
    (tmp_path / "en.jsonl").write_text(good + '{"text": "hi", "category": "praise"}\n')
    with pytest.raises(ValueError, match=r"en\.jsonl line 2"):
        read(tmp_path)


def test_a_labelled_file_may_come_from_any_editor(tmp_path: Path) -> None:
    """With a mark at its beginning, ends of lines of two signs, blank lines, and signs in a text
    that end a line for some readers."""
    line = '{"text": "where is it\u2028I wait\x85", "category": "refund", "urgency": "normal"}'
    file = tmp_path / "mine.jsonl"
    file.write_text(f"\ufeff{line}\r\n\r\n{line}\n\n", encoding="utf-8")
    assert [e.text for e in read_file(file)] == ["where is it\u2028I wait\x85"] * 2

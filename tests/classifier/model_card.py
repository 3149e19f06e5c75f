"""Writes the figures in docs/model-card.md: those of the shipped model's training, of
each held-out set, and of both together.

    python -m tests.classifier.model_card

Nothing compares the page: another machine's arithmetic may move a figure's last digit.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sklearn.metrics import cohen_kappa_score

from classifier.evaluate import measure
from classifier.examples import read_file
from classifier.files import MODEL_FOLDER, read_meta
from classifier.model import Classifier, load
from tests.generated import in_page

HELDOUT = Path(__file__).parent / "heldout"
PAGE = Path(__file__).parents[2] / "docs" / "model-card.md"
KINDS = ("category", "urgency")
SETS = ("first held out", "second held out", "both")
COLUMNS = " | ".join(["cross-validated", *SETS])
Scores = dict[str, Any]
Measured = dict[str, dict[str, Any]]
"""What `measure` gives, by the name of the set."""
START, END = "<!-- figures: generated -->", "<!-- /figures -->"


def table(head: str, *rows: tuple[object, ...]) -> str:
    lines = [f"| {head} |", f"|{'---|' * (head.count('|') + 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def f1(score: dict[str, Any]) -> str:
    low, high = score["interval"]
    return f"{score['macro_f1']:.3f} ({low:.2f}–{high:.2f})"


def figures(trained: dict[str, Any], held: Measured, alone: Measured) -> str:
    """`trained` is a meta.json, the others what `measure` gives of each set with and without the
    encoder."""
    known = trained["scores"]
    every = [known, *(each["scores"] for each in held.values())]
    whole = table(
        "macro-F1, 95 % interval | n | category | urgency",
        ("cross-validated", *_overall(known["category"], known["urgency"])),
        ("the same, terms alone", *_overall(known["terms_category"], known["terms_urgency"])),
        *(
            (told.format(name), *_overall(each["scores"]["category"], each["scores"]["urgency"]))
            for name in held
            for told, each in (("{}", held[name]), ("{}, terms alone", alone[name]))
        ),
    )
    more = table(
        f" | {COLUMNS}",
        ("accuracy of the category", *(f"{s['category']['accuracy']:.3f}" for s in every)),
        (
            "the same, of the 70 % it is surest of",
            *(f"{s['category']['accuracy_of_surest_70']:.3f}" for s in every),
        ),
        ("ECE of the category", *(f"{s['category']['reliability']['ece']:.3f}" for s in every)),
        ("critical", *(_critical(s["urgency"]) for s in every)),
        ("tone, macro-F1", *(f"{s['tone']['macro_f1']:.3f}" for s in every)),
        (
            "topic, where the category is right",
            *(f"{each['topic_accuracy']:.3f}" for each in (trained, *held.values())),
        ),
        *(
            (name.replace("_", " "), "", *(f"{each['review'][name]:.1%}" for each in held.values()))
            for name in held["both"]["review"]
        ),
    )
    passes = table("labels given twice, second held out | agree | kappa", *agreement())
    limits = table("threshold | value", *sorted(trained["sure"].items()))
    return "\n\n".join([whole, more, *_by_language(every), _by_label(every), passes, limits])


def _by_language(every: Sequence[Scores]) -> Iterator[str]:
    known, *unseen = every
    for kind in KINDS:
        yield table(
            f"language, {kind} | n | {COLUMNS}",
            *(
                (
                    code,
                    " / ".join(str(scores[kind]["by_lang"][code]["n"]) for scores in every),
                    f"{row['macro_f1']:.3f}",
                    *(f1(scores[kind]["by_lang"][code]) for scores in unseen),
                )
                for code, row in known[kind]["by_lang"].items()
            ),
        )


def _by_label(every: Sequence[Scores]) -> str:
    known, *unseen = every
    return table(
        f"label | n | precision | recall | F1, {COLUMNS}",
        *(
            (
                name,
                row["n"],
                *(f"{row[part]:.3f}" for part in ("precision", "recall", "f1")),
                *(f"{scores[kind]['by_label'][name]['f1']:.3f}" for scores in unseen),
            )
            for kind in KINDS
            for name, row in known[kind]["by_label"].items()
        ),
    )


def _overall(category: dict[str, Any], urgency: dict[str, Any]) -> tuple[object, ...]:
    return category["n"], f1(category), f1(urgency)


def _critical(urgency: dict[str, Any]) -> str:
    row = urgency["by_label"]["critical"]
    return f"recall {row['recall']:.3f} at precision {row['precision']:.3f}"


def agreement() -> list[tuple[object, ...]]:
    """How alike two passes over the labels of the second set are: `first_pass` is kept on a
    message where the first one said otherwise than the second."""
    lines = (HELDOUT / "second.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    found: list[tuple[object, ...]] = []
    for kind in KINDS:
        first = [row.get("first_pass", row).get(kind, row[kind]) for row in rows]
        second = [row[kind] for row in rows]
        same = sum(one == other for one, other in zip(first, second, strict=True))
        kappa = cohen_kappa_score(first, second)
        found.append((kind, f"{same} of {len(rows)}", f"{kappa:.3f}"))
    return found


def measured(classifier: Classifier) -> Measured:
    """The figures of each held-out set, and of both as one."""
    sets = [list(read_file(HELDOUT / f"{name}.jsonl")) for name in ("first", "second")]
    sets.append([example for each in sets for example in each])
    return {name: measure(each, classifier) for name, each in zip(SETS, sets, strict=True)}


def main() -> None:
    trained = read_meta(MODEL_FOLDER)
    assert trained is not None
    held, alone = (measured(load(encoder=encoder)) for encoder in (True, False))
    page = PAGE.read_text(encoding="utf-8")
    made = in_page(figures(trained, held, alone), page, START, END)
    PAGE.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()

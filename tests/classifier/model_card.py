"""Writes the figures in docs/model-card.md: those of the shipped model's training, and of the
held-out set.

    python -m tests.classifier.model_card

Nothing compares the page: another machine's arithmetic may move a figure's last digit.
"""

from pathlib import Path
from typing import Any

from classifier.evaluate import evaluate_file
from classifier.files import MODEL_FOLDER, read_meta
from classifier.model import load
from tests.generated import in_page

HELDOUT = Path(__file__).parent / "heldout"
PAGE = Path(__file__).parents[2] / "docs" / "model-card.md"
START, END = "<!-- figures: generated -->", "<!-- /figures -->"


def table(head: str, *rows: tuple[object, ...]) -> str:
    lines = [f"| {head} |", f"|{'---|' * (head.count('|') + 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def f1(score: dict[str, Any]) -> str:
    low, high = score["interval"]
    return f"{score['macro_f1']:.3f} ({low:.2f}–{high:.2f})"


def figures(trained: dict[str, Any], held: dict[str, Any], alone: dict[str, Any]) -> str:
    """`trained` is a meta.json, the others what `measure` gives with and without the encoder."""
    known, unseen = trained["scores"], held["scores"]
    whole = table(
        "macro-F1, 95 % interval | category | urgency",
        ("cross-validated", f1(known["category"]), f1(known["urgency"])),
        ("cross-validated, terms alone", f1(known["terms_category"]), f1(known["terms_urgency"])),
        ("held out", f1(unseen["category"]), f1(unseen["urgency"])),
        ("held out, terms alone", f1(alone["scores"]["category"]), f1(alone["scores"]["urgency"])),
    )
    both = (known, unseen)
    more = table(
        " | cross-validated | held out",
        ("accuracy of the category", *(f"{s['category']['accuracy']:.3f}" for s in both)),
        (
            "the same, of the 70 % it is surest of",
            *(f"{s['category']['accuracy_of_surest_70']:.3f}" for s in both),
        ),
        ("ECE of the category", *(f"{s['category']['reliability']['ece']:.3f}" for s in both)),
        ("critical", *(_critical(s["urgency"]) for s in both)),
        ("tone, macro-F1", *(f"{s['tone']['macro_f1']:.3f}" for s in both)),
        (
            "topic, where the category is right",
            f"{trained['topic_accuracy']:.3f}",
            f"{held['topic_accuracy']:.3f}",
        ),
        *((name.replace("_", " "), "", f"{v:.1%}") for name, v in held["review"].items()),
    )
    languages = table(
        "language | n | category, cross-validated | held out | urgency, cross-validated | held out",
        *(
            (
                code,
                f"{row['n']} / {unseen['category']['by_lang'][code]['n']}",
                f"{row['macro_f1']:.3f}",
                f1(unseen["category"]["by_lang"][code]),
                f"{known['urgency']['by_lang'][code]['macro_f1']:.3f}",
                f1(unseen["urgency"]["by_lang"][code]),
            )
            for code, row in known["category"]["by_lang"].items()
        ),
    )
    labels = table(
        "label, cross-validated | n | precision | recall | F1",
        *(
            (name, row["n"], *(f"{row[part]:.3f}" for part in ("precision", "recall", "f1")))
            for kind in ("category", "urgency")
            for name, row in known[kind]["by_label"].items()
        ),
    )
    limits = table("threshold | value", *sorted(trained["sure"].items()))
    return "\n\n".join([whole, more, languages, labels, limits])


def _critical(urgency: dict[str, Any]) -> str:
    row = urgency["by_label"]["critical"]
    return f"recall {row['recall']:.3f} at precision {row['precision']:.3f}"


def main() -> None:
    trained = read_meta(MODEL_FOLDER)
    assert trained is not None
    measured = (evaluate_file(HELDOUT, load(encoder=encoder)) for encoder in (True, False))
    page = PAGE.read_text(encoding="utf-8")
    made = in_page(figures(trained, *measured), page, START, END)
    PAGE.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()

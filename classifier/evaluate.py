"""`python -m classifier.evaluate`: how the model does on text it has not seen, in honest numbers.

Grouped five-fold cross-validation over the corpus: messages of like meaning, also translations of
each other, never lie on both sides of a fold.
"""

from typing import Any

from classifier.examples import CORPUS, read
from classifier.train import Say, fit


def evaluate(say: Say = print) -> dict[str, Any]:
    """`{counts, review, scores, …}` as in a model's `meta.json`, fresh from the corpus."""
    _, figures = fit(read(CORPUS), say)
    return figures


def report(figures: dict[str, Any]) -> str:
    """The figures as a table for a terminal."""
    lines: list[str] = []
    for head, score in figures["scores"].items():
        review = figures["review"][head]
        lines += [
            "",
            f"{head}: accuracy {score['accuracy']:.3f}, macro-F1 {score['macro_f1']:.3f} "
            f"on {score['n']} messages",
            f"  {'label':<10} {'n':>5} {'precision':>9} {'recall':>7} {'F1':>6}",
            *(
                f"  {name:<10} {row['n']:>5} {row['precision']:>9.3f} {row['recall']:>7.3f} "
                f"{row['f1']:>6.3f}"
                for name, row in score["by_label"].items()
            ),
            f"  {'language':<10} {'n':>5} {'accuracy':>9} {'macro-F1':>8}",
            *(
                f"  {code:<10} {row['n']:>5} {row['accuracy']:>9.3f} {row['macro_f1']:>8.3f}"
                for code, row in score["by_lang"].items()
            ),
            f"  reliability, ECE {score['reliability']['ece']:.3f}",
            f"  {'confidence':<10} {'n':>5} {'said':>9} {'was right':>9}",
            *(
                f"  {row['from']:.1f} to {row['to']:.1f} {row['n']:>5} {row['confidence']:>9.3f} "
                f"{row['accuracy']:>9.3f}"
                for row in score["reliability"]["bins"]
            ),
            f"  from confidence {review['threshold']:.2f}: {review['accepted']:.0%} of messages, "
            f"{review['accuracy']:.1%} of them right",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(report(evaluate()))

"""`replydesk evaluate [FILE.jsonl]`: how the model does on text it has not seen.

With a file of labelled messages, the model at hand is measured on it. Without, everything is learnt
anew from the corpus in five rounds: a writer, and what says nearly the same, also in another
language, are never on both sides of a round.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier import scores
from classifier.examples import CORPUS, Example, read, read_file
from classifier.fit import Say, fit
from classifier.labels import OTHER_TOPIC, Tone
from classifier.model import Classifier, Tags

if TYPE_CHECKING:
    from classifier.heads import Floats


def evaluate(say: Say = print) -> dict[str, Any]:
    """`{counts, sure, scores, …}` as in a model's `meta.json`, fresh from the corpus."""
    return fit(read(CORPUS), say).figures


def evaluate_file(path: Path, classifier: Classifier) -> dict[str, Any]:
    """`{scores: {category, urgency, tone}, review, topic_accuracy}` of a model on a labelled file,
    or on a folder of one file per language."""
    examples = read(path) if path.is_dir() else list(read_file(path))
    if not examples:
        raise ValueError(f"{path.name} holds no labelled message")
    return measure(examples, classifier)


def measure(examples: Sequence[Example], classifier: Classifier) -> dict[str, Any]:
    """The figures of a model on labelled messages."""
    import numpy as np

    from classifier.heads import CATEGORIES, TONES, URGENCIES, label_numbers

    tags = classifier.tag([example.text for example in examples])
    truths = label_numbers(examples)
    lang = np.array([example.lang for example in examples])
    kinds: dict[str, tuple[tuple[Any, ...], Floats | None]] = {
        "category": (CATEGORIES, np.array([tag.category_confidence for tag in tags])),
        "urgency": (URGENCIES, np.array([tag.urgency_confidence for tag in tags])),
    }
    if any(example.tone is not Tone.NEUTRAL for example in examples):
        kinds["tone"] = (TONES, None)
    found: dict[str, Any] = {}
    for kind, (labels, sure) in kinds.items():
        told = np.array([labels.index(getattr(tag, kind)) for tag in tags])
        found[kind] = scores.of(truths[kind], told, sure, [str(label) for label in labels], lang)
    figures: dict[str, Any] = {"scores": found, "review": review(examples, tags)}
    if any(example.topic != OTHER_TOPIC for example in examples):
        figures["topic_accuracy"] = _topics(examples, tags)
    return figures


def review(examples: Sequence[Example], tags: Sequence[Tags]) -> dict[str, float]:
    """How often the set of labels holds the truth, and what people are asked to look at."""
    n = len(tags)
    held = sum(e.category in tag.labels for e, tag in zip(examples, tags, strict=True))
    sure = [(e, tag) for e, tag in zip(examples, tags, strict=True) if not tag.needs_review]
    right = sum(e.category is tag.category for e, tag in sure)
    return {
        "set_holds_truth": round(held / n, 4),
        "one_label": round(sum(len(tag.labels) == 1 for tag in tags) / n, 4),
        "two_labels": round(sum(len(tag.labels) == 2 for tag in tags) / n, 4),
        "outside": round(sum(tag.outside for tag in tags) / n, 4),
        "needs_review": round(1 - len(sure) / n, 4),
        "accuracy_unreviewed": round(right / max(1, len(sure)), 4),
    }


def _topics(examples: Sequence[Example], tags: Sequence[Tags]) -> float:
    """The share of right topics where the category is right."""
    pairs = [(e, t) for e, t in zip(examples, tags, strict=True) if e.category is t.category]
    return round(sum(e.topic == (t.topic or OTHER_TOPIC) for e, t in pairs) / max(1, len(pairs)), 4)


def report(figures: dict[str, Any]) -> str:
    """The figures as tables for a terminal."""
    lines: list[str] = []
    for kind, score in figures["scores"].items():
        low, high = score["interval"]
        lines += [
            "",
            f"{kind.replace('terms_', 'terms alone, ')}: accuracy {score['accuracy']:.3f}, "
            f"macro-F1 {score['macro_f1']:.3f} ({low:.3f} to {high:.3f}) on {score['n']} messages",
            *_by_label(score),
            *_by_lang(score),
        ]
        if "reliability" in score:
            lines += _reliability(score)
    if "review" in figures:
        lines += ["", *(f"{name}: {value:.1%}" for name, value in figures["review"].items())]
    if "topic_accuracy" in figures:
        lines += [f"topic, where the category is right: {figures['topic_accuracy']:.1%}"]
    return "\n".join(lines)


def _by_label(score: dict[str, Any]) -> list[str]:
    names = list(score["by_label"])
    short = [name[:8] for name in names]
    return [
        f"  {'label':<10} {'n':>5} {'precision':>9} {'recall':>7} {'F1':>6}   said: "
        + " ".join(f"{name:>8}" for name in short),
        *(
            f"  {name:<10} {row['n']:>5} {row['precision']:>9.3f} {row['recall']:>7.3f} "
            f"{row['f1']:>6.3f}         " + " ".join(f"{n:>8}" for n in told)
            for (name, row), told in zip(score["by_label"].items(), score["confusion"], strict=True)
        ),
    ]


def _by_lang(score: dict[str, Any]) -> list[str]:
    return [
        f"  {'language':<10} {'n':>5} {'accuracy':>9} {'macro-F1':>8}",
        *(
            f"  {code:<10} {row['n']:>5} {row['accuracy']:>9.3f} {row['macro_f1']:>8.3f} "
            f"({row['interval'][0]:.3f} to {row['interval'][1]:.3f})"
            for code, row in score["by_lang"].items()
        ),
    ]


def _reliability(score: dict[str, Any]) -> list[str]:
    return [
        f"  reliability, ECE {score['reliability']['ece']:.3f}; "
        f"of the surest 70 %, {score['accuracy_of_surest_70']:.1%} right",
        f"  {'confidence':<10} {'n':>5} {'said':>9} {'was right':>9}",
        *(
            f"  {row['from']:.1f} to {row['to']:.1f} {row['n']:>5} {row['confidence']:>9.3f} "
            f"{row['accuracy']:>9.3f}"
            for row in score["reliability"]["bins"]
        ),
    ]


def plot(figures: dict[str, Any], path: Path) -> None:
    """The reliability of the category as a picture: said against right, a bar a bin."""
    from PIL import Image, ImageDraw

    size, edge = 640, 60
    picture = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(picture)

    def at(x: float, y: float) -> tuple[float, float]:
        return edge + x * (size - 2 * edge), size - edge - y * (size - 2 * edge)

    reliability = figures["scores"]["category"]["reliability"]
    for row in reliability["bins"]:
        draw.rectangle([at(row["from"], row["accuracy"]), at(row["to"], 0)], "#9db8e8", "white")
        x, y = at(row["confidence"], row["accuracy"])
        draw.ellipse([x - 4, y - 4, x + 4, y + 4], "#1d4ed8")
    draw.line([at(0, 0), at(1, 1)], "#888888", 2)
    draw.line([at(0, 1), at(0, 0), at(1, 0)], "black", 2)
    for tenth in range(0, 11, 2):
        draw.text((at(tenth / 10, 0)[0] - 8, size - edge + 8), f"{tenth / 10:.1f}", "black")
        draw.text((edge - 30, at(0, tenth / 10)[1] - 6), f"{tenth / 10:.1f}", "black")
    draw.text((edge, size - 24), "confidence said", "black")
    draw.text((edge, 20), f"share that was right   ECE {reliability['ece']:.3f}", "black")
    picture.save(path)

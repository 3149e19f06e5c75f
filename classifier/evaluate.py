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
from classifier.text import fold

if TYPE_CHECKING:
    from classifier.heads import Floats


def evaluate(say: Say = print) -> dict[str, Any]:
    """`{counts, sure, scores, …}` as in a model's `meta.json`, fresh from the corpus."""
    return fit(read(CORPUS), say).figures


def evaluate_file(path: Path, classifier: Classifier) -> dict[str, Any]:
    """`{scores: {category, urgency, tone}, review, learnt, topic_accuracy}` of a model on a
    labelled file, or on a folder of one file per language."""
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
    figures["learnt"] = _learnt(examples, classifier)
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


def _learnt(examples: Sequence[Example], classifier: Classifier) -> int:
    """How many it has learnt from, word for word; those of corrections are not kept, so not known.
    A model is always right about these."""
    known = {fold(text) for text, _, _ in classifier.known.examples if text}
    return sum(fold(example.text) in known for example in examples)


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
        told = figures["review"].items()
        lines += ["", *(f"{name.replace('_', ' ')}: {value:.1%}" for name, value in told)]
    if "topic_accuracy" in figures:
        lines += [f"topic, where the category is right: {figures['topic_accuracy']:.1%}"]
    if figures.get("learnt"):
        n = figures["scores"]["category"]["n"]
        lines += [f"{figures['learnt']} of the {n} messages it has learnt from: that flatters it"]
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
    """The reliability of the category as a picture: a bar for each tenth of confidence, as high as
    the share that was right, with the messages in it below; on the line they are the same."""
    from PIL import Image, ImageDraw, ImageFont

    size, edge, foot = 960, 110, 150
    picture = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(picture)
    large, small = ImageFont.load_default(30), ImageFont.load_default(19)

    def at(x: float, y: float) -> tuple[float, float]:
        return edge + x * (size - 2 * edge), size - foot - y * (size - edge - foot)

    def write(x: float, y: float, words: str, anchor: str = "ma", font: Any = small) -> None:
        draw.text((x, y), words, "#202327", font, anchor)

    score = figures["scores"]["category"]
    for tenth in range(0, 11, 2):
        draw.line([at(0, tenth / 10), at(1, tenth / 10)], "#e4e4e0", 1)
        write(edge - 12, at(0, tenth / 10)[1], f"{10 * tenth} %", "rm")
        write(at(tenth / 10, 0)[0], size - foot + 36, f"{10 * tenth} %")
    for row in score["reliability"]["bins"]:
        (left, top), (right, bottom) = at(row["from"], row["accuracy"]), at(row["to"], 0)
        draw.rectangle([left + 3, top, right - 3, bottom], "#9fc3d6")
        x, y = at(row["confidence"], row["accuracy"])
        draw.ellipse([x - 6, y - 6, x + 6, y + 6], "#0b5a82")
        write((left + right) / 2, bottom + 8, f"{row['n']:,}")
    draw.line([at(0, 0), at(1, 1)], "#8a8a85", 2)
    draw.line([at(0, 0), at(1, 0)], "#202327", 2)
    write(edge, 24, "How often the category is right, by how sure it was", "la", large)
    told = f"{score['n']:,} messages, off by {100 * score['reliability']['ece']:.1f} % (ECE)"
    write(edge, 66, told, "la")
    write(size / 2, size - 78, "How sure it was; below each bar, its messages")
    write(size / 2, size - 48, "On the line it is as sure as it should be")
    picture.save(path)

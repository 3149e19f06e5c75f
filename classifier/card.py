"""A model's card for a terminal: its figures with intervals, beside those of the model before it.

All are cross-validated over whole writers; differences are in points of a hundred.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from classifier.gate import NOTHING, Compared, Gate

HEADS = ("category", "urgency")
ON_CORPUS = ("category", "urgency", "security found", "critical found", "how sure")
Scores = Mapping[str, Any]
"""As `meta.json` holds them: a summary for each head."""


def card(scores: Scores, before: Scores, gate: Gate | None = None) -> str:
    """Lines of text. `before` may be empty: then nothing is compared."""
    if not scores:
        return "The model tells no figures of itself."
    lines = ["Cross-validated, whole writers unseen; in points beside the model before."]
    for head in HEADS:
        lines += ["", *_head(head, scores[head], before.get(head, {}))]
    if gate is not None:
        lines += ["", *_gate(gate)]
    return "\n".join(lines)


def _head(head: str, score: Scores, before: Scores) -> Iterable[str]:
    yield _line(f"{head}, macro-F1", score, before)
    for code, row in score.get("by_lang", {}).items():
        yield _line(f"  {code}", row, before.get("by_lang", {}).get(code, {}))
    for label, row in score.get("by_label", {}).items():
        known = before.get("by_label", {}).get(label, {})
        change = _change(row["f1"], known.get("f1"))
        told = f"precision {row['precision']:.3f}, recall {row['recall']:.3f}"
        yield f"  {label:<21} {row['f1']:.3f} {change:>6}  {told}, {row['n']} messages"
    if head == "category" and "reliability" in score:
        known_ece = before.get("reliability", {}).get("ece")
        change = _change(score["reliability"]["ece"], known_ece)
        yield f"  {'ECE':<21} {score['reliability']['ece']:.3f} {change:>6}  lower is better"


def _line(name: str, score: Scores, before: Scores) -> str:
    change = _change(score["macro_f1"], before.get("macro_f1"))
    interval = "({:.3f} to {:.3f}), ".format(*score["interval"]) if "interval" in score else ""
    return f"{name:<23} {score['macro_f1']:.3f} {change:>6}  {interval}{score['n']} messages"


def _change(now: float, before: float | None) -> str:
    return "" if before is None else f"{100 * (now - before):+.1f}"


def _gate(gate: Gate) -> Iterable[str]:
    yield f"gate: {'passed' if gate.passed else 'refused'}. {gate.reason}"
    yield f"  {gate.used} corrections used, {gate.left_out} left out"
    found = (gate.frozen, gate.urgency, gate.security, gate.critical, gate.certain)
    yield "  beside a training without corrections, on the corpus, unseen"
    yield from map(_compared, ON_CORPUS, found)
    yield _compared("last corrections", gate.recent if gate.recent_tells else NOTHING)
    if gate.serving:
        yield "  beside the version that served, on the corpus, unseen"
        yield from map(_compared, ON_CORPUS, gate.serving)


def _compared(name: str, one: Compared) -> str:
    if not one.n:
        return f"    {name:<19} too few to compare"
    return (
        f"    {name:<19} {one.before:.3f} → {one.after:.3f} {100 * one.change:+6.1f}  "
        f"({100 * one.low:+.1f} to {100 * one.high:+.1f}), {one.n} messages"
    )

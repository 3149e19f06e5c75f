"""Platforms are found by the registry, and imported by nobody but themselves (DESIGN §2)."""

import ast
from pathlib import Path

import connectors.core.registry as registry
from tests.house.tree import ROOT, files

PRODUCT = ("classifier", "connectors", "inbox", "reports", "templates")


def test_no_platform_is_imported_by_another_part() -> None:
    platforms = registry.channels()
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files(".py")
        if path.relative_to(ROOT).parts[0] in (*PRODUCT, "scheduler.py")
        for name in _imports(path)
        if (platform := _platform(name)) in platforms and platform != _own(path)
    ]
    assert found == []


def test_a_family_module_is_shared_by_platforms_alone() -> None:
    """`connectors/_graph.py` and its like belong to the platforms that share them."""
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files(".py")
        if path.relative_to(ROOT).parts[0] in PRODUCT
        for name in _imports(path)
        if _platform(name).startswith("_") and path.relative_to(ROOT).parts[0] != "connectors"
    ]
    assert found == []


def _imports(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return [name for name in found if name.startswith("connectors.")]


def _platform(name: str) -> str:
    return name.split(".")[1]


def _own(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[1].removesuffix(".py") if parts[0] == "connectors" else ""

"""Law 14: functions of at most 60 lines, files of at most 400."""

import ast
from collections.abc import Iterator

from tests.house.tree import ROOT, files

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 60


def test_no_file_is_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in files(".py", ".html", ".css", ".js")
        if (lines := path.read_text("utf-8").count("\n")) > LINES_OF_A_FILE
    }
    assert long == {}


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """All statements below a node; `ast.walk` looks into their expressions, too, which takes most
    of its time."""
    for one in ast.iter_child_nodes(node):
        if isinstance(one, ast.stmt | ast.excepthandler | ast.match_case):
            yield one
            yield from statements(one)


def test_no_function_is_longer_than_60_lines() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{node.name}": lines
        for path in files(".py")
        for node in statements(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > LINES_OF_A_FUNCTION
    }
    assert long == {}

"""The fixed sentences in the connectors' sources, and which of them nobody could translate."""

import ast
import re
from collections.abc import Iterator

SENTENCE = re.compile(r"[a-z]{2},? [a-z{]")
NO_SENTENCE = re.compile(
    r"\[|\(not shown|Callable|single messages$|user=|\s*boost_added|\{\}/|(Bearer|bearer|Bot) "
)
"""What stands in a message's own words (`[sticker: wave]`), a header, a type, a key, a list."""
MARKED = frozenset({"word"})
ERRORS = frozenset(
    {
        *("AuthExpired", "AuthRevoked", "OutcomeUnknown", "RateLimited", "Refused"),
        *("SignInLost", "Transient", "Unsupported", "WindowClosed"),
    }
)
"""Their words are shown to people, so they are gathered like those of `word(…)`."""
NOT_SHOWN = frozenset(
    {
        *("ConnectError", "HTTPError", "KeyError", "TooLong", "TypeError", "UnknownChannel"),
        *("ValueError", "HookAnswer", "Malformed", "Wrong", "compile", "frozenset"),
    }
)
"""Words for the log, for the platform that calls, for quarantine."""


def unmarked(source: str) -> Iterator[str]:
    """Sentences that reach people and that the catalogue is not gathered from: neither in `word(…)`
    nor the fixed words of an error; `line: words`. A line that says `# theirs` has the platform's
    own words, to know them by."""
    lines = source.splitlines()
    for at in _inside(ast.parse(source)):
        if not lines[at.lineno - 1].endswith("# theirs"):
            yield f"{at.lineno}: {ast.unparse(at)}"


def _inside(node: ast.AST, *, fixed: bool = True) -> Iterator[ast.expr]:
    """`fixed` words count; those that stand as an error's own argument are gathered from there."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr):
            parts = (v.value if isinstance(v, ast.Constant) else "{}" for v in child.values)
            if _is_sentence("".join(map(str, parts))):
                yield child
        elif isinstance(child, ast.Constant):
            if fixed and isinstance(child.value, str) and _is_sentence(child.value):
                yield child
        elif isinstance(child, ast.Call):
            name = _name(child.func)
            if name not in MARKED | NOT_SHOWN:
                yield from _inside(child, fixed=fixed and name not in ERRORS)
        elif not _is_for_no_reader(child):
            yield from _inside(child, fixed=fixed)


def _is_for_no_reader(node: ast.AST) -> bool:
    """A docstring, or words that the platform's are compared with."""
    docs = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docs or isinstance(node, ast.Compare)


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _is_sentence(text: str) -> bool:
    return SENTENCE.search(text) is not None and NO_SENTENCE.match(text) is None

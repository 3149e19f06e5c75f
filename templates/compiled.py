"""Templates in which what never changes is made once, when they are compiled, not by every page."""

from collections.abc import Callable, MutableMapping
from itertools import pairwise
from typing import Any

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.meta import find_undeclared_variables
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

WIDE = ("。", "：", "；", "，", "、", "！", "？", "）")


def escaped(value: object) -> str:
    """What `markupsafe.escape` says, for output alone: a list does it three thousand times, and
    nearly all values are plain words, numbers, or safe already."""
    if type(value) is str:
        special = "&" in value or "<" in value or ">" in value or '"' in value or "'" in value
        return escape(value) if special else value
    if type(value) is Markup:
        return value
    return str(value) if type(value) is int else escape(value)


class Generator(CodeGenerator):
    """Writes a template's code after its fixed parts are in place."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's name
        super().visit_Template(_Fixing(self.environment, self.name).visit(node), frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile:
            self.write("environment.escaped(")
        else:
            super()._output_child_pre(node, frame, finalize)


class Compiled(Environment):
    """An environment of one language, whose `gettext` is set before anything is compiled.

    Fixed are: a text without values, `_("Inbox")`; a macro of another template with nothing but
    constants, `ui.icon("late", 12)`; an included part that asks for nothing of the page.
    """

    code_generator_class = Generator
    escaped = staticmethod(escaped)
    gettext: Callable[[str], str] = staticmethod(str)
    ngettext: Callable[[str, str, int], str] = staticmethod(lambda one, many, n: many)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """No template brings globals of its own; a chain of two maps is walked name by name for
        every part of a page."""
        return super().make_globals(d) if d else self.globals


def _first(node: nodes.Node) -> nodes.Node:
    """With what it begins, whatever it decides."""
    match node:
        case nodes.Output(nodes=[first, *_]) | nodes.If(body=[first, *_], elif_=[], else_=[]):
            return _first(first)
        case _:
            return node


class _Fixing(NodeTransformer):
    """Puts what is fixed in the place of what would make it."""

    def __init__(self, env: Any, name: str | None) -> None:
        self._env: Any = env
        safe = env.autoescape(name) if callable(env.autoescape) else env.autoescape
        self._text = Markup if safe else str
        self._modules: dict[str, str] = {}

    def generic_visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        """A space after a full-width mark is a second one: the mark has its own."""
        found: nodes.Node = super().generic_visit(node, *args, **kwargs)
        for name in ("body", "else_", "nodes"):
            self._close_up(getattr(found, name, None) or [])
        return found

    def _close_up(self, row: list[nodes.Node]) -> None:
        for one, after in pairwise(row):
            if not self._ends_wide(one):
                continue
            match _first(after):
                case nodes.TemplateData() as words:
                    words.data = words.data.removeprefix(" ")
                case nodes.Const(value=" ") as gap:
                    gap.value = ""

    def _ends_wide(self, node: nodes.Node) -> bool:
        """Whether what stands last in it is a text of ours that ends with such a mark."""
        match node:
            case nodes.Output(nodes=[*_, last]):
                return self._ends_wide(last)
            case nodes.Const(value=str() as said) | nodes.TemplateData(data=said):
                return said.endswith(WIDE)
            case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=str() as asked)]):
                return str(self._env.gettext(asked)).endswith(WIDE)  # with values
            case nodes.Call(
                node=nodes.Name(name="ngettext"),
                args=[nodes.Const(value=one), nodes.Const(value=many), *_],
            ):
                return str(self._env.ngettext(one, many, 2)).endswith(WIDE)
            case nodes.If(body=body, elif_=others, else_=[*_, _] as otherwise):
                ways = body, *(one.body for one in others), otherwise
                return all(way and self._ends_wide(way[-1]) for way in ways)
            case _:
                return False

    def visit_Import(self, node: nodes.Import) -> nodes.Node:  # noqa: N802 - Jinja's name
        if isinstance(node.template, nodes.Const) and not node.with_context:
            self._modules[node.target] = node.template.value
        return node

    def visit_Include(self, node: nodes.Include) -> nodes.Node:  # noqa: N802 - Jinja's name
        if not isinstance(node.template, nodes.Const):
            return node
        source, _, _ = self._env.loader.get_source(self._env, node.template.value)
        part = self._env.parse(source)
        asks = find_undeclared_variables(part) - self._env.globals.keys()
        if asks or part.find((nodes.Include, nodes.Extends)):
            return node
        drawn = self._env.get_template(node.template.value).render()
        return nodes.Output([nodes.TemplateData(drawn)], lineno=node.lineno)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:  # noqa: N802 - Jinja's name
        self.generic_visit(node.call)
        node.body = [self.visit(child) for child in node.body]
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's name
        self.generic_visit(node)
        if node.dyn_args or node.dyn_kwargs:
            return node
        args = [one.value for one in node.args if isinstance(one, nodes.Const)]
        named = {
            one.key: one.value.value for one in node.kwargs if isinstance(one.value, nodes.Const)
        }
        if len(args) + len(named) < len(node.args) + len(node.kwargs):
            return node
        match node.node:
            case nodes.Name(name="_") if not named:
                said = self._text(self._env.gettext(*args) % {})
            case nodes.Getattr(node=nodes.Name(name=name), attr=attr) if name in self._modules:
                macro = getattr(self._env.get_template(self._modules[name]).module, attr)
                said = macro(*args, **named)
            case _:
                return node
        return nodes.Const(said, lineno=node.lineno)

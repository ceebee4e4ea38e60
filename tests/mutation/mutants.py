"""The small changes: one at a time, counted, each described by its line. Nothing is written to the files."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}  # fmt: skip
"""Operators, and what each is taken for."""
NAMES = {
    "State": ("DRAFT", "WAITING", "FILED", "IN_REVIEW", "RETURNED", "APPROVED", "REJECTED", "WITHDRAWN", "DONE"),
}
Change = Callable[[], None]


class Mutants:
    """All changes of one module's source."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._tree = ast.parse(source)
        self.described = [f"{line}: {what}" for line, what, _ in self._changes(self._tree)]

    def tree(self, number: int) -> ast.Module:
        """The module with one of its changes."""
        tree = copy.deepcopy(self._tree)
        for found, (_, _, change) in enumerate(self._changes(tree)):
            if found == number:
                change()
                return ast.fix_missing_locations(tree)
        raise IndexError(number)

    def _changes(self, tree: ast.Module) -> Iterator[tuple[int, str, Change]]:
        annotations = {id(inner) for part in _annotations(tree) for inner in ast.walk(part)}
        for node in ast.walk(tree):
            if id(node) not in annotations:
                for what, change in _of(node):
                    yield getattr(node, "lineno", 0), what, change


def _annotations(tree: ast.Module) -> Iterator[ast.AST]:
    """What only says of what type something is, and checks of types."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            yield node.annotation
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
            yield node.returns
        elif isinstance(node, ast.Assert) or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node


def _of(node: ast.AST) -> Iterator[tuple[str, Change]]:
    """The changes of one node."""
    yield from _operators(node)
    yield from _conditions(node)
    yield from _values(node)
    yield from _lists(node)
    yield from _statements(node)


def _operators(node: ast.AST) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            if type(operator) in SWAPS:
                yield _said(node), _put(node.ops, place, SWAPS[type(operator)]())
    elif isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in SWAPS:
        yield _said(node), _set(node, "op", SWAPS[type(node.op)]())


def _conditions(node: ast.AST) -> Iterator[tuple[str, Change]]:
    tested = getattr(node, "test", None)
    if isinstance(node, ast.If | ast.IfExp | ast.While) and not isinstance(tested, ast.Compare | ast.BoolOp):
        assert isinstance(tested, ast.expr)
        if isinstance(tested, ast.UnaryOp) and isinstance(tested.op, ast.Not):
            yield f"not ({_said(tested)})", _set(node, "test", tested.operand)
        else:
            yield f"not ({_said(tested)})", _set(node, "test", ast.UnaryOp(ast.Not(), tested))
    elif isinstance(node, ast.comprehension):
        for place, condition in enumerate(node.ifs):
            yield f"if {_said(condition)} is left out", _put(node.ifs, place, ast.Constant(True))


def _values(node: ast.AST) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield f"{node.value} turned", _set(node, "value", not node.value)
        elif isinstance(node.value, int | float):
            yield f"{node.value} + 1", _set(node, "value", node.value + 1)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in NAMES:
        names = NAMES[node.value.id]
        if node.attr in names:
            other = names[(names.index(node.attr) + 1) % len(names)]
            yield f"{_said(node)} → {other}", _set(node, "attr", other)


def _lists(node: ast.AST) -> Iterator[tuple[str, Change]]:
    """A member of a list, set or tuple is left out; unpacked names are none."""
    if not isinstance(node, ast.List | ast.Set | ast.Tuple) or isinstance(getattr(node, "ctx", None), ast.Store):
        return
    for place, element in enumerate(node.elts if len(node.elts) > 1 else ()):
        yield f"without {_said(element)}", _drop(node.elts, place)


def _statements(node: ast.AST) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.Return) and node.value and not isinstance(node.value, ast.Constant):
        yield f"{_said(node)} → None", _set(node, "value", ast.Constant(None))
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        for place, statement in enumerate(block if isinstance(block, list) else ()):
            called = isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Constant)
            if called or isinstance(statement, ast.AugAssign | ast.Raise):
                yield f"line {statement.lineno} without {_said(statement)}", _put(block, place, ast.Pass())


def _said(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:90]


def _set(node: ast.AST, name: str, value: object) -> Change:
    return lambda: setattr(node, name, value)


def _put(block: list[ast.AST], place: int, value: ast.AST) -> Change:
    return lambda: block.__setitem__(place, value)


def _drop(block: list[ast.expr], place: int) -> Change:
    return lambda: block.__delitem__(place)

"""The rules of `docs/api.md`, and the tests that bear them."""

import ast
import re
from collections.abc import Iterator

RULE = r"[a-z]+\.[a-z0-9_]+"
BULLET = re.compile(rf"^- \*\*({RULE})\*\* \S")
ROW = re.compile(rf"^\| ({RULE}) \| \S")
HEAD = re.compile(r"^\|(?: Rule \||-+\|)")


def rules(text: str) -> list[str]:
    """The names of all rules, in their order. A rule is a row of a table or a bullet."""
    return [found[1] for line in text.splitlines() if (found := BULLET.match(line) or ROW.match(line))]


def nameless(text: str) -> list[str]:
    """Rows and bullets without a name."""
    return [
        line
        for line in text.splitlines()
        if line.startswith(("- ", "|")) and not (BULLET.match(line) or ROW.match(line) or HEAD.match(line))
    ]


def cells(text: str, section: str) -> list[list[str]]:
    """The rows of the table of one section, without names and head."""
    lines = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0].splitlines()
    return [[cell.strip(" `") for cell in re.split(r"(?<!\\)\|", line)[2:-1]] for line in lines if ROW.match(line)]


def borne(source: str) -> Iterator[str]:
    """The rules that the tests of a module bear: `@pytest.mark.contract("lists.limit")` on one, or on all of it."""
    tree = ast.parse(source)
    marks: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            marks += node.decorator_list
        if isinstance(node, ast.Assign) and any(
            isinstance(to, ast.Name) and to.id == "pytestmark" for to in node.targets
        ):
            marks.append(node.value)
    for call in (each for mark in marks for each in ast.walk(mark) if isinstance(each, ast.Call)):
        if ast.unparse(call.func) == "pytest.mark.contract":
            yield from (str(argument.value) for argument in call.args if isinstance(argument, ast.Constant))

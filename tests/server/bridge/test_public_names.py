"""The bridge stands on aiohttp's public interface alone."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVER = Path(__file__).parents[3] / "server"
MODULES = sorted(path for pattern in ("bridge*.py", "wire*.py", "websocket.py") for path in SERVER.glob(pattern))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def own_names(module: ast.Module) -> set[str]:
    """Every name with an underscore that the module defines itself."""
    defined: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            defined.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_self(node.value):
            defined.add(node.attr)
    return defined


def is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def private_uses(module: ast.Module) -> Iterator[str]:
    own = own_names(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            if not (is_self(node.value) and node.attr in own):
                yield f"line {node.lineno}: .{node.attr}"
        elif isinstance(node, ast.ImportFrom):
            yield from (f"import {name.name}" for name in node.names if name.name.startswith("_"))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("getattr", "setattr"):
            name = node.args[1]
            if not (isinstance(name, ast.Constant) and not str(name.value).startswith("_")):
                yield f"line {node.lineno}: {node.func.id} can reach anything"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_private_name_of_another_module_is_touched(path: Path) -> None:
    assert list(private_uses(tree(path))) == []


def test_what_is_imported_from_aiohttp_is_exported() -> None:
    imports = [node for path in MODULES for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
    for node in imports:
        if node.module and node.module.split(".")[0] == "aiohttp":
            exported = getattr(importlib.import_module(node.module), "__all__", None)
            assert exported is None or {name.name for name in node.names} <= {*exported, "web"}


@pytest.mark.parametrize("path", [path for path in MODULES if path.stem.startswith("wire")], ids=lambda path: path.name)
def test_the_pure_core_knows_neither_aiohttp_nor_a_loop(path: Path) -> None:
    imported = {
        name.name.split(".")[0] if isinstance(node, ast.Import) else (node.module or "").split(".")[0]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert imported.isdisjoint({"aiohttp", "asyncio", "starlette", "uvicorn", "contextvars"})


def test_the_test_itself_would_notice() -> None:
    assert list(private_uses(ast.parse("request._protocol.data_received(b'')")))

"""The house rules as plain functions: each takes source text and gives back the sentences of what breaks a rule.

`tests/test_house.py` holds the project to them, and shows each of them failing on a broken example.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from msgspec import Struct, UnsetType
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from catalog.services.inputs import ReadOnly

ROOMS = ("asgi", "bench", "catalog", "moviedb", "server", "settings", "tests")

INSIDE = (
    "values",
    "errors",
    "fields",
    "constraints",
    "registers",
    "models",
    "changes",
    "search",
    "selectors",
    "services",
    "prepared",
    "drivers",
    "stored",
    "portions",
)
"""Modules of the catalogue that its own doors stand on, and which therefore know no door."""

MAY_IMPORT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("asgi.py", ROOMS),
    ("bench/*", ROOMS),
    ("tests/*", ROOMS),
    ("settings/*", ("settings",)),
    ("server/*", ("server",)),
    ("moviedb/*", ("moviedb", "server", "catalog", "settings")),
    ("catalog/values/*", ("catalog.values",)),
    ("catalog/errors.py", ()),
    (
        "catalog/api/*",
        tuple(f"catalog.{name}" for name in ("api", "selectors", "services", "values", "errors", "changes")),
    ),
    (
        "catalog/admin/*",
        ("catalog.admin", *(f"catalog.{name}" for name in INSIDE if name not in {"prepared", "drivers", "stored"})),
    ),
    *((f"catalog/{name}.py", tuple(f"catalog.{inner}" for inner in INSIDE)) for name in INSIDE),
    ("catalog/*", ("catalog",)),
)
"""Who may import which of our own modules: the first pattern that fits a file counts."""

FRAMEWORKS: Mapping[str, tuple[str, ...]] = {
    "starlette": ("server/*",),
    "aiohttp": ("server/bridge*.py", "server/websocket.py", "server/lifespan.py", "catalog/api/*"),
    "django": ("asgi.py", "settings/*", "moviedb/*", "catalog/*", "server/executor*.py", "server/revision.py"),
}
"""Where each framework may be imported; tests and bench may import any."""

NOT_IN_CATALOG_API = ("django", "starlette")

LONGEST_MODULE, LONGEST_FUNCTION, MOST_PARAMETERS = 300, 40, 5
LONGER_MODULES = {"catalog/models.py": 440}
"""The data model is one text: declarations that are read beside each other."""

NAMED_MACHINES = re.compile(r"pypi\.org|files\.pythonhosted|registry\.npmjs|/(?:root|home/\w+|work|Users/\w+|tmp)/\w")


LOCKED = re.compile(r"^([a-z0-9._-]+)(?:\[([a-z0-9, ]+)\])?==", re.MULTILINE)
"""A locked package, and its extras as the lock lists them."""


@dataclass(frozen=True)
class Import:
    """One imported module: its dotted name, the line, and whether it stands inside a function."""

    name: str
    line: int
    in_function: bool


@dataclass
class _Imports(ast.NodeVisitor):
    found: list[Import] = field(default_factory=list)
    depth: int = 0

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  ast's name

    def visit_Import(self, node: ast.Import) -> None:
        self.found += [Import(alias.name, node.lineno, self.depth > 0) for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        self.found += [Import(f"{module}.{alias.name}", node.lineno, self.depth > 0) for alias in node.names]


def imports(source: str) -> list[Import]:
    """Every import of a module; `from a import b` counts as `a.b`, which may be a module or a name in `a`."""
    visitor = _Imports()
    visitor.visit(ast.parse(source))
    return visitor.found


def below(name: str, parents: Iterable[str]) -> bool:
    """Whether a dotted name is one of `parents` or inside of one."""
    return any(name == parent or name.startswith(f"{parent}.") for parent in parents)


def import_faults(path: str, source: str) -> Iterator[str]:
    """Imports that the rooms do not allow: `path` is relative to the project, with slashes."""
    allowed = next((rooms for pattern, rooms in MAY_IMPORT if fnmatch(path, pattern)), ())
    for each in imports(source):
        where = f"{path}:{each.line}"
        if each.in_function:
            yield f"{where} imports {each.name} inside a function"
        if each.name.startswith("."):
            yield f"{where} imports {each.name}, a relative name"
        if below(each.name, ROOMS) and not below(each.name, allowed):
            yield f"{where} may not import {each.name}"
        if not path.startswith(("tests/", "bench/")) and not framework_allowed(path, each.name.split(".")[0]):
            yield f"{where} may not know {each.name}"


def framework_allowed(path: str, top: str) -> bool:
    """Whether a file may import from that top-level package."""
    if path.startswith("catalog/api/") and top in NOT_IN_CATALOG_API:
        return False
    return any(fnmatch(path, pattern) for pattern in FRAMEWORKS.get(top, ("*",)))


def size_faults(path: str, source: str) -> Iterator[str]:
    """Modules, functions and parameter lists that are longer than the house allows."""
    lines = source.count("\n")
    if lines > LONGER_MODULES.get(path, LONGEST_MODULE):
        yield f"{path} has {lines} lines"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from function_faults(path, node)


def function_faults(path: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    length = (node.end_lineno or node.lineno) - node.lineno + 1
    if length > LONGEST_FUNCTION:
        yield f"{path}:{node.lineno} {node.name} has {length} lines"
    positional = [each for each in [*node.args.posonlyargs, *node.args.args] if each.arg not in {"self", "cls"}]
    if len(positional) > MOST_PARAMETERS:
        yield f"{path}:{node.lineno} {node.name} has {len(positional)} positional parameters"


def cycle(modules: Mapping[str, str]) -> list[str]:
    """A cycle among modules (source by dotted name), as the names along it; empty when there is none."""
    graph = {name: sorted({target(each.name, modules) for each in imports(text)}) for name, text in modules.items()}
    done: set[str] = set()
    for name in graph:
        if found := _walk(name, graph, [], done):
            return found
    return []


def target(name: str, modules: Iterable[str]) -> str:
    """The module that an import reaches: the longest known prefix of its name, or '' for a foreign one."""
    return max((known for known in modules if below(name, [known])), key=len, default="")


def _walk(name: str, graph: Mapping[str, list[str]], trail: list[str], done: set[str]) -> list[str]:
    if name in trail:
        return [*trail[trail.index(name) :], name]
    if name in done:
        return []
    for following in graph.get(name, []):
        if found := _walk(following, graph, [*trail, name], done):
            return found
    done.add(name)
    return []


def machine_faults(path: str, text: str) -> Iterator[str]:
    """Names of package indexes' hosts and of places on somebody's machine."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := NAMED_MACHINES.search(line):
            yield f"{path}:{number} names {found.group()!r}"


def lock_faults(path: str, text: str) -> Iterator[str]:
    """Locked requirements without an exact version or a hash."""
    for entry in re.split(r"\n(?=[a-zA-Z0-9])", text.replace("\\\n", " ")):
        line = entry.splitlines()[0] if entry.strip() else ""
        if not re.match(r"[a-z0-9._-]+(\[[a-z, ]+\])?==\S+( ; .*?)?\s+(--hash=sha256:[0-9a-f]{64}\s*)+$", line):
            yield f"{path}: {line[:60]!r} is not locked with a version and hashes"


def extras_faults(text: str, requirements: Iterable[str]) -> Iterator[str]:
    """Extras that a package asks for and its lock leaves out.

    An older pip then takes the newest version for the extra, not the locked one, and finds it without a hash.
    """
    locked = {name: set(re.split(r",\s*", extras)) for name, extras in LOCKED.findall(text)}
    for requirement in map(Requirement, requirements):
        name = canonicalize_name(requirement.name)
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if applies and name in locked and (lacking := requirement.extras - locked[name]):
            yield f"{name} is locked without {sorted(lacking)}"


def changelog_faults(text: str) -> Iterator[str]:
    """What departs from Keep a Changelog: sections, their order and the kinds of change."""
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    if not text.startswith("# Changelog\n"):
        yield "the first line is not '# Changelog'"
    if headings[:1] != ["[Unreleased]"]:
        yield "the first section is not [Unreleased]"
    for heading in headings[1:]:
        if not re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", heading):
            yield f"the section {heading!r} is not '[1.2.3] - 2026-01-31'"
    for kind in re.findall(r"^### (.*)$", text, re.MULTILINE):
        if kind not in {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}:
            yield f"{kind!r} is no kind of change"


def twice_described(sources: Mapping[str, str]) -> Iterator[str]:
    """Descriptions of members that stand at two places: what a member means is said once, in a type that both use."""
    places: dict[str, list[str]] = {}
    for path, source in sources.items():
        for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
            if ast.unparse(call.func).rpartition(".")[2] != "Meta":
                continue
            for word in call.keywords:
                if word.arg == "description":
                    places.setdefault(ast.unparse(word.value), []).append(f"{path}:{call.lineno}")
    yield from (f"{words} stands at {' and '.join(found)}" for words, found in places.items() if len(found) > 1)


def differently_meant(shown: type[Any], written: type[Any], at: str = "") -> Iterator[str]:
    """Members that a body and an answer share, and of which the two do not say the same.

    A member is the same where its type is, null and absence aside; a body's may be what nobody can change, and a list
    of structs is compared member by member.
    """
    answers, bodies = (get_type_hints(each, include_extras=True) for each in (shown, written))
    for name in [name for name in bodies if name in answers and ReadOnly not in meant(bodies[name])]:
        told, taken = meant(answers[name]), meant(bodies[name])
        structs = [next(filter(is_struct, each), None) for each in (told, taken)]
        if structs[0] is not None and structs[1] is not None:
            yield from differently_meant(structs[0], structs[1], f"{at}{name}.")
        elif told != taken:
            yield f"{at}{name} of {shown.__name__} is not as {written.__name__} has it"


def meant(kind: Any) -> set[Any]:
    """The types that a member may have, those of its items or values among them; null and absence aside."""
    if isinstance(kind, UnionType) or get_origin(kind) is Union:
        return set().union(*map(meant, get_args(kind)))
    if get_origin(kind) is Annotated and get_origin(kind.__origin__) is list:
        return meant(kind.__origin__)
    if get_origin(kind) in (list, dict):
        return meant(get_args(kind)[-1])
    return set() if kind in (NoneType, UnsetType) else {kind}


def is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)

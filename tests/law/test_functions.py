"""A function fits on a screen: none of ours is longer than sixty lines, and few are longer than forty."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("bot", "callout", "dispatch", "intake", "simulator", "storage", "web")


def lengths() -> dict[str, int]:
    """Every function of the packages with its number of lines; migrations are records, not texts."""
    found = {}
    for package in OURS:
        for path in (ROOT / package).rglob("*.py"):
            if "versions" not in path.parts:
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                        lines = (node.end_lineno or node.lineno) - node.lineno + 1
                        found[f"{path.relative_to(ROOT)}:{node.name}"] = lines
    return found


def test_no_function_is_longer_than_a_screen() -> None:
    found = lengths()
    assert len(found) > 500, "the scan is blind"
    assert {name: lines for name, lines in found.items() if lines > 60} == {}
    assert sum(lines > 40 for lines in found.values()) <= len(found) // 50

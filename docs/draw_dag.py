"""Draw docs/dag.svg: the rules of the workflow, coloured by stage, without edges that others imply.

snakemake --rulegraph | python docs/draw_dag.py | dot -Tsvg -o docs/dag.svg
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

COLOURS = {
    "read": "#DCE9F5", "clean": "#E6F2E1", "derive": "#FFF3D6", "biomarkers": "#FBE3DC",
    "analyse": "#E9E2F3", "present": "#E0F0F0", "publish": "#EEEEEE",
}  # fmt: skip


def stages() -> dict[str, str]:
    """Rule -> the file of rules that it stands in."""
    rules = Path(__file__).resolve().parents[1] / "workflow" / "rules"
    found = {}
    for stage in COLOURS:
        text = (rules / f"{stage}.smk").read_text(encoding="utf-8")
        found |= dict.fromkeys(re.findall(r"^\s*rule (\w+):", text, re.M), stage)
    return found


def reachable(edges: dict[str, set[str]], start: str, without: str) -> set[str]:
    """Rules after `start`, not counting its direct edge to `without`."""
    seen: set[str] = set()
    todo = [n for n in edges.get(start, ()) if n != without]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo += edges.get(node, ())
    return seen


def main() -> None:
    """Read the rule graph, write the drawing."""
    text = sys.stdin.read()
    names = dict(re.findall(r'(\d+)\[label = "([^"]+)"', text))
    edges: dict[str, set[str]] = {}
    for a, b in re.findall(r"(\d+) -> (\d+)", text):
        if "all" not in (names[a], names[b]):
            edges.setdefault(names[a], set()).add(names[b])
    stage = stages()
    print("digraph trial { rankdir=LR; nodesep=0.1; ranksep=0.4; bgcolor=white;")
    print('node[shape=box,style="rounded,filled",fontname="Helvetica",fontsize=10,height=0.25,')
    print('margin="0.08,0.03",color="#888888",penwidth=0.6];')
    print('edge[color="#999999",arrowsize=0.5,penwidth=0.7];')
    for name in sorted(set(names.values()) - {"all"}):
        colour = COLOURS[stage.get(name, "read")]
        print(f'"{name}"[label="{name.replace("_", " ")}",fillcolor="{colour}"];')
    for a in sorted(edges):
        for b in sorted(edges[a]):
            if b not in reachable(edges, a, b):
                print(f'"{a}" -> "{b}";')
    print("}")


main()

"""What is known of a host that does not come up: its gate, its state, its last words."""

from __future__ import annotations

from rangectl.app.edges import Edges
from rangectl.app.ranges import Live
from rangectl.errors import RangeError
from rangectl.plan.containers import GATE
from rangectl.plan.probing import Processes


def story(edges: Edges, range_: Live, host: str) -> list[str]:
    """Return lines about a host: where it stands, and the last that it wrote."""
    container = range_.container(host).id
    state, *log = edges.stills.last_words(container).splitlines()
    where = f", {_gate(edges, container)}" if state == "it runs" else ""
    return [f"  {range_.spec.id} {host}: {state}{where}", *(f"    {line}" for line in log)]


def _gate(edges: Edges, container: str) -> str:
    try:
        ((answer,),) = edges.node.probe([(container, [Processes()])])
    except RangeError as error:
        return f"its gate cannot be looked at: {error}"
    if answer.error:
        return "and has no process to be seen"
    first = next((one for one in answer.processes if one.pid == 1), None)
    if first is not None and any(GATE in word for word in first.command):
        return "waiting at its gate"
    return "through its gate"

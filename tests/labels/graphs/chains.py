"""Graphs for tests: a tea blended of many runs, each of leaf from villages."""

from labels.graphs.values import Box, Draw, Graph, Sign


class Chain:
    """A graph that grows lot by lot."""

    def __init__(self) -> None:
        self.boxes: dict[int, Box] = {}
        self.draws: list[Draw] = []

    def add(self, kind: str, *children: int, day: str = "2026-04-20", where: str = "", **more: object) -> int:
        """Add a lot that went whole into others."""
        key = len(self.boxes) + 1
        facts = {"name": f"{kind[0].upper()}{key:04}", "kind_word": kind, "mass_g": 1000, **more}
        self.boxes[key] = Box(key=key, kind=kind, day=day, where=where, **facts)  # type: ignore[arg-type]
        self.draws += [Draw(key, child, 1000) for child in children]
        return key

    @property
    def graph(self) -> Graph:
        """Return the graph so far."""
        return Graph(self.boxes, self.draws)


def blend_of(runs: int, pickings: int) -> Graph:
    """Return a tea blended of runs, each of one intake of pickings from three villages; one run is held."""
    chain = Chain()
    tea = chain.add("finished", chosen=True)
    for number in range(runs):
        day = f"2026-04-{1 + number % 28:02}"
        made = chain.add("made", tea, day=day, signs=[Sign("held", "暂停")] if number == 1 else [])
        received = chain.add("received", made, day=day)
        for one in range(pickings):
            chain.add("leaf", received, day=day, where=f"村{one % 3}")
    return chain.graph

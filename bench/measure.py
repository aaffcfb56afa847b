"""Measure subjects in turn on the same cases, so that noise meets all of them; tell ratios, not seconds."""

import argparse
import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

Case = TypeVar("Case")


@dataclass
class Timings:
    """What one subject took: a list for each round, in the order of the cases."""

    wall: list[list[float]] = field(default_factory=list)
    cpu: list[list[float]] = field(default_factory=list)

    def percentile(self, percent: int) -> float:
        """Return the median over rounds of the percentile over cases, in wall seconds."""
        return statistics.median(percentile(found, percent) for found in self.wall)

    def total(self) -> float:
        """Return the median over rounds of the wall seconds for all cases."""
        return statistics.median(map(sum, self.wall))


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * percent // 100) - 1))]


def in_turn(
    subjects: Mapping[str, Callable[[Case], object]], cases: Sequence[Case], *, rounds: int
) -> dict[str, Timings]:
    """Run every subject on every case, one after the other on the same case, first once unmeasured."""
    found = {name: Timings() for name in subjects}
    for run in subjects.values():
        for case in cases:
            run(case)
    gc.collect()
    gc.freeze()  # as `wsgi.py` does
    for turn in range(rounds):
        for timings in found.values():
            timings.wall.append([])
            timings.cpu.append([])
        order = list(subjects.items())
        order = order[turn % len(order) :] + order[: turn % len(order)]
        gc.collect()
        for case in cases:
            for name, run in order:
                wall, cpu = time.perf_counter(), time.process_time()
                run(case)
                found[name].cpu[-1].append(time.process_time() - cpu)
                found[name].wall[-1].append(time.perf_counter() - wall)
    return found


def ratio(ours: Timings, anchor: Timings, percent: int) -> float:
    """Return ours over the anchor's at a percentile: the median over rounds of each round's ratio."""
    pairs = zip(ours.wall, anchor.wall, strict=True)
    return statistics.median(percentile(mine, percent) / percentile(its, percent) for mine, its in pairs)


def ratio_of_pairs(ours: Sequence[Sequence[float]], anchor: Sequence[Sequence[float]]) -> float:
    """Return the median of the ratios on the same case in the same round."""
    rounds = zip(ours, anchor, strict=True)
    return statistics.median(
        mine / max(its, 1e-9) for one, other in rounds for mine, its in zip(one, other, strict=True)
    )


def compare(timings: Mapping[str, Timings], anchor: str) -> list[list[str]]:
    """Return a table of milliseconds and of ratios to the anchor."""
    base = timings[anchor]
    rows = [["", "p50 ms", "p99 ms", "x p50", "x p99", "x pairs", "x cpu"]]
    for name, found in timings.items():
        cpu = sum(map(sum, found.cpu)) / max(sum(map(sum, base.cpu)), 1e-9)
        rows.append(
            [
                name,
                *(f"{found.percentile(percent) * 1000:.3f}" for percent in (50, 99)),
                *(f"{ratio(found, base, percent):.2f}" for percent in (50, 99)),
                f"{ratio_of_pairs(found.wall, base.wall):.2f}",
                f"{cpu:.2f}",
            ]
        )
    return rows


def show(title: str, rows: Sequence[Sequence[str]]) -> None:
    """Print a table."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    print(f"\n{title}")
    for first, *others in rows:
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        print("  ".join(cells).rstrip(), flush=True)


def judge(name: str, value: float, bar: float, goal: float | None = None, *, at_most: bool = True) -> bool:
    """Print one line: the figure, its bar, its goal, and whether they are reached."""
    reached = value <= bar if at_most else value >= bar
    line = f"{name}: {value:.2f} (bar {bar:g}: {'reached' if reached else 'NOT REACHED'}"
    if goal is not None:
        line += f"; goal {goal:g}: {'reached' if (value <= goal if at_most else value >= goal) else 'not reached'}"
    print(f"{line})", flush=True)
    return reached


def arguments(description: str | None, **defaults: int) -> argparse.ArgumentParser:
    """Return a parser of whole-number options with their defaults."""
    parser = argparse.ArgumentParser(description=description)
    for name, default in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"default {default}")
    return parser

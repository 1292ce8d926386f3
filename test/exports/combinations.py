"""Rows that hold every pair of choices at least once (all-pairs testing), found greedily and always in the same way."""

from __future__ import annotations

import random
from itertools import combinations, product
from typing import Callable, Mapping, Sequence


def all_pairs(axes: Mapping[str, Sequence], allowed: Callable[[dict], bool] = lambda row: True, seed: int = 0) -> list[dict]:
    """`allowed` sees rows that may be incomplete, and says no to what does not go together."""
    pick = random.Random(seed)
    names = list(axes)
    wanted = {
        ((a, i), (b, j))
        for a, b in combinations(names, 2)
        for i, j in product(range(len(axes[a])), range(len(axes[b])))
        if allowed({a: axes[a][i], b: axes[b][j]})
    }
    rows = []
    while wanted:
        best, best_covered = None, set()
        for _ in range(60):
            chosen = dict(pick.choice(sorted(wanted)))
            for name in pick.sample([n for n in names if n not in chosen], len(names) - len(chosen)):
                options = [i for i in range(len(axes[name])) if allowed(_row(axes, {**chosen, name: i}))]
                if not options:
                    break
                chosen[name] = max(options, key=lambda i: (len(_pairs({**chosen, name: i}, names) & wanted), pick.random()))
            else:
                covered = _pairs(chosen, names) & wanted
                if len(covered) > len(best_covered):
                    best, best_covered = chosen, covered
        assert best is not None, "no row covers what is left"
        wanted -= best_covered
        rows.append(_row(axes, best))
    return rows


def _row(axes, chosen: dict) -> dict:
    return {name: axes[name][i] for name, i in chosen.items()}


def _pairs(chosen: dict, names) -> set:
    inside = [n for n in names if n in chosen]
    return {((a, chosen[a]), (b, chosen[b])) for a, b in combinations(inside, 2)}

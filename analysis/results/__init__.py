"""The registry of results: the named, unit-bearing numbers the report states.

A result is a function of the assumptions. Its kind says what may be put in:

``closed``
    Operators and NumPy ufuncs only, so floats, arrays of draws and symbols all pass through.
``numeric``
    A solver, a simulation or a regression: floats, one set at a time.
``fixed``
    Facts alone: no assumption is read.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from analysis.registry import Registry

KINDS = ("closed", "numeric", "fixed")
#: Result prefix to the page that states its results.
CHAPTERS = {
    "market": "market-reaction",
    "distillation": "distillation",
    "cost": "cost-claims",
    "efficiency": "efficiency",
    "export": "export-controls",
    "margins": "application-margins",
}

_KEY = re.compile(r"[a-z]+\.[a-z][a-z0-9_]*")


def page_of(key):
    """Return the page that states a result or shows a figure, by its key: ``"cost-claims"`` for ``fig-cost-scopes``."""
    return CHAPTERS[re.split(r"[.-]", key.removeprefix("fig-"))[0]]


@dataclass(frozen=True)
class Result:
    """A named number.

    Attributes
    ----------
    key : str
        ``chapter.name``.
    title : str
        What it is, in words that stand alone.
    unit : str
    kind : str
        One of `KINDS`.
    function : callable
        Takes `analysis.assumptions.Values`, returns the number.
    digits : int
        Significant digits it is written with.
    """

    key: str
    title: str
    unit: str
    kind: str
    function: Callable
    digits: int = 3

    @property
    def anchor(self):
        """The permanent address of the result on its page."""
        return "res-" + self.key.replace(".", "-").replace("_", "-")


_registry = Registry("result", __name__)

#: All results, a mapping from key to `Result` in the order they are declared; and one of them by key.
registry, find = _registry.all, _registry.find


def result(key, title, unit, kind="closed", digits=3):
    """Register the decorated function as the result `key`; see `Result`."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"result key {key!r}: write chapter.name in lower case")
    if kind not in KINDS:
        raise ValueError(f"result {key}: kind {kind!r} is none of {KINDS}")

    def register(function):
        _registry.add(key, Result(key, title, unit, kind, function, digits))
        return function

    return register

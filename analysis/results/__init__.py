"""The registry of results: the named, unit-bearing numbers the report states.

A result is a function of the assumptions. Its kind says what may be put in:

``closed``
    Operators and NumPy ufuncs only, so floats, arrays of draws and symbols all pass through.
``numeric``
    A solver, a simulation or a regression: floats, one set at a time.
``fixed``
    Facts alone: no assumption is read.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from analysis.errors import unknown

KINDS = ("closed", "numeric", "fixed")
_KEY = re.compile(r"[a-z]+\.[a-z][a-z0-9_]*")


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


_registry = {}


def result(key, title, unit, kind="closed", digits=3):
    """Register the decorated function as the result `key`; see `Result`."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"result key {key!r}: write chapter.name in lower case")
    if kind not in KINDS:
        raise ValueError(f"result {key}: kind {kind!r} is none of {KINDS}")
    if key in _registry:
        raise ValueError(f"result {key} is registered twice")

    def register(function):
        _registry[key] = Result(key, title, unit, kind, function, digits)
        return function

    return register


@cache
def _load_chapters():
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")


def registry():
    """Return all results, a mapping from key to `Result` in the order they are declared."""
    _load_chapters()
    return _registry


def find(key):
    """Return the result with this key.

    Raises
    ------
    InputError
        If there is none; names the nearest key.
    """
    known = registry()
    if key not in known:
        raise unknown("result", key, known, "python -m analysis results")
    return known[key]

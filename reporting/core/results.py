"""The registry of results: the named, unit-bearing numbers the report states.

A result is a function of the assumptions. Its kind says what may be put in:

``closed``
    Operators and NumPy ufuncs only, so floats, arrays of draws and symbols all pass through.
``numeric``
    A solver, a simulation or a regression: floats, one set at a time.
``fixed``
    Facts alone: no assumption is read.

A chapter declares its results by decorating functions::

    result = Chapter(__name__)

    @result("The essay's figure over V3's run", "ratio")
    def essay_over_run(a):
        return value("essay_r1_cost_usd") / v3_run_usd(a)

    v3_run_usd = result("V3's official run, rented", "USD", digits=4)(deepseek_runs.v3_run_usd)

The key is the function's name under the chapter's prefix, ``cost.essay_over_run``. A function whose first parameter is
``a`` reads assumptions from it; any other rests on facts alone and is fixed. The function stays what it was, so that
other calculations call it.

Floats are added with `math.fsum`: the builtin ``sum`` compensates from Python 3.12 on, so that the last bit of a
result, and with it a fingerprint, would depend on who computes it. Integers may be summed.
"""

import functools
import inspect
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reporting.core.registry import Registry

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
        Takes `reporting.inputs.assumptions.Values`, returns the number, of any type: the report makes a float of it.
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


_registry = Registry("result", "RESULTS")

#: All results, a mapping from key to `Result` in the order of `reporting.chapters`; and one of them by key.
registry, find = _registry.all, _registry.find


class Chapter:
    """What declares the results of a chapter, a decorator.

    Parameters
    ----------
    module : str
        The full name of the module that declares them; the name of its folder is the prefix of their keys.
    """

    def __init__(self, module):
        self.module, self.prefix = module, module.split(".")[-2]

    def __call__(self, title, unit, kind=None, digits=3, key=None):
        """Declare the decorated function as a result; see `Result`.

        Parameters
        ----------
        title, unit : str
        kind : str, optional
            ``"numeric"``; whether a result is closed or fixed shows in its parameters.
        digits : int
        key : str, optional
            The second half of the result's key, if not the function's name.
        """

        def declare(function):
            self._add(key or function.__name__, title, unit, kind, digits, function)
            return function

        return declare

    def rows(self, rows, unit, kind=None, digits=3):
        """Declare several results of one function, a row each: what they are called and what it is called with.

        Parameters
        ----------
        rows : mapping
            The second half of a result's key to its title, or to a tuple of the title and what the function is called
            with, assumptions apart.
        unit : str
        kind : optional
            As of a single result.
        digits : int or mapping
            As of a single result; or by key, 3 where it is not named.

        Examples
        --------
        ::

            @result.rows(
                {
                    "trend_measured": ("Fall at the measured trend", "algorithms_ho_2024"),
                    "trend_insider": ("Fall at the trend an insider gives", "training_cost_curve_amodei"),
                },
                "ratio",
            )
            def trend(rate): ...
        """

        def declare(function):
            for name, row in rows.items():
                title, *given = _parts(row)
                self._add(name, title, unit, kind, _digits_of(name, digits), function, given)
            return function

        return declare

    def each(self, members, *texts, **options):
        """Declare a family of results: one function, and the members it is called for.

        Parameters
        ----------
        members : mapping or sequence
            What the function is called with, a tuple if it is several things, to what the title says of it; of a
            sequence its own items. `product` makes one of several.
        *texts, **options
            As in `together`.

        Examples
        --------
        ::

            @result.each(RIVALS, "solved_{}_list_usd", "{}, a solved problem of AIME 2024", "USD", digits=2)
            def rival_usd(rival): ...
        """
        return self.together(members)(*texts, **options)

    def together(self, members):
        """Return the decorator of several families of the same members, listed member by member.

        Its parameters are

        key, title : str
            Templates of `str.format`: the key's of the member, the title's of what `members` says of it. A tuple
            fills one place with each of its parts.
        unit : str
        kind : optional
            As of a single result.
        digits : int or mapping
            As of a single result; or of each member, 3 where it is not named.
        only : collection, optional
            The members that have a result of this family; all of them otherwise.
        fixed : collection
            The members whose result rests on facts alone, though the function reads assumptions for others.
        """
        first = _registry.place()

        def family(key, title, unit, kind=None, digits=3, only=None, fixed=()):
            def declare(function):
                for number, (member, words) in enumerate(_pairs(members)):
                    if only is not None and member not in only:
                        continue
                    given = _parts(member)
                    self._add(
                        key.format(*given),
                        title.format(*_parts(words)),
                        unit,
                        "fixed" if member in fixed else kind,
                        _digits_of(member, digits),
                        function,
                        given,
                        (first, number),
                    )
                return function

            return declare

        return family

    def _add(self, name, title, unit, kind, digits, function, given=(), place=()):
        key = f"{self.prefix}.{name}"
        if not _KEY.fullmatch(key):
            raise ValueError(f"result key {key!r}: write chapter.name in lower case")
        signature = inspect.signature(function)
        reads = next(iter(signature.parameters), None) == "a"
        signature.bind(*[self] * reads, *given)  # a parameter that nothing fills is an error here and now
        kind = kind or ("closed" if reads else "fixed")
        if kind not in KINDS:
            raise ValueError(f"result {key}: kind {kind!r} is none of {KINDS}")

        @functools.wraps(function)
        def evaluate(a):
            return function(a, *given) if reads else function(*given)

        _registry.add(key, Result(key, title, unit, kind, evaluate, digits), self.module, place)


def product(*members):
    """Return the members of a family over several things: a mapping from tuples of members to tuples of words."""
    combined = itertools.product(*(_pairs(each) for each in members))
    return {tuple(key for key, _ in pairs): tuple(words for _, words in pairs) for pairs in combined}


def _digits_of(name, digits):
    return digits.get(name, 3) if isinstance(digits, Mapping) else digits


def _pairs(members):
    return members.items() if isinstance(members, Mapping) else [(member, member) for member in members]


def _parts(given):
    return given if type(given) is tuple else (given,)

"""How firm the word on a part is: where one assumption tips it, how often draws of all keep it, what is weakest."""

from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from reporting.core import claims, results, statements, uncertainty
from reporting.inputs import evidence, facts

#: Values of an assumption at which a verdict is looked at before the step between two of them is narrowed down.
SCAN = 24
_TOLD = ("title", "source", "grade")


class Draws:
    """Many reports at once: some assumptions are arrays, with one value for each draw.

    Parameters
    ----------
    report : reporting.core.report.Report
        What holds in every draw otherwise.
    moved : mapping of str to array_like
        Assumption id to its values, all of shape (n,). As in `Report`, what is moved counts as certain.
    """

    def __init__(self, report, moved):
        self.report = report
        self.moved = {identifier: np.asarray(values, dtype=float) for identifier, values in moved.items()}
        self.size = len(next(iter(self.moved.values())))
        self.values = report.values | self.moved
        self._evaluated = {}

    def value(self, key):
        """Return a result as an array of shape (n,)."""
        if key not in self._evaluated:
            self._evaluated |= uncertainty.evaluate(self.report, [key], self.moved, self.size)
        return self._evaluated[key]

    def interval(self, key):
        """Return the ends of a result's 80% range: floats where nothing under it moved, else of shape (n,)."""
        if not self.report.inputs(key).assumptions.keys() & self.moved.keys():
            return self.report.interval(key)
        if set(self.report.moved(key)) <= self.moved.keys():
            return self.value(key), self.value(key)
        ends = [self._report_of(i).interval(key) for i in range(self.size)]
        return tuple(np.array(ends).T)

    def _report_of(self, i):
        return type(self.report)(
            self.report.overrides | {identifier: float(values[i]) for identifier, values in self.moved.items()}
        )


@dataclass(frozen=True)
class TippingPoint:
    """Where a verdict changes if one assumption alone moves away from its value.

    Attributes
    ----------
    assumption : str
    side : {"below", "above"}
        On which side of `value` the other verdict lies.
    value : float
        In the assumption's unit.
    verdict : str
        The verdict beyond.
    likely : bool
        Whether `value` lies inside the assumption's 80% interval.
    """

    assumption: str
    side: str
    value: float
    verdict: str
    likely: bool


def moving(part, report):
    """Return the assumptions under the rules of a part that have a range, sorted."""
    return report.with_range(rests_on(part, report).assumptions)


def rests_on(part, report):
    """Return the `reporting.inputs.evidence.Inputs` that the rules for a part's word today read."""
    with evidence.recording() as inputs:
        for rule in part.now.rules():
            statements.holds(claims.predicate(rule, part), report)
    return inputs


def weakest(part, report):
    """Return the input under the rules of a part that has the weakest evidence.

    Returns
    -------
    dict
        ``space`` (``"assume"`` or a table of facts), ``id``, ``title``, ``source`` and ``grade``. Of several that are
        equally weak the first by name.
    """
    inputs = rests_on(part, report)
    found = [
        {"space": "assume", "id": name, **{field: getattr(report.register[name], field) for field in _TOLD}}
        for name in inputs.assumptions
    ]
    for name, fact in inputs.facts.items():
        table, identifier = name.split(":", 1)
        told = {field: fact.get(field) for field in _TOLD}
        if not told["title"]:
            told["title"] = f"{facts.title(table) if table in facts.schemas() else 'model'}: {identifier}"
        found.append({"space": table, "id": identifier, **told})
    return max(sorted(found, key=itemgetter("space", "id")), key=lambda each: evidence.GRADES.index(each["grade"]))


def tipping_points(part, report):
    """Find the values nearest to the present ones at which the word on a part changes, one assumption at a time.

    Parameters
    ----------
    part : reporting.core.claims.Part
    report : reporting.core.report.Report

    Returns
    -------
    list of TippingPoint
        Likely ones first, then by assumption. Each assumption is searched over all that the register allows.

    Notes
    -----
    A word is a step function, so the search looks at `SCAN` values and bisects the step between two of them. Two
    steps between neighbouring values would go unseen.
    """
    from scipy.optimize import bisect

    found = []
    base = claims.judge(part, report).verdict
    for identifier in moving(part, report):
        entry = report.register[identifier]
        to_scale, from_scale = (np.log, np.exp) if entry.distribution == "lognormal" else (np.asarray, np.asarray)
        present, first, last = (to_scale(x) for x in (report.values[identifier], entry.min, entry.max))

        def verdicts_at(scaled, identifier=identifier, entry=entry, from_scale=from_scale):
            values = np.clip(from_scale(np.atleast_1d(scaled)), entry.min, entry.max)
            return claims.verdicts(part, Draws(report, {identifier: values}))

        def kept(scaled, verdicts_at=verdicts_at):
            return 1.0 if verdicts_at(scaled)[0] == base else -1.0

        for side, end in (("below", first), ("above", last)):
            grid = np.linspace(present, end, SCAN)
            seen = verdicts_at(grid)
            others = np.flatnonzero(seen != base)
            if not others.size or seen[0] != base:  # with the assumption certain the word is another already
                continue
            step = others[0]
            edge = bisect(kept, grid[step - 1], grid[step], xtol=1e-9 * max(1.0, abs(end)))
            value = float(from_scale(edge))
            likely = entry.low <= value <= entry.high
            found.append(TippingPoint(identifier, side, value, str(seen[step]), likely))
    return sorted(found, key=lambda point: not point.likely)


def robustness(part, report):
    """Return the share of draws of all assumptions under a part that keep its word.

    Returns
    -------
    float or None
        None if the rules rest on facts: then there is nothing to draw. In a draw every assumption counts as certain, so
        the range of a result is its value.
    """
    moved = moving(part, report)
    if not moved:
        return None
    numeric = any(
        results.find(name).kind == "numeric"
        for rule in part.now.rules()
        for name in statements.names(claims.predicate(rule, part))
        if name in results.registry()
    )
    n = uncertainty.DRAWS["numeric" if numeric else "closed"]
    drawn = Draws(report, uncertainty.draws(moved, n, register=report.register))
    return float(np.mean(claims.verdicts(part, drawn) == claims.judge(part, report).verdict))


def unmoved(part, report):
    """Say why the word on a part has no tipping point."""
    inputs = rests_on(part, report)
    if not inputs.assumptions:
        return "The verdict rests on facts."
    if not report.with_range(inputs.assumptions):
        return "Every assumption under the verdict is taken as certain."
    return "No assumption moved alone, over all that is allowed, changes the verdict."

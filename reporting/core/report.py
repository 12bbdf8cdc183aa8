"""The report under one set of assumptions: every result, evaluated once."""

import hashlib
import json
from collections import Counter

from reporting.core import checkout, results, uncertainty, wording
from reporting.inputs import assumptions, evidence

#: How fingerprints are made now; see `identity`.
SCHEME = 2
_TOLD_OF_ASSUMPTIONS = ("unit", "as_of", "source", "locator", "grade")


class Report:
    """Results under the base assumptions, with some of them replaced.

    Parameters
    ----------
    overrides : mapping, optional
        New assumption values by id: numbers, or mappings of low, value and high (`assumptions.Overrides`).

    Attributes
    ----------
    register : dict of str to reporting.inputs.assumptions.Assumption
        The register in force. Of an assumption replaced by a number low, value and high are one.

    Raises
    ------
    InputError
        If an override names no assumption or is out of its range, or the current folder is another checkout than the
        one whose code runs.

    Examples
    --------
    >>> Report({"gpu_hour_usd": 3}).value("cost.v3_run_usd")
    8364000.0
    """

    def __init__(self, overrides=None):
        checkout.check()
        self.overrides = assumptions.check_overrides(overrides)
        self.register = assumptions.register_under(self.overrides)
        self.values = {identifier: entry.value for identifier, entry in self.register.items()}
        self._evaluated = {}
        self._intervals = {}

    @property
    def stamp(self):
        """The scenario and its fingerprint, e.g. ``"sceptic@d3e691"``; empty for the report as it is.

        The fingerprint is over the value and the range of every assumption in force.
        """
        if not self.overrides and not self.overrides.name:
            return ""
        state = {identifier: [e.low, e.value, e.high, e.min, e.max] for identifier, e in self.register.items()}
        return f"{self.overrides.name or 'own-assumptions'}@{digest(state)}"

    def _evaluate(self, key):
        if key not in self._evaluated:
            declared = results.find(key)
            with evidence.recording() as inputs:
                number = float(declared.function(assumptions.Values(self.values)))
            self._evaluated[key] = (number, inputs)
        return self._evaluated[key]

    def value(self, key):
        """Return a result as a float, in the unit it declares."""
        number, inputs = self._evaluate(key)
        evidence.note_inputs(inputs)
        return number

    def assumption(self, identifier):
        """Return the value an assumption has in this report."""
        return getattr(assumptions.Values(self.values), identifier)

    def inputs(self, key):
        """Return the `reporting.inputs.evidence.Inputs` under a result."""
        return self._evaluate(key)[1]

    def with_range(self, names):
        """Return those of some assumptions that are not certain in this report, sorted."""
        return sorted(name for name in names if self.register[name].low < self.register[name].high)

    def moved(self, key):
        """Return the assumptions under a result that have a range, sorted."""
        return self.with_range(self.inputs(key).assumptions)

    def sources(self, key):
        """Return ``(source, grade)`` of every assumption and fact under a result, sorted, each once."""
        return sources_of(self.inputs(key))

    def grade(self, key):
        """Return the weakest evidence grade among the inputs of a result."""
        return evidence.weakest(grade for _, grade in self.sources(key))

    def interval(self, key):
        """Return the 10th and 90th percentile of a result, over the ranges of its assumptions.

        An assumption that was replaced by a number counts as certain.
        """
        if key not in self._intervals:
            self._intervals[key] = uncertainty.interval(self, key)
        evidence.note_inputs(self.inputs_with_ranges(key))  # after the draws, which note arrays
        return self._intervals[key]

    def inputs_with_ranges(self, key):
        """Return the `reporting.inputs.evidence.Inputs` under a result and its range."""
        inputs = self.inputs(key)
        ranges = {name: [self.register[name].low, self.register[name].high] for name in self.moved(key)}
        return evidence.Inputs(inputs.assumptions, inputs.facts, ranges)

    def text(self, key, style="", digits=None):
        """Write a result for a sentence.

        Parameters
        ----------
        key : str
        style : {"", "range"}
            The value, or its 80% range.
        digits : int, optional
            Significant digits; the result's own otherwise.
        """
        declared = results.find(key)
        if style == "range":
            return wording.span(*self.interval(key), declared.unit, digits or 2)
        return wording.quantity(self.value(key), declared.unit, digits or declared.digits)


def sources_of(inputs):
    """Return ``(source, grade)`` of every recorded assumption and fact, sorted, each once."""
    register = assumptions.register()
    pairs = {(register[identifier].source, register[identifier].grade) for identifier in inputs.assumptions}
    pairs |= {(fact["source"], fact["grade"]) for fact in inputs.facts.values()}
    return sorted(pairs)


def by_weight(inputs):
    """Return the sources of the recorded inputs: first the one that most of them rest on, those alike by name."""
    register = assumptions.register()
    weights = Counter(register[identifier].source for identifier in inputs.assumptions)
    weights.update(fact["source"] for fact in inputs.facts.values())
    return sorted(weights, key=lambda source: (-weights[source], evidence.short_citation(source).lower()))


def fingerprint(inputs, data, scheme=SCHEME):
    """Return six hexadecimal digits over some data and the inputs under it.

    Parameters
    ----------
    inputs : reporting.inputs.evidence.Inputs
    data : object
        Whatever was drawn or stated; must be JSON-serialisable.
    scheme : int
        What of the inputs counts; see `identity`.

    Notes
    -----
    Of a fact or an assumption only what it says counts, not why: a reworded note or reason changes no fingerprint.
    """
    return digest({"data": data, **identity(inputs, scheme)})


def identity(inputs, scheme=SCHEME):
    """Return the inputs as far as they count for a fingerprint: assumptions, facts and, if any were used, ranges.

    Parameters
    ----------
    inputs : reporting.inputs.evidence.Inputs
    scheme : int
        Scheme 1, of the release 0.1.0, took the bare value of an assumption and the bare ends of its range. Scheme 2
        takes its unit, date, source and grade as well, as for a fact, and of a range all that shapes the draws.

    Returns
    -------
    dict
        Kind of input to name to what counts; JSON-serialisable.
    """
    facts = {
        name: {column: cell for column, cell in fact.items() if column not in ("note", "accessed")}
        for name, fact in inputs.facts.items()
    }
    told, ranges = inputs.assumptions, inputs.ranges
    if scheme > 1:
        register = assumptions.register()
        told = {
            name: {"value": value, **{column: getattr(register[name], column) for column in _TOLD_OF_ASSUMPTIONS}}
            for name, value in told.items()
        }
        ranges = {name: _range(name, ends, ranges) for name, ends in ranges.items()}
    return {"assumptions": told, "facts": facts, **({"ranges": ranges} if ranges else {})}


def _range(name, ends, used):
    entry = assumptions.register()[name]
    together = {
        other: each.rank
        for each in assumptions.correlations()
        for mine, other in (each.pair, each.pair[::-1])
        if mine == name and other in used
    }
    shape = {"ends": ends, "distribution": entry.distribution, "allowed": [entry.min, entry.max]}
    return shape | ({"correlated with": together} if together else {})


def digest(content, digits=6):
    """Return hexadecimal digits over anything JSON-serialisable."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:digits]

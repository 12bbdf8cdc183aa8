"""The assumptions register: every scalar a reader may disagree with.

``data/assumptions.yml`` maps an id to a value with its 80% interval (``low``, ``high``), the
bounds of what is allowed at all (``min``, ``max``), a distribution, a source and a reason.
"""

import math
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from analysis.errors import InputError, shown, unknown
from reporting import DATA
from reporting.inputs import yaml_file
from reporting.inputs.evidence import note_assumption

REGISTER = DATA / "assumptions.yml"
CORRELATIONS = DATA / "correlations.yml"
UNITS = (
    "USD",
    "USD/GPU-hour",
    "USD/kWh",
    "USD/kW-month",
    "USD/GPU",
    "fraction",
    "fraction/year",
    "ratio",
    "year",
    "kW",
    "GPU-hour",
    "day",
    "microsecond",
    "token",
    "USD/million tokens",
    "USD/month",
    "count",
    "elasticity",
    "factor/year",
)


#: YAML reads 2025-01-31 as a date and 2025 as a number; both are dates to us.
Date = Annotated[str, BeforeValidator(str)]


class Assumption(BaseModel):
    """One entry of the register.

    ``low`` and ``high`` are the 10th and 90th percentile, ``value`` the median;
    `reporting.core.uncertainty.quantile` says how the rest of the distribution follows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    value: float
    low: float
    high: float
    min: float
    max: float
    distribution: Literal["normal", "lognormal", "logitnormal"]
    unit: Literal[UNITS]
    as_of: Date = Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")
    accessed: Date = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    source: str
    locator: str
    grade: Literal["primary", "secondary", "derived", "judgement"]
    reason: str

    @model_validator(mode="after")
    def _ordered(self):
        if not self.min <= self.low <= self.value <= self.high <= self.max:
            raise ValueError("needs min <= low <= value <= high <= max")
        if self.distribution == "lognormal" and self.min <= 0:
            raise ValueError("a lognormal needs min > 0")
        if self.distribution == "logitnormal" and not 0 < self.low <= self.high < 1:
            raise ValueError("a logitnormal needs 0 < low and high < 1")
        return self


class Overrides(dict):
    """New values by assumption id, with the name of the scenario they make.

    A value is a number, which counts as certain, or a mapping of ``low``, ``value`` and ``high``, which
    replaces the range as well.

    Attributes
    ----------
    name : str
        Empty if nobody named them.
    """

    def __init__(self, values=(), name=""):
        super().__init__(values)
        self.name = name

    def __repr__(self):
        return f"Overrides({dict(self)!r}, name={self.name!r})"


class Values:
    """Assumption values as a result reads them: ``a.gpu_hour_usd``.

    A value is a float (the report), an array (draws) or a symbol (a live figure). Every read is noted,
    so that a result knows which assumptions are under it.
    """

    def __init__(self, values):
        self._values = values

    def __getattr__(self, identifier):
        try:
            value = self._values[identifier]
        except KeyError:
            raise unknown("assumption", identifier, self._values, "data/assumptions.yml") from None
        note_assumption(identifier, value)
        return value


def read(path):
    """Read and validate an assumptions file.

    Parameters
    ----------
    path : pathlib.Path
        A YAML mapping from id to `Assumption`.

    Returns
    -------
    dict of str to Assumption

    Raises
    ------
    InputError
        If the file is missing, is not YAML, repeats an id, or an entry breaks the rules of
        `Assumption`. Names file, line, id and field.
    """
    where = yaml_file.place(path)
    raw = yaml_file.load(path, where)
    if not isinstance(raw, dict):
        raise InputError(f"{where}: must be a mapping from id to assumption")
    register = {}
    for identifier, entry in raw.items():
        at = f"{where}, line {yaml_file.line_of(raw, identifier)}: assumption '{identifier}'"
        if not (isinstance(identifier, str) and identifier.isidentifier() and identifier == identifier.lower()):
            raise InputError(f"{at}: an id is lower-case letters, digits and underscores")
        if not isinstance(entry, dict):
            raise InputError(f"{at}: must be a mapping of fields")
        try:
            register[identifier] = Assumption.model_validate(entry)
        except ValidationError as error:
            raise InputError(f"{at}: {yaml_file.first_problem(error)}") from None
    return register


class Correlation(BaseModel):
    """Two assumptions that are not drawn independently, with their rank correlation and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pair: tuple[str, str]
    rank: float = Field(gt=-1, lt=1)
    source: str
    locator: str
    grade: Literal["primary", "secondary", "derived", "judgement"]
    reason: str


def read_correlations(path, known):
    """Read and validate the correlations between assumptions.

    Parameters
    ----------
    path : pathlib.Path
        A YAML list of `Correlation`.
    known : collection of str
        Assumption ids.

    Returns
    -------
    list of Correlation

    Raises
    ------
    InputError
        If an entry is malformed, names an unknown assumption or repeats a pair, or no distribution has them all.
    """
    where = yaml_file.place(path)
    entries = yaml_file.load(path, where) or []
    if not isinstance(entries, list):
        raise InputError(f"{where}: must be a list of pairs with their rank correlations")
    read, pairs = [], set()
    for number, entry in enumerate(entries, start=1):
        at = f"{where}, entry {number}"
        try:
            read.append(Correlation.model_validate(entry))
        except ValidationError as error:
            raise InputError(f"{at}: {yaml_file.first_problem(error)}") from None
        pair = frozenset(read[-1].pair)
        for identifier in pair:
            if identifier not in known:
                raise InputError(f"{at}: {unknown('assumption', identifier, known, 'data/assumptions.yml')}")
        if len(pair) < 2 or pair in pairs:
            raise InputError(f"{at}: a pair is two assumptions and stands once")
        pairs.add(pair)
    _groups_of(read, where)
    return read


@cache
def correlations():
    """Return the project's correlations between assumptions."""
    return read_correlations(CORRELATIONS, register())


def correlated_with(identifier):
    """Return the assumptions that an assumption is drawn with, and how.

    Returns
    -------
    (tuple of str, numpy.ndarray)
        The names of its group; and the matrix that turns their independent normal scores into correlated ones, a row
        for each of them.
    """
    return _groups().get(identifier) or ((identifier,), None)


@cache
def _groups():
    return _groups_of(correlations(), "data/correlations.yml")


def _groups_of(pairs, where):
    import numpy as np

    groups = {}
    for each in pairs:
        together = sorted(set().union(*(groups.get(name, {name}) for name in each.pair)))
        groups |= dict.fromkeys(together, frozenset(together))
    drawn = {}
    for group in set(groups.values()):
        names = tuple(sorted(group))
        scores = np.eye(len(names))
        for each in pairs:
            if each.pair[0] in group:
                i, j = (names.index(name) for name in each.pair)
                scores[i, j] = scores[j, i] = 2 * np.sin(np.pi * each.rank / 6)
        try:
            weights = np.linalg.cholesky(scores)
        except np.linalg.LinAlgError:
            raise InputError(f"{where}: no distribution has all the correlations of {', '.join(names)}") from None
        drawn |= dict.fromkeys(names, (names, weights))
    return drawn


@cache
def register():
    """Return the project's register: a mapping from id to `Assumption`."""
    return read(REGISTER)


def check(identifier, value):
    """Return `value` as a float if the register allows it for this assumption.

    Raises
    ------
    InputError
        If the id is unknown, the value is not a finite number, or lies outside [min, max].
    """
    known = register()
    if identifier not in known:
        raise unknown("assumption", identifier, known, "data/assumptions.yml")
    entry = known[identifier]
    allowed = f"data/assumptions.yml allows {entry.min:g} to {entry.max:g} {entry.unit}"
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InputError(f"assumption '{identifier}': '{shown(value)}' is not a number; {allowed}") from None
    except OverflowError:
        number = math.inf  # an integer beyond every float
    if isinstance(value, bool) or not math.isfinite(number):
        raise InputError(f"assumption '{identifier}': '{shown(value)}' is not a finite number; {allowed}")
    if not entry.min <= number <= entry.max:
        raise InputError(f"assumption '{identifier}': {number:g} is out of range; {allowed}")
    return number


def check_override(identifier, given):
    """Return a number, or a mapping of low, value and high, as floats if the register allows it.

    Raises
    ------
    InputError
        As for `check`; also if a mapping has other names, is not in order, or breaks the distribution's rules.
    """
    if not isinstance(given, Mapping):
        return check(identifier, given)
    entry = register().get(identifier)
    if entry is None:
        raise unknown("assumption", identifier, register(), "data/assumptions.yml")
    names = ("low", "value", "high")
    if set(given) != set(names):
        has = shown(", ".join(map(shown, given)))
        raise InputError(f"assumption '{identifier}': a range has exactly low, value and high, not {has}")
    numbers = {name: check(identifier, given[name]) for name in names}
    try:
        Assumption(**entry.model_dump() | numbers)
    except ValidationError as error:
        bounds = f"data/assumptions.yml allows {entry.min:g} to {entry.max:g} {entry.unit}"
        raise InputError(f"assumption '{identifier}': {yaml_file.first_problem(error)}; {bounds}") from None
    return numbers


def check_overrides(overrides):
    """Return overrides as `Overrides` of floats and ranges that the register allows.

    Raises
    ------
    InputError
        If they are no mapping, or as for `check_override`.
    """
    if overrides is not None and not isinstance(overrides, Mapping):
        raise InputError(_no_mapping(overrides))
    checked = {identifier: check_override(identifier, given) for identifier, given in (overrides or {}).items()}
    return Overrides(checked, getattr(overrides, "name", ""))


def _no_mapping(given):
    """Say what would be right in place of overrides that are none; a text is what papermill's -p hands over."""
    told = f"overrides are a mapping from assumption id to value, such as {{'gpu_hour_usd': 3}}, not '{shown(given)}'"
    if isinstance(given, str) and ":" in given:
        inner = given.strip().removeprefix("{").removesuffix("}").strip().replace('"', "").replace("'", "")
        told += f'; that is a text: pass a mapping, with papermill -y "overrides: {{{shown(inner)}}}"'
    return told


def register_under(overrides=None):
    """Return the register with some entries replaced: a number has no range, low, value and high are one.

    Parameters
    ----------
    overrides : mapping of str to float or mapping, optional
        See `Overrides`.

    Returns
    -------
    dict of str to Assumption
    """
    replaced = dict(register())
    for identifier, given in check_overrides(overrides).items():
        numbers = given if isinstance(given, dict) else dict.fromkeys(("low", "value", "high"), given)
        replaced[identifier] = replaced[identifier].model_copy(update=numbers)
    return replaced


def values(overrides=None):
    """Return every assumption's value, some of them replaced: a dict of str to float."""
    return {identifier: entry.value for identifier, entry in register_under(overrides).items()}


def parse_settings(settings):
    """Turn ``["gpu_hour_usd=3", ...]`` into overrides.

    Raises
    ------
    InputError
        If an item is not ``ID=VALUE``, an id comes twice, or the register refuses the value.
    """
    overrides = {}
    for setting in settings:
        identifier, equals, value = setting.partition("=")
        identifier = identifier.strip()
        if not equals or not identifier:
            raise InputError(f"--set '{setting}': write ID=VALUE, for example --set gpu_hour_usd=3")
        if identifier in overrides:
            raise InputError(f"--set '{setting}': '{identifier}' is set twice")
        overrides[identifier] = check(identifier, value.strip())
    return overrides

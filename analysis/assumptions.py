"""The assumptions register: every scalar a reader may disagree with.

``data/assumptions.yml`` maps an id to a value with its 80% interval (``low``, ``high``), the
bounds of what is allowed at all (``min``, ``max``), a distribution, a source and a reason.
"""

import math
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from analysis import DATA
from analysis.errors import InputError, unknown
from analysis.evidence import note_assumption

REGISTER = DATA / "assumptions.yml"
UNITS = (
    "USD", "USD/GPU-hour", "USD/kWh", "USD/kW-month", "USD/GPU",
    "fraction", "fraction/year", "ratio", "year", "kW", "GPU-hour", "day", "microsecond", "token",
    "USD/million tokens", "USD/month", "count", "elasticity", "factor/year",
)  # fmt: skip


#: YAML reads 2025-01-31 as a date and 2025 as a number; both are dates to us.
Date = Annotated[str, BeforeValidator(str)]


class Assumption(BaseModel):
    """One entry of the register.

    ``low`` and ``high`` are the 10th and 90th percentile, ``value`` the median;
    `analysis.uncertainty.quantile` says how the rest of the distribution follows.
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
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    where = f"{path.parent.name}/{path.name}"
    try:
        raw = YAML(typ="rt").load(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{where}: cannot be read ({error.strerror})") from error
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        problem = " ".join(str(error.problem).split())
        raise InputError(f"{where}{line}: not valid YAML ({problem})") from error
    if not isinstance(raw, dict):
        raise InputError(f"{where}: must be a mapping from id to assumption")
    register = {}
    for identifier, entry in raw.items():
        at = f"{where}, line {raw.lc.key(identifier)[0] + 1}: assumption '{identifier}'"
        if not str(identifier).isidentifier() or identifier != identifier.lower():
            raise InputError(f"{at}: an id is lower-case letters, digits and underscores")
        if not isinstance(entry, dict):
            raise InputError(f"{at}: must be a mapping of fields")
        try:
            register[identifier] = Assumption(**entry)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            message = first["msg"].removeprefix("Value error, ")
            raise InputError(f"{at}: {f'field {place}: ' if place else ''}{message}") from None
    return register


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
        raise InputError(f"assumption '{identifier}': '{value}' is not a number; {allowed}") from None
    if isinstance(value, bool) or not math.isfinite(number):
        raise InputError(f"assumption '{identifier}': '{value}' is not a finite number; {allowed}")
    if not entry.min <= number <= entry.max:
        raise InputError(f"assumption '{identifier}': {number:g} is out of range; {allowed}")
    return number


def values(overrides=None):
    """Return every assumption's value, some of them replaced.

    Parameters
    ----------
    overrides : mapping of str to float, optional
        New values by assumption id.

    Returns
    -------
    dict of str to float
    """
    replaced = {identifier: check(identifier, value) for identifier, value in (overrides or {}).items()}
    return {identifier: entry.value for identifier, entry in register().items()} | replaced


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

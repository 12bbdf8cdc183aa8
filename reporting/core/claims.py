"""The essay's claims and the rules that turn results into verdicts.

``data/claims.yml`` maps a claim's id to its sentence, the number the essay gives, and two judgements:
``then`` (what could be known at the end of January 2025) and ``now``. A judgement lists rules, read from
the top: the first whose predicate holds gives the verdict.
"""

from functools import cache
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.errors import InputError, unknown
from reporting import DATA
from reporting.core import statements
from reporting.inputs import yaml_file

#: Verdict to what it means.
VERDICTS = {
    "supported": "The evidence agrees with the claim, within the precision it was made with.",
    "partly": "Part of the claim holds and part does not; the sentence below says which.",
    "misleading": "The number or fact exists, but it does not mean what the claim takes it to mean.",
    "wrong": "The evidence contradicts the claim.",
    "not decidable": "No public document settles it, and the range of what is possible spans yes and no.",
}
CLAIMS = DATA / "claims.yml"


class Rule(BaseModel):
    """A verdict and the predicate that gives it (`reporting.core.statements`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Literal[tuple(VERDICTS)]
    when: str


class Judgement(BaseModel):
    """The rules, the verdict they gave when last reviewed, and one sentence why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Literal[tuple(VERDICTS)]
    rules: list[Rule] = Field(min_length=1)
    because: str


class Origin(BaseModel):
    """Where an error of the essay comes from, as far as it can be traced; ``source`` is a bibliography key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    source: str


class Claim(BaseModel):
    """One claim of the essay.

    Attributes
    ----------
    essay : str
        The number or assertion the essay gives, in words; may hold ``{fact.…}``.
    results : list of str
        The results the verdict rests on; the first is the number to set against the essay's.
    figure : str
        The figure that shows it best.
    origin : Origin
        Only where the essay is not right and the error can be traced.
    then, now : Judgement
        ``then`` only where it differs from ``now``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    chapter: str
    claim: str
    essay: str
    results: list[str] = Field(min_length=1)
    figure: str | None = None
    origin: Origin | None = None
    then: Judgement | None = None
    now: Judgement


@cache
def claims():
    """Return the claims, a mapping from id (``"C12"``) to `Claim`.

    Raises
    ------
    InputError
        If ``data/claims.yml`` is malformed; names the claim and the field.
    """
    return read(CLAIMS)


def read(path):
    """Read and validate a claims file; see `claims`."""
    where = yaml_file.place(path)
    raw = yaml_file.load(path, where)
    if not isinstance(raw, dict):
        raise InputError(f"{where}: must be a mapping from id to claim")
    found = {}
    for identifier, entry in raw.items():
        at = f"{where}, line {yaml_file.line_of(raw, identifier)}: claim {identifier}"
        if not isinstance(identifier, str):
            raise InputError(f"{at}: an id is a text such as C12")
        try:
            found[identifier] = Claim.model_validate(entry)
        except ValidationError as error:
            raise InputError(f"{at}, {yaml_file.first_problem(error)}") from None
    return found


def find(identifier):
    """Return one claim; an unknown id is an `InputError` that names the nearest."""
    known = claims()
    if identifier not in known:
        raise unknown("claim", identifier, known, "data/claims.yml")
    return known[identifier]


def verdict(judgement, report):
    """Return the verdict the rules give under a report.

    Raises
    ------
    InputError
        If no rule holds.
    """
    for rule in judgement.rules:
        if statements.holds(rule.when, report):
            return rule.verdict
    raise _none_holds(judgement)


def verdicts(judgement, draws):
    """Return the verdict in each of many draws.

    Parameters
    ----------
    judgement : Judgement
    draws : reporting.core.robustness.Draws

    Returns
    -------
    numpy.ndarray
        Words, shape (draws.size,).
    """
    given = np.full(draws.size, "", dtype=object)
    for rule in reversed(judgement.rules):
        given[statements.holds_each(rule.when, draws)] = rule.verdict
    if (given == "").any():
        raise _none_holds(judgement)
    return given


def _none_holds(judgement):
    return InputError(f"data/claims.yml: no rule holds for '{judgement.because}'; end with 'when: True'")

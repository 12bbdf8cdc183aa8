"""The essay's claims, cut into parts, and the rules that judge each part.

``data/claims/`` has a file a chapter: a claim's id to its sentence, its weight and its parts. A part says one thing. It
is asked two questions, ``then`` (what could be known at the end of January 2025) and ``now``:

so
    Is it so? One of `SO`.
bears
    Does it bear what the essay puts on it? One of `BEARS`.

Each answer comes from rules, read from the top: the first whose predicate holds gives it. The two answers give one word
(`verdict_of`).
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.json_schema import SkipJsonSchema

from analysis.errors import InputError, unknown
from reporting import DATA
from reporting.core import statements
from reporting.inputs import freshness, yaml_file

#: Verdict to what it means, from the kindest to the harshest.
VERDICTS = {
    "supported": "It is so, and it bears what the essay puts on it.",
    "open": "Evidence could decide it and does not yet, or it hangs on how a vague word is read.",
    "not decidable": "Nobody outside can know it.",
    "misleading": "The number or fact exists, and is true of something else, or does not bear the conclusion.",
    "wrong": "It is not so.",
}
#: Answer to "is it so?", and what it means.
SO = {
    "yes": "It is so.",
    "of something else": "It is true of another thing, which the reason names.",
    "no": "It is not so.",
    "not shown": "Evidence could decide it and does not yet.",
    "unknowable": "Nobody outside can know it.",
}
#: Answer to "does it bear what the essay puts on it?", and what it means.
BEARS = {
    "yes": "The essay's conclusion follows from it.",
    "no": "The conclusion does not follow from it.",
    "not yet": "It may come to follow, and what has happened so far does not show it.",
    "unknowable": "Whether it follows nobody outside can know.",
    "none": "The essay draws nothing from it.",
}
#: Whether the condition of a conditional has come.
CONDITION = ("yes", "no", "not shown")
KINDS = {
    "fact": "Something is so.",
    "speech": "Somebody said something.",
    "cause": "One thing brought about another.",
    "conditional": "If one thing comes, another follows.",
    "forecast": "Something will be so.",
}
#: What hangs on a part.
WEIGHTS = {
    "money": "Somebody invests, buys or prices by it.",
    "policy": "A rule or its enforcement is argued from it.",
    "engineering": "Somebody builds by it.",
    "colour": "It tells the story, and nothing is decided by it.",
}
FOLDER = DATA / "claims"

_BY_SO = {"no": "wrong", "of something else": "misleading", "unknowable": "not decidable", "not shown": "open"}
_BY_BEARS = {
    "no": "misleading",
    "not yet": "open",
    "unknowable": "not decidable",
    "yes": "supported",
    "none": "supported",
}
_LIMIT = re.compile(r"\blimit\.(\w+)")
_STRICT = ConfigDict(frozen=True, extra="forbid")

So = Literal[tuple(SO)]
Bears = Literal[tuple(BEARS)]
Verdict = Literal[tuple(VERDICTS)]


def verdict_of(so, bears):
    """Return the one word for the two answers, by the first that matches.

    Parameters
    ----------
    so : str
        One of `SO`.
    bears : str
        One of `BEARS`; it decides where `so` is ``"yes"``.
    """
    return _BY_SO.get(so) or _BY_BEARS[bears]


class SoRule(BaseModel):
    """An answer to "is it so?" and the predicate that gives it (`reporting.core.statements`)."""

    model_config = _STRICT

    word: So
    when: str


class BearsRule(BaseModel):
    """An answer to "does it bear?" and the predicate that gives it."""

    model_config = _STRICT

    word: Bears
    when: str


class ConditionRule(BaseModel):
    """An answer to "has the condition come?" and the predicate that gives it."""

    model_config = _STRICT

    word: Literal[CONDITION]
    when: str


class Reading(BaseModel):
    """One way to read a vague word, and the rules under that reading."""

    model_config = _STRICT

    means: str
    so: list[SoRule] = Field(min_length=1)


class Limit(BaseModel):
    """A threshold that the claim does not state: ours, with a stricter and a looser one beside it.

    In a rule it is ``limit.NAME``.
    """

    model_config = _STRICT

    value: float
    stricter: float
    looser: float
    because: str

    @model_validator(mode="after")
    def _between(self) -> Self:
        if not (self.stricter < self.value < self.looser or self.looser < self.value < self.stricter):
            raise ValueError("the value of a limit lies between its stricter and its looser one")
        return self


class Judgement(BaseModel):
    """The rules for both answers, the word they gave when last reviewed, and why.

    Attributes
    ----------
    so : list of SoRule
        Empty where the part hangs on a vague word; then there are two `readings`, and where they differ the answer is
        ``"not shown"``.
    bears : list of BearsRule
        Empty if the essay draws nothing from the part.
    condition : list of ConditionRule
        Of a conditional: whether its condition has come.
    """

    model_config = _STRICT

    verdict: Verdict
    so: list[SoRule] = []
    readings: list[Reading] = []
    bears: list[BearsRule] = []
    condition: list[ConditionRule] = []
    because: str

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.so) == bool(self.readings) or len(self.readings) not in (0, 2):
            raise ValueError("a judgement has either rules for 'so' or two readings")
        return self

    def rules(self):
        """Return all rules, in the order of the file."""
        under = [rule for reading in self.readings for rule in reading.so]
        return [*self.so, *under, *self.bears, *self.condition]


class Forecast(BaseModel):
    """When a forecast is due, and what shows before that day that it is on course."""

    model_config = _STRICT

    horizon: date
    because: str
    path: str


class Part(BaseModel):
    """One thing that a claim says.

    Attributes
    ----------
    question : str
        The fact it turns on. Parts that turn on the same one name it in the same words, and have the same `so`.
    carries : str
        What the essay puts on it; absent if nothing.
    weight : str
        Where it differs from the claim's.
    results : list of str
        The results the verdict rests on; the first is the number to set against the essay's.
    falsified_by : str
        The observation that would make the part false. The rules are that observation.
    limits : dict of str to Limit
    now, then : Judgement
        ``then`` only where the word differs from ``now``'s.
    harsher, kinder : str
        The best argument for the next harsher and the next kinder word; absent at the end of the scale.
    """

    model_config = _STRICT

    text: str
    kind: Literal[tuple(KINDS)]
    question: str
    carries: str | None = None
    weight: Literal[tuple(WEIGHTS)] | None = None
    results: list[str] = Field(min_length=1)
    forecast: Forecast | None = None
    falsified_by: str
    limits: dict[str, Limit] = {}
    now: Judgement
    then: Judgement | None = None
    harsher: str | None = None
    kinder: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.kind == "forecast") != (self.forecast is not None):
            raise ValueError("a forecast, and nothing else, says when it is due")
        judgements = [each for each in (self.now, self.then) if each]
        if any((self.kind == "conditional") != bool(each.condition) for each in judgements):
            raise ValueError("a conditional, and nothing else, says whether its condition has come")
        if any(bool(each.bears) != (self.carries is not None) for each in judgements):
            raise ValueError("'carries' says what the essay puts on a part, and 'bears' judges it: both or neither")
        used = {name for each in judgements for rule in each.rules() for name in _LIMIT.findall(rule.when)}
        if used != set(self.limits):
            odd = ", ".join(sorted(used ^ set(self.limits)))
            raise ValueError(f"limits that only the rules or only 'limits' have: {odd}")
        return self

    def texts(self):
        """Return what is said of the part in sentences, as written."""
        reasons = [judgement.because for judgement in (self.now, self.then) if judgement]
        return [self.text, self.falsified_by, *reasons, *(text for text in (self.harsher, self.kinder) if text)]

    def due(self):
        """Say whether a forecast's day had come at this edition."""
        return self.forecast is not None and self.forecast.horizon <= freshness.edition().date()


class Origin(BaseModel):
    """Where an error of the essay comes from, as far as it can be traced; ``source`` is a bibliography key."""

    model_config = _STRICT

    text: str
    source: str


class Claim(BaseModel):
    """One claim of the essay.

    Attributes
    ----------
    chapter : str
        The page that settles it; the name of the file it stands in.
    essay : str
        The number or assertion the essay gives, in words; may hold ``{fact.…}``.
    weight, weighs : str
        What hangs on it for a decision, one of `WEIGHTS`, and why.
    figure : str
        The figure that shows it best.
    origin : Origin
        Only where the essay is not right and the error can be traced.
    parts : dict of str to Part
        By letter, from ``a``.
    """

    model_config = _STRICT

    chapter: SkipJsonSchema[str]
    claim: str
    essay: str
    weight: Literal[tuple(WEIGHTS)]
    weighs: str
    figure: str | None = None
    origin: Origin | None = None
    parts: dict[str, Part] = Field(min_length=1)

    @model_validator(mode="after")
    def _lettered(self) -> Self:
        if list(self.parts) != [chr(ord("a") + i) for i in range(len(self.parts))]:
            raise ValueError("parts are lettered a, b, c, in this order")
        return self


@dataclass(frozen=True)
class Found:
    """What the rules of a judgement give; words, or arrays of words over many draws.

    Attributes
    ----------
    readings : list of str
        The answer under each reading, if the part has two.
    condition : str
        Of a conditional; otherwise None.
    """

    so: str
    bears: str
    verdict: str
    readings: list
    condition: str | None


@cache
def claims():
    """Return the claims, a mapping from id (``"C12"``) to `Claim`, in order of their ids.

    Raises
    ------
    InputError
        If a file of ``data/claims/`` is malformed, or two have the same claim; names the claim and the field.
    """
    found = {}
    for path in sorted(FOLDER.glob("*.yml")):
        for identifier, claim in read(path).items():
            if identifier in found:
                raise InputError(f"data/claims: {identifier} stands in {found[identifier].chapter} and {path.stem}")
            found[identifier] = claim
    return dict(sorted(found.items()))


def read(path):
    """Read and validate the claims of one chapter; see `claims`."""
    where = yaml_file.place(path)
    raw = yaml_file.load(path, where)
    if not isinstance(raw, dict):
        raise InputError(f"{where}: must be a mapping from id to claim")
    found = {}
    for identifier, entry in raw.items():
        at = f"{where}, line {yaml_file.line_of(raw, identifier)}: claim {identifier}"
        if not isinstance(identifier, str):
            raise InputError(f"{at}: an id is a text such as C12")
        if not isinstance(entry, dict):
            raise InputError(f"{at}: must be a mapping from field to value")
        try:
            found[identifier] = Claim.model_validate({**entry, "chapter": path.stem})
        except ValidationError as error:
            raise InputError(f"{at}, {yaml_file.first_problem(error)}") from None
    return found


def find(identifier):
    """Return one claim; an unknown id is an `InputError` that names the nearest."""
    known = claims()
    if identifier not in known:
        raise unknown("claim", identifier, known, "data/claims")
    return known[identifier]


def parts():
    """Return every part, a mapping from id (``"C12a"``) to ``(claim id, Part)``, in order."""
    return {
        f"{identifier}{letter}": (identifier, part)
        for identifier, claim in claims().items()
        for letter, part in claim.parts.items()
    }


def part(identifier):
    """Return one part by its id, such as ``"C12a"``."""
    known = parts()
    if identifier not in known:
        raise unknown("part of a claim", identifier, known, "data/claims")
    return known[identifier][1]


def claim_of(name):
    """Return the id of the claim that a name is, or is a part of: ``"C12"`` for ``"C12"`` and for ``"C12a"``."""
    known = {
        **{identifier: identifier for identifier in claims()},
        **{each: claim for each, (claim, _) in parts().items()},
    }
    if name not in known:
        raise unknown("claim or part", name, known, "data/claims")
    return known[name]


def weight(identifier):
    """Return what hangs on a part: its own weight, or else its claim's."""
    claim, found = parts()[identifier]
    return found.weight or claims()[claim].weight


def predicate(rule, part, side="value"):
    """Return the predicate of a rule with its limits written out.

    Parameters
    ----------
    rule : SoRule, BearsRule or ConditionRule
    part : Part
        Whose limits the rule names.
    side : {"value", "stricter", "looser"}
    """
    return _LIMIT.sub(lambda match: repr(getattr(part.limits[match[1]], side)), rule.when)


def judge(part, report, when="now", side="value"):
    """Return what the rules of a part give under a report.

    Parameters
    ----------
    part : Part
    report : reporting.core.report.Report
    when : {"now", "then"}
    side : {"value", "stricter", "looser"}
        Which of the limits apply.

    Returns
    -------
    Found

    Raises
    ------
    InputError
        If no rule for an answer holds.
    """
    judgement = _judgement(part, when)

    def first(rules):
        for rule in rules:
            if statements.holds(predicate(rule, part, side), report):
                return rule.word
        raise _none_holds(part)

    readings = [first(reading.so) for reading in judgement.readings]
    so = first(judgement.so) if judgement.so else readings[0] if len(set(readings)) == 1 else "not shown"
    bears = first(judgement.bears) if judgement.bears else "none"
    condition = first(judgement.condition) if judgement.condition else None
    return Found(so, bears, verdict_of(so, bears), readings, condition)


def verdict(identifier, report, when="now"):
    """Return the word on a part under a report; `identifier` is such as ``"C12a"``."""
    return judge(part(identifier), report, when).verdict


def verdicts(part, draws, when="now"):
    """Return the word on a part in each of many draws.

    Parameters
    ----------
    part : Part
    draws : reporting.core.robustness.Draws

    Returns
    -------
    numpy.ndarray
        Words, shape (draws.size,).
    """
    judgement = _judgement(part, when)

    def first(rules):
        given = np.full(draws.size, "", dtype=object)
        for rule in reversed(rules):
            given[statements.holds_each(predicate(rule, part), draws)] = rule.word
        if (given == "").any():
            raise _none_holds(part)
        return given

    if judgement.so:
        so = first(judgement.so)
    else:
        one, other = (first(reading.so) for reading in judgement.readings)
        so = np.where(one == other, one, "not shown")
    bears = first(judgement.bears) if judgement.bears else np.full(draws.size, "none", dtype=object)
    return np.array([verdict_of(*answers) for answers in zip(so, bears, strict=True)], dtype=object)


def _judgement(part, when):
    return part.then if when == "then" and part.then else part.now


def _none_holds(part):
    return InputError(f"data/claims: no rule holds for '{part.text}'; end each list of rules with 'when: \"True\"'")

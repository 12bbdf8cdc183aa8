"""The report as data for programs: JSON files beside the site, each with its JSON Schema."""

import json
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from reporting.core import claims as judged
from reporting.core import ledger
from reporting.core import results as declared
from reporting.inputs import assumptions as register
from reporting.inputs.evidence import GRADES
from reporting.publishing import citing, downloads

Grade = Literal[GRADES]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Feed(_Model):
    """What every feed begins with."""

    about: str = Field(alias="$schema", description="The JSON Schema of this file, relative to it.")
    version: str = Field(description="The release of the report.")
    released: str = Field(description="Its date.")
    scenario: str | None = Field(description="The scenario the report was computed under; null for the base.")


class ResultRow(_Model):
    """A number that the report states."""

    title: str
    value: float = Field(description="In `unit`, unrounded.")
    low: float | None = Field(description="10th percentile over the ranges of its assumptions; null without any.")
    high: float | None = Field(description="90th percentile.")
    unit: str
    kind: Literal[declared.KINDS]
    grade: Grade = Field(description="Grade of the weakest evidence among its inputs.")
    fingerprint: str = Field(pattern="^[0-9a-f]{6}$", description="Cite the number as KEY@FINGERPRINT.")
    address: str = Field(description="Its place in the site, from the root.")
    page: str = Field(description="The page with its citations, from the root.")
    assumptions: list[str] = Field(description="Ids, as in assumptions.json.")
    facts: list[str] = Field(description="As TABLE:ID; the tables are in data/ of the repository.")
    sources: list[str] = Field(description="Keys of the bibliography.")
    citation: str = Field(description="In plain text.")


class Results(Feed):
    """Every number, by key."""

    results: dict[str, ResultRow]


class FigureRow(_Model):
    """A figure."""

    key: str = Field(pattern="^fig-")
    title: str = Field(description="The finding.")
    holds: bool = Field(description="Whether the title is true under the scenario.")
    subtitle: str
    caption: str
    alt: str = Field(description="What a reader who cannot see it must know.")
    unit: str
    fingerprint: str = Field(pattern="^[0-9a-f]{6}$", description="Cite the figure as KEY@FINGERPRINT.")
    address: str
    assumptions: list[str]
    facts: list[str]
    sources: list[str]
    citation: str
    files: dict[str, str] = Field(description="Kind (png, svg, pdf, csv, json, bib, csl.json) to path from the root.")


class Figures(Feed):
    """Every figure."""

    figures: list[FigureRow]


class AssumptionRow(_Model):
    """An assumption: the register's entry as this report has it."""

    title: str
    value: float
    low: float = Field(description="10th percentile; equal to `value` where a scenario takes it as certain.")
    high: float = Field(description="90th percentile.")
    min: float = Field(description="The least that is allowed.")
    max: float = Field(description="The most that is allowed.")
    distribution: str
    unit: str
    as_of: str
    accessed: str
    source: str = Field(description="Key of the bibliography.")
    locator: str
    grade: Grade
    reason: str
    base: float = Field(description="Its value without a scenario.")


class Assumptions(Feed):
    """Every assumption, by id."""

    assumptions: dict[str, AssumptionRow]


class Headline(_Model):
    result: str
    title: str
    value: float
    low: float | None
    high: float | None
    unit: str


class Flip(_Model):
    """The nearest value of one assumption at which the verdict is another."""

    assumption: str
    side: str
    value: float
    verdict: str
    likely: bool = Field(description="Whether it lies inside the assumption's 80% interval.")


class Origin(_Model):
    text: str
    source: str


class RuleRow(_Model):
    """An answer, and the predicate over results, facts and assumptions that gives it."""

    word: str
    when: str


class ReadingRow(_Model):
    means: str
    so: judged.So


class LimitRow(_Model):
    """A threshold that the claim does not state, with a stricter and a looser one."""

    value: float
    stricter: float
    looser: float
    because: str


class ForecastRow(_Model):
    horizon: date
    because: str
    path: str = Field(description="What shows before the horizon that the forecast is on course.")
    due: bool = Field(description="Whether the horizon had come at this edition.")


class Weakest(_Model):
    """The input under the rules that has the weakest evidence."""

    space: str = Field(description="`assume`, or a table of facts.")
    id: str
    title: str
    source: str
    grade: Grade


class Then(_Model):
    """The judgement by what could be known at the end of January 2025."""

    so: judged.So
    bears: judged.Bears
    verdict: judged.Verdict
    condition: str | None
    because: str
    rule: dict[str, list[RuleRow]]


class PartRow(_Model):
    """One thing that a claim says, judged."""

    id: str = Field(pattern=r"^C\d\d[a-z]$")
    text: str
    kind: Literal[tuple(judged.KINDS)]
    question: str = Field(description="The fact it turns on; parts with the same question have the same `so`.")
    weight: Literal[tuple(judged.WEIGHTS)] = Field(description="What hangs on it for a decision.")
    carries: str | None = Field(description="What the essay puts on it.")
    so: judged.So
    bears: judged.Bears
    verdict: judged.Verdict
    condition: str | None = Field(description="Of a conditional: whether its condition has come.")
    because: str
    falsified_by: str
    rule: dict[str, list[RuleRow]] = Field(description="By answer; the first that holds gives it.")
    readings: list[ReadingRow] = Field(description="Two, where it hangs on a vague word.")
    limits: dict[str, LimitRow]
    stricter: judged.Verdict | None = Field(description="The word under the stricter limits.")
    looser: judged.Verdict | None
    forecast: ForecastRow | None
    harsher: str | None = Field(description="The best argument for the next harsher word.")
    kinder: str | None
    headline: Headline
    results: dict[str, float]
    flips: list[Flip]
    no_flips: str | None = Field(description="Why there are none.")
    robustness: float | Literal[ledger.ON_FACTS] = Field(description="Share of draws of all assumptions that keep it.")
    grade: Grade
    weakest: Weakest
    then: Then | None = Field(description="Where January 2025 could know less, so that the word was another.")


class ClaimRow(_Model):
    """A claim of the essay, in its parts."""

    id: str = Field(pattern=r"^C\d\d$")
    chapter: str
    claim: str
    essay: str = Field(description="What the essay says.")
    weight: Literal[tuple(judged.WEIGHTS)]
    weighs: str = Field(description="Why it has this weight.")
    origin: Origin | None
    figure: str | None
    parts: list[PartRow]


class Claims(Feed):
    """Every claim."""

    claims: list[ClaimRow]


#: File name to model.
FEEDS = {"results.json": Results, "figures.json": Figures, "claims.json": Claims, "assumptions.json": Assumptions}


def _schema_path(name):
    return f"schemas/{name.removesuffix('.json')}.schema.json"


def schemas():
    """Return the JSON Schema of every feed, as text by path from the root of the site."""
    found = {}
    for name, model in FEEDS.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
        found[_schema_path(name)] = json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
    return found


def _written(name, report, **content):
    head = {
        "$schema": _schema_path(name),
        "version": citing.edition().version,
        "released": citing.edition().released.isoformat(),
        "scenario": report.stamp or None,
    }
    checked = FEEDS[name].model_validate({**head, **content})
    return json.dumps(checked.model_dump(by_alias=True, mode="json"), indent=1, ensure_ascii=False) + "\n"


def results(report):
    """Return ``results.json``."""
    rows = {}
    for key, each in declared.registry().items():
        inputs, cited = report.inputs(key), citing.of_result(key, report)
        low, high = report.interval(key) if inputs.assumptions else (None, None)
        rows[key] = {
            "title": each.title,
            "value": report.value(key),
            "low": low,
            "high": high,
            "unit": each.unit,
            "kind": each.kind,
            "grade": report.grade(key),
            "fingerprint": cited.fingerprint,
            "address": cited.address,
            "page": f"results/{key}.html",
            "assumptions": sorted(inputs.assumptions),
            "facts": sorted(inputs.facts),
            "sources": list(cited.sources),
            "citation": citing.text(cited),
        }
    return _written("results.json", report, results=rows)


def figures(published, report):
    """Return ``figures.json``.

    Parameters
    ----------
    published : list of reporting.drawing.figures.Published
    report : reporting.core.report.Report
    """
    rows = []
    for figure in published:
        cited = citing.of_figure(figure, report)
        rows.append(
            {
                "key": figure.key,
                "title": figure.title,
                "holds": figure.true,
                "subtitle": figure.subtitle,
                "caption": figure.caption,
                "alt": figure.alt,
                "unit": figure.unit,
                "fingerprint": figure.fingerprint,
                "address": cited.address,
                "assumptions": sorted(figure.inputs.assumptions),
                "facts": sorted(figure.inputs.facts),
                "sources": list(cited.sources),
                "citation": citing.text(cited),
                "files": {ending[1:]: f"figures/{figure.key}{ending}" for ending in downloads.KINDS},
            }
        )
    return _written("figures.json", report, figures=rows)


def claims(entries, report):
    """Return ``claims.json``.

    Parameters
    ----------
    entries : list of dict
        From `reporting.core.ledger.entries`.
    report : reporting.core.report.Report
    """
    return _written("claims.json", report, claims=entries)


def assumptions(report):
    """Return ``assumptions.json``."""
    rows = {
        identifier: entry.model_dump() | {"base": register.register()[identifier].value}
        for identifier, entry in report.register.items()
    }
    return _written("assumptions.json", report, assumptions=rows)

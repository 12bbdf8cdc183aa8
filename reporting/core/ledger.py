"""The claim ledger: every part of every claim with its word, its number, what would flip it and how firm it is."""

import csv
import io

from reporting.core import claims, results, robustness, wording
from reporting.core.statements import fill

#: Columns of the ledger as CSV, one row a part.
COLUMNS = (
    "id",
    "chapter",
    "claim",
    "essay",
    "part",
    "kind",
    "weight",
    "question",
    "verdict",
    "so",
    "bears",
    "verdict_january_2025",
    "because",
    "falsified_by",
    "result",
    "value",
    "low",
    "high",
    "unit",
    "flips",
    "robustness",
    "grade",
    "weakest",
)
#: What stands for a share of draws where nothing can be drawn.
ON_FACTS = "rests on facts"


def entry(identifier, report):
    """Return what the ledger says of one claim, how firm it is included.

    Parameters
    ----------
    identifier : str
        Such as ``"C12"``.
    report : reporting.core.report.Report

    Returns
    -------
    dict
        As `judged`, with more of each part: ``headline`` is the first of the results, with its 80% range; ``flips``
        are the nearest values of single assumptions that change the word, and ``no_flips`` says why there are none;
        ``robustness`` is the share of draws that keep the word, or `ON_FACTS`; ``grade`` is that of the weakest input
        of the rules, ``weakest``.
    """
    told = judged(identifier, report)
    for row, part in zip(told["parts"], claims.find(identifier).parts.values(), strict=True):
        row |= _firmness(part, report)
    return told


def judged(identifier, report):
    """Return a claim with the words on its parts, and why.

    Returns
    -------
    dict
        JSON-serialisable. ``parts`` holds a mapping a part; ``stricter`` and ``looser`` are the words under other
        limits.
    """
    claim = claims.find(identifier)
    origin = claim.origin
    return {
        "id": identifier,
        "chapter": claim.chapter,
        "claim": claim.claim,
        "essay": fill(claim.essay, report),
        "weight": claim.weight,
        "weighs": fill(claim.weighs, report),
        "origin": {"text": fill(origin.text, report), "source": origin.source} if origin else None,
        "figure": claim.figure,
        "parts": [_part(f"{identifier}{letter}", part, report) for letter, part in claim.parts.items()],
    }


def _part(identifier, part, report):
    found = claims.judge(part, report)
    forecast = part.forecast
    return {
        "id": identifier,
        "text": fill(part.text, report),
        "kind": part.kind,
        "question": part.question,
        "weight": claims.weight(identifier),
        "carries": part.carries,
        **_judged(found),
        "because": fill(part.now.because, report),
        "falsified_by": fill(part.falsified_by, report),
        "rule": _rules(part.now, part),
        "readings": [
            {"means": reading.means, "so": so} for reading, so in zip(part.now.readings, found.readings, strict=True)
        ],
        "limits": {name: limit.model_dump() for name, limit in part.limits.items()},
        "stricter": claims.judge(part, report, side="stricter").verdict if part.limits else None,
        "looser": claims.judge(part, report, side="looser").verdict if part.limits else None,
        "forecast": forecast.model_dump(mode="json") | {"due": part.due()} if forecast else None,
        "harsher": part.harsher and fill(part.harsher, report),
        "kinder": part.kinder and fill(part.kinder, report),
        "results": {key: report.value(key) for key in part.results},
        "then": {
            **_judged(claims.judge(part, report, "then")),
            "because": fill(part.then.because, report),
            "rule": _rules(part.then, part),
        }
        if part.then
        else None,
    }


def _firmness(part, report):
    tipping = robustness.tipping_points(part, report)
    kept = robustness.robustness(part, report)
    weakest = robustness.weakest(part, report)
    return {
        "headline": _headline(part.results[0], report),
        "flips": [point.__dict__ for point in tipping],
        "no_flips": None if tipping else robustness.unmoved(part, report),
        "robustness": ON_FACTS if kept is None else kept,
        "grade": weakest["grade"],
        "weakest": weakest,
    }


def _judged(found):
    return {"so": found.so, "bears": found.bears, "verdict": found.verdict, "condition": found.condition}


def _rules(judgement, part):
    """Write the rules of a judgement with their limits, by the answer that they give."""

    def written(rules):
        return [{"word": rule.word, "when": claims.predicate(rule, part)} for rule in rules]

    lists = {"so": judgement.so, "bears": judgement.bears, "condition": judgement.condition}
    lists |= {f"reading {number}": reading.so for number, reading in enumerate(judgement.readings, 1)}
    return {answer: written(rules) for answer, rules in lists.items() if rules}


def _headline(key, report):
    declared = results.find(key)
    low, high = report.interval(key) if report.moved(key) else (None, None)
    return {
        "result": key,
        "title": declared.title,
        "value": report.value(key),
        "low": low,
        "high": high,
        "unit": declared.unit,
    }


def flip_words(flip, report):
    """Write a flip: ``"Price of an H800 GPU-hour above $2.43 (here $2.00): wrong"``.

    Parameters
    ----------
    flip : dict
        One of the ``flips`` of a part of an `entry`.
    report : reporting.core.report.Report
    """
    known = report.register[flip["assumption"]]
    here = report.values[flip["assumption"]]
    beyond = wording.quantity(flip["value"], known.unit, 3)
    present = wording.quantity(here, known.unit, wording.natural_digits(here))
    return f"{known.title} {flip['side']} {beyond} (here {present}): {flip['verdict']}"


def entries(report, progress=False):
    """Return every claim's `entry`, in order of their ids.

    Parameters
    ----------
    report : reporting.core.report.Report
    progress : bool
        Show a bar on standard error; the search for flips takes some seconds.
    """
    from tqdm import tqdm

    hidden = None if progress else True  # None hides the bar only where nobody watches
    return [entry(each, report) for each in tqdm(claims.claims(), unit="claim", disable=hidden)]


def as_csv(ledger):
    """Write the ledger as CSV, one row a part.

    Parameters
    ----------
    ledger : list of dict
        From `entries`.

    Returns
    -------
    str
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for claim in ledger:
        for part in claim["parts"]:
            flips = [
                f"{flip['assumption']} {flip['side']} {flip['value']:.6g}: {flip['verdict']}" for flip in part["flips"]
            ]
            told = {
                "part": part["text"],
                "verdict_january_2025": (part["then"] or part)["verdict"],
                "flips": "; ".join(flips) or part["no_flips"],
                "weakest": "{space}:{id}".format(**part["weakest"]),
            }
            writer.writerow(claim | part | part["headline"] | told)
    return text.getvalue()

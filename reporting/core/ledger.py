"""The claim ledger: every claim with its verdict, its number, what would flip it and how firm it is, as plain data."""

import csv
import io

from reporting.core import claims, results, robustness, wording
from reporting.core.report import sources_of
from reporting.core.statements import fill
from reporting.inputs import evidence

#: Columns of the ledger as CSV.
COLUMNS = (
    "id",
    "chapter",
    "claim",
    "essay",
    "verdict",
    "verdict_january_2025",
    "because",
    "result",
    "value",
    "low",
    "high",
    "unit",
    "flips",
    "robustness",
    "grade",
)


def entry(identifier, report):
    """Return what the ledger says of one claim.

    Parameters
    ----------
    identifier : str
        Such as ``"C12"``.
    report : reporting.core.report.Report

    Returns
    -------
    dict
        JSON-serialisable. ``headline`` is the first of the results, with its 80% range; ``flips`` are the nearest
        values of single assumptions that change the verdict, and ``no_flips`` says why there are none; ``robustness``
        is the share of draws that keep the verdict; ``grade`` is that of the weakest input of the rules.
    """
    claim = claims.find(identifier)
    tipping = robustness.tipping_points(claim.now, report)
    then = claim.then or claim.now
    return {
        "id": identifier,
        "chapter": claim.chapter,
        "claim": claim.claim,
        "essay": fill(claim.essay, report),
        "verdict": claims.verdict(claim.now, report),
        "verdict_january_2025": claims.verdict(then, report),
        "because": fill(claim.now.because, report),
        "because_january_2025": fill(claim.then.because, report) if claim.then else None,
        "origin": {"text": fill(claim.origin.text, report), "source": claim.origin.source} if claim.origin else None,
        "headline": _headline(claim.results[0], report),
        "results": {key: report.value(key) for key in claim.results},
        "flips": [point.__dict__ for point in tipping],
        "no_flips": None if tipping else robustness.unmoved(claim.now, report),
        "robustness": robustness.robustness(claim.now, report),
        "grade": evidence.weakest(grade for _, grade in sources_of(robustness.rests_on(claim.now, report))),
        "figure": claim.figure,
    }


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
        One of the ``flips`` of an `entry`.
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
    return [entry(each, report) for each in tqdm(sorted(claims.claims()), unit="claim", disable=hidden)]


def as_csv(ledger):
    """Write the ledger as CSV, one row a claim.

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
    for row in ledger:
        flips = [f"{flip['assumption']} {flip['side']} {flip['value']:.6g}: {flip['verdict']}" for flip in row["flips"]]
        writer.writerow(row | row["headline"] | {"flips": "; ".join(flips) or row["no_flips"]})
    return text.getvalue()

"""What the ranges of the assumptions do to results, for the command line: quantiles, tornado, Sobol indices."""

import math

from reporting.core import results, uncertainty, wording

PROBABILITIES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
DRAWS = {"closed": 1_000_000, "numeric": 2_000}
#: Base sample of the Sobol indices.
SOBOL_BASE = {"closed": 16_384, "numeric": 128}
_BAR = 36


def of_one(report, key, draws=0, seed=uncertainty.SEED):
    """Return the spread of one result as JSON-serialisable data.

    Parameters
    ----------
    report : reporting.core.report.Report
    key : str
    draws : int, optional
        `DRAWS` by kind if 0.
    seed : int, optional

    Returns
    -------
    dict
        ``quantiles``: probability, value, standard error of the draws; ``swings``: each assumption with its low and
        high and the result at both; ``sobol``: first-order and total indices with the half-widths of their 95%
        intervals. The last three are empty if no assumption with a range is under the result.
    """
    declared = results.find(key)
    found = {
        "key": key,
        "title": declared.title,
        "unit": declared.unit,
        "kind": declared.kind,
        "digits": declared.digits,
        "scenario": report.stamp or "base",
        "value": report.value(key),
        "seed": seed,
        "draws": 0,
        "quantiles": [],
        "swings": [],
        "sobol_evaluations": 0,
        "sobol": [],
    }
    names = report.moved(key)
    if not names:
        return found
    n = draws or DRAWS[declared.kind]
    base = SOBOL_BASE[declared.kind]
    pairs = zip(PROBABILITIES, *_quantiles(report, key, n, seed), strict=True)
    entries = report.register
    return found | {
        "draws": n,
        "quantiles": [{"probability": p, "value": value, "error": error} for p, value, error in pairs],
        "swings": [
            {
                "assumption": name,
                "title": entries[name].title,
                "unit": entries[name].unit,
                "low": entries[name].low,
                "high": entries[name].high,
                "at_low": low,
                "at_high": high,
            }
            for name, low, high in uncertainty.tornado(report, key)
        ],
        "sobol_evaluations": base * (len(names) + 2),
        "sobol": [
            {"assumption": name, "first": first, "first_error": e1, "total": total, "total_error": e2}
            for name, first, e1, total, e2 in uncertainty.sobol(report, key, base, seed)
        ],
    }


def _quantiles(report, key, n, seed):
    if results.find(key).kind == "numeric":
        import numpy as np

        drawn = uncertainty.sample(report, key, n, seed)
        return np.quantile(drawn, PROBABILITIES).tolist(), [None] * len(PROBABILITIES)
    values, errors = uncertainty.quantiles(report, [key], PROBABILITIES, n, seed)[key]
    return values.tolist(), [None if math.isnan(error) else error for error in errors.tolist()]


def of_all(report, draws=0, seed=uncertainty.SEED):
    """Return median and 80% range of every result that has one, as JSON-serialisable data.

    Closed results share `draws` draws, a million if 0. Numeric ones have the draws of the report's own ranges.
    """
    moved = [key for key in results.registry() if report.moved(key)]
    closed = [key for key in moved if results.find(key).kind == "closed"]
    n = draws or DRAWS["closed"]
    found = uncertainty.quantiles(report, closed, (0.1, 0.5, 0.9), n, seed)
    rows = {}
    for key in moved:
        if key in found:
            low, middle, high = found[key][0].tolist()
        else:
            n_own = uncertainty.DRAWS["numeric"]
            low, middle, high = _three(uncertainty.sample(report, key, n_own, seed))
        declared = results.find(key)
        rows[key] = {
            "title": declared.title,
            "unit": declared.unit,
            "kind": declared.kind,
            "digits": declared.digits,
            "value": report.value(key),
            "draws": n if key in found else n_own,
            "low": low,
            "median": middle,
            "high": high,
        }
    return {"scenario": report.stamp or "base", "seed": seed, "results": rows}


def _three(drawn):
    import numpy as np

    return np.quantile(drawn, (0.1, 0.5, 0.9)).tolist()


def _plain(text):
    return text.replace(wording.NBSP, " ")


def one_as_text(found):
    """Write what `of_one` returns."""

    def quantity(value):
        return wording.quantity(value, found["unit"], max(3, found["digits"]))

    lines = [f"{found['key']}: {found['title']}", f"  {quantity(found['value'])} under {found['scenario']}"]
    if not found["draws"]:
        why = "it rests on facts alone" if found["kind"] == "fixed" else "no assumption under it has a range"
        return _plain("\n".join([*lines, f"  no range: {why}"]))
    lines += ["", f"Quantiles of {found['draws']:,} draws (seed {found['seed']})"]
    for row in found["quantiles"]:
        error = "" if row["error"] is None else f"  ± {wording.quantity(row['error'], found['unit'], 1)}"
        lines.append(f"  {row['probability']:>4.0%}  {quantity(row['value']):>26}{error}")
    lines += ["", "Each assumption alone, at the low and at the high end of its range, the largest swing first"]
    lines += _tornado(found, quantity)
    lines += [
        "",
        f"Sobol indices of {found['sobol_evaluations']:,} evaluations, the largest total first; "
        "stated correlations left out",
    ]
    wide = max((len(row["assumption"]) for row in found["sobol"]), default=0)
    for row in found["sobol"]:
        lines.append(
            f"  {row['assumption']:<{wide}}  first {row['first']:6.3f} ± {row['first_error']:.3f}"
            f"   total {row['total']:6.3f} ± {row['total_error']:.3f}"
        )
    return _plain("\n".join(lines))


def _tornado(found, quantity):
    swings = found["swings"]
    ends = [end for row in swings for end in (row["at_low"], row["at_high"])]
    least, most = min(ends), max(ends)
    wide = max(len(row["assumption"]) for row in swings)

    def place(x):
        return round((x - least) / (most - least) * (_BAR - 1)) if most > least else 0

    lines = []
    for row in swings:
        bar = [" "] * _BAR
        first, last = sorted((place(row["at_low"]), place(row["at_high"])))
        bar[first : last + 1] = "━" * (last + 1 - first)
        bar[min(max(place(found["value"]), 0), _BAR - 1)] = "┃"
        span = f"{quantity(row['at_low'])} … {quantity(row['at_high'])}"
        given = wording.stated_span(row["low"], row["high"], row["unit"])
        lines.append(f"  {row['assumption']:<{wide}}  {''.join(bar)}  {span}   (at {given})")
    return lines


def all_as_text(found):
    """Write what `of_all` returns."""
    lines = [f"80% ranges under {found['scenario']} (seed {found['seed']})"]
    wide = max(map(len, found["results"]), default=0)
    for key, row in found["results"].items():
        value = wording.quantity(row["value"], row["unit"], row["digits"])
        span = wording.span(row["low"], row["high"], row["unit"], max(2, row["digits"]))
        draws = "" if row["kind"] == "closed" else f"  [{row['draws']} draws]"
        lines.append(f"{key:<{wide}}  {value:>26}  {span}{draws}")
    return _plain("\n".join(lines))

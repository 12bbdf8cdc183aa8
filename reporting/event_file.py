"""The event study on a reader's file of prices: what `python -m analysis events` prints."""

from analysis import event_study
from reporting.chapters.market import reaction as market_reaction
from reporting.inputs import closes


def groups():
    """Return the groups the report tests: name to tickers."""
    return {group: [row["ticker"] for row in market_reaction.members(group)] for group in market_reaction.GROUPS}


def study(path, event):
    """Run the study of one event day on a file.

    Parameters
    ----------
    path : pathlib.Path
        See `reporting.inputs.closes.read`.
    event : str
        YYYY-MM-DD.

    Returns
    -------
    dict
        ``event``; ``estimation`` (first and last day); ``benchmarks``; ``names`` and ``portfolios`` as
        `analysis.event_study.study` gives them; ``skipped``, a list of ``ticker`` and ``reason``.

    Raises
    ------
    analysis.errors.InputError
        If the file or the date cannot be used.
    """
    panel = closes.panel(closes.read(path), event, path.name)
    names, portfolios, skipped = event_study.study(
        panel.returns, panel.event, panel.benchmarks, groups(), spread=("software", "chips")
    )
    window = panel.dates[event_study.estimation_window(panel.event)]
    return {
        "event": event,
        "estimation": {"first": window[0], "last": window[-1]},
        "benchmarks": panel.benchmarks,
        "names": names,
        "portfolios": portfolios,
        "skipped": [{"ticker": ticker, "reason": reason} for ticker, reason in skipped.items()],
    }


def words(study):
    """Return a study as lines of text: abnormal returns in per cent, with t in brackets."""
    benchmarks = study["benchmarks"]
    first, last = study["estimation"]["first"], study["estimation"]["last"]
    lines = [
        f"Event day {study['event']}; market models of {first} to {last}",
        "Abnormal return in per cent, t in brackets",
        f"{'':<22}{'return':>9}" + "".join(f"{benchmark:>18}" for benchmark in benchmarks),
    ]
    for label, entries in (("ticker", study["names"]), ("portfolio", study["portfolios"])):
        rows = {}
        for entry in entries:
            rows.setdefault(entry[label], {})[entry["benchmark"]] = entry
        for name, found in rows.items():
            cells = [_cell(found.get(benchmark)) for benchmark in benchmarks]
            change = next(iter(found.values()))["event_return"]
            lines.append(f"{name:<22}{100 * change:>9.2f}" + "".join(f"{cell:>18}" for cell in cells))
    lines += [f"Skipped {one['ticker']}: {one['reason']}" for one in study["skipped"]]
    return "\n".join(lines)


def _cell(entry):
    return f"{100 * entry['abnormal_return']:.2f} ({entry['t']:.2f})" if entry else ""

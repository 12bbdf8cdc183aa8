"""Price files: reading and checking a reader's CSV of daily closes."""

import re
from dataclasses import dataclass

from analysis import event_study
from analysis.errors import InputError

#: Names a column of prices may have, the preferred first: closes adjusted for splits and dividends.
CLOSE_COLUMNS = ("adj_close", "adjusted_close", "close")


def read(path):
    """Read a file of daily closes.

    Parameters
    ----------
    path : pathlib.Path
        CSV with a row per date and ticker: ``date`` (YYYY-MM-DD), ``ticker`` and a close named as in
        `CLOSE_COLUMNS`. Other columns are ignored.

    Returns
    -------
    dict of str to pandas.Series
        Ticker to closes by date (a string), dates ascending, in the order the tickers come.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, or holds a date that is no date, a price that is no positive
        number, or dates of a ticker that repeat or go back. Names the file and the line.
    """
    import pandas as pd

    where = path.name
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except OSError as error:
        raise InputError(f"{where}: cannot be read ({error.strerror})") from None
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise InputError(f"{where}: is not a CSV table ({' '.join(str(error).split())})") from None
    close = next((name for name in CLOSE_COLUMNS if name in table.columns), None)
    missing = [name for name in ("date", "ticker") if name not in table.columns]
    if close is None:
        missing.append(" or ".join(CLOSE_COLUMNS))
    if missing:
        held = ", ".join(table.columns)
        raise InputError(f"{where}: has no column {', no column '.join(missing)}; it holds {held}")
    if table.empty:
        raise InputError(f"{where}: holds no row")

    def first(wrong, what):
        if wrong.any():
            at = wrong.idxmax()
            told = f"{table.at[at, 'ticker']} on {table.at[at, 'date']}"
            raise InputError(f"{where}, line {at + 2}: {what.format(told=told, price=table.at[at, close])}")

    dates = table["date"].str.fullmatch(r"\d{4}-\d{2}-\d{2}")
    first(~dates, "{told}: write dates as YYYY-MM-DD")
    first(table["ticker"].str.strip() == "", "has no ticker ({told})")
    number = pd.to_numeric(table[close], errors="coerce")
    bad = number.isna() | ~(number > 0) | (number == float("inf"))
    first(bad, "{told}: the price '{price}' is not a positive number")
    previous = table.groupby("ticker", sort=False)["date"].shift()
    first(previous == table["date"], "{told} comes twice")
    first(previous > table["date"], "{told} comes after a later date; sort each ticker's rows by date")
    table["price"] = number
    return {ticker: rows.set_index("date")["price"] for ticker, rows in table.groupby("ticker", sort=False)}


#: Benchmarks a file may hold, in the order they are used; the first that is there gives the trading days.
BENCHMARKS = ("SPY", "RSP", "QQQ")


@dataclass(frozen=True)
class Panel:
    """Returns of many tickers on one calendar.

    Attributes
    ----------
    dates : list of str
        The trading days: those of the first benchmark.
    event : int
        Index of the event day.
    returns : dict of str to numpy.ndarray
        Ticker to returns by trading day, NaN where a close is missing.
    benchmarks : list of str
        Those of `BENCHMARKS` that can be used.
    """

    dates: list
    event: int
    returns: dict
    benchmarks: list


def panel(closes, event, where):
    """Put the closes of a file on the trading days of its first benchmark.

    Parameters
    ----------
    closes : mapping of str to pandas.Series
        As `read` returns them.
    event : str
        Date of the event day, YYYY-MM-DD.
    where : str
        Name of the file, for messages.

    Raises
    ------
    InputError
        If there is no benchmark, the event is no trading day, or no benchmark reaches back far enough.
    """
    held = [ticker for ticker in BENCHMARKS if ticker in closes]
    if not held:
        raise InputError(f"{where}: has no benchmark; add the closes of {' or '.join(BENCHMARKS)}")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", event):
        raise InputError(f"event '{event}': write the date as YYYY-MM-DD")
    dates = list(closes[held[0]].index)
    if event not in dates:
        near = [date for date in dates if date < event][-1:] + [date for date in dates if date > event][:1]
        raise InputError(
            f"{where}: {event} is not a trading day, {held[0]} has no close; the nearest with one: {' and '.join(near)}"
        )
    at = dates.index(event)
    returns = {ticker: event_study.simple_returns(rows.reindex(dates)) for ticker, rows in closes.items()}
    reasons = {ticker: event_study.unusable(returns[ticker], at) for ticker in held}
    usable = [ticker for ticker in held if reasons[ticker] is None]
    if not usable:
        raise InputError(f"{where}: the benchmark {held[0]} cannot be used: {reasons[held[0]]}")
    return Panel(dates, at, returns, usable)

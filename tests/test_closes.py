"""Price files: one clear error each, and the command that runs the study on them."""

import csv
import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from analysis.errors import InputError
from reporting import event_file
from reporting.inputs import closes, facts

#: Daily closes of the names of the event study, which their owners' terms keep out of the repository.
HISTORY = os.environ.get("PRICE_HISTORY", "")
EVENT = "2025-01-27"


def trading_days(count=300):
    """Weekdays that end four weeks after the event."""
    day, found = datetime.date(2025, 2, 24), []
    while len(found) < count:
        if day.weekday() < 5:
            found.append(day.isoformat())
        day -= datetime.timedelta(days=1)
    return found[::-1]


def rows(tickers=("SPY", "NVDA"), shock=-0.2):
    random = np.random.default_rng(1)
    days = trading_days()
    market = random.normal(0.0004, 0.008, len(days))
    for number, ticker in enumerate(tickers):
        price = 100.0
        for day, move in zip(days, market, strict=True):
            own = random.normal(0, 0.01) if number else 0.0
            price *= 1 + move + own + (shock if number and day == EVENT else 0.0)
            yield {"date": day, "ticker": ticker, "close": f"{price:.6f}"}


def written(path, content, columns=("date", "ticker", "close")):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(content)
    return path


def edited(change):
    content = list(rows())
    change(content)
    return content


BAD = {
    "no benchmark": (lambda c: [row.update(ticker="X" + row["ticker"]) for row in c], "has no benchmark; add"),
    "a date twice": (lambda c: c.insert(11, dict(c[10])), "line 13: SPY on .* comes twice"),
    "unsorted dates": (lambda c: c.insert(10, c.pop(11)), "line 13: SPY on .* comes after a later date"),
    "a price of zero": (lambda c: c[5].update(close="0"), r"line 7: SPY on .*: the price '0' is not a positive number"),
    "a negative price": (lambda c: c[5].update(close="-3"), "line 7: .*the price '-3' is not a positive number"),
    "no price": (lambda c: c[5].update(close=""), "line 7: .*the price '' is not a positive number"),
    "a word for a price": (lambda c: c[5].update(close="n/a"), "line 7: .*the price 'n/a' is not a positive number"),
    "an infinite price": (lambda c: c[5].update(close="inf"), "line 7: .*the price 'inf' is not a positive number"),
    "another date format": (lambda c: c[5].update(date="27/01/2025"), "line 7: .*write dates as YYYY-MM-DD"),
    "no row": (lambda c: c.clear(), "holds no row"),
    "a short benchmark": (lambda c: c.__delitem__(slice(0, 220)), "SPY cannot be used: .* days with a return"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_cannot_be_used_gets_one_clear_line(tmp_path, case):
    change, words = BAD[case]
    path = written(tmp_path / "mine.csv", edited(change))
    with pytest.raises(InputError, match=words) as caught:
        event_file.study(path, EVENT)
    assert str(caught.value).startswith("mine.csv")
    assert "\n" not in str(caught.value)


def test_wrong_columns_are_named(tmp_path):
    path = written(tmp_path / "mine.csv", rows(), columns=("date", "close"))
    with pytest.raises(InputError, match="has no column ticker; it holds date, close"):
        closes.read(path)
    (tmp_path / "open.csv").write_text("date,ticker,open\n2025-01-27,SPY,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column adj_close or adjusted_close or close; it holds date, ticker, open"):
        closes.read(tmp_path / "open.csv")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'a,b\n"1,2\n3,4,5,6\n7'])
def test_what_is_no_table_gets_one_line(tmp_path, content):
    (tmp_path / "mine.csv").write_bytes(content)
    with pytest.raises(InputError) as caught:
        closes.read(tmp_path / "mine.csv")
    assert "\n" not in str(caught.value)


def test_a_day_without_trade_names_the_nearest(tmp_path):
    path = written(tmp_path / "mine.csv", rows())
    with pytest.raises(InputError, match=r"2025-01-26 is not a trading day.*2025-01-24 and 2025-01-27"):
        event_file.study(path, "2025-01-26")
    with pytest.raises(InputError, match="event 'Monday': write the date as YYYY-MM-DD"):
        event_file.study(path, "Monday")


def test_adjusted_closes_are_preferred(tmp_path):
    content = [row | {"adj_close": str(2 * float(row["close"]))} for row in rows()]
    path = written(tmp_path / "mine.csv", content, columns=("date", "ticker", "close", "adj_close"))
    found = closes.read(path)
    assert found["SPY"].iloc[0] == pytest.approx(2 * float(content[0]["close"]))


def test_a_new_name_and_a_gap_are_skipped_and_the_rest_is_studied(tmp_path):
    content = list(rows(("SPY", "NVDA", "NEW", "GAP")))
    late = trading_days()[-60]
    content = [
        row
        for row in content
        if not (row["ticker"] == "NEW" and row["date"] < late) and not (row["ticker"] == "GAP" and row["date"] == EVENT)
    ]
    study = event_file.study(written(tmp_path / "mine.csv", content), EVENT)
    assert [entry["ticker"] for entry in study["names"]] == ["NVDA"]
    assert study["names"][0]["abnormal_return"] == pytest.approx(-0.2, abs=0.04)
    reasons = {one["ticker"]: one["reason"] for one in study["skipped"]}
    assert "are needed" in reasons["NEW"]
    assert reasons["GAP"] == "no price on the event day or the trading day before"


def run(*arguments):
    command = [sys.executable, "-m", "analysis", "events", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_prints_a_table_or_json(tmp_path):
    path = str(written(tmp_path / "mine.csv", rows()))
    for_people = run(path, "--event", EVENT)
    assert for_people.returncode == 0, for_people.stderr
    assert "NVDA" in for_people.stdout
    study = json.loads(run(path, "--event", EVENT, "--json").stdout)
    assert study["benchmarks"] == ["SPY"]
    assert study["names"][0]["days"] == 230


def test_the_command_fails_with_one_line(tmp_path):
    done = run(str(tmp_path / "nothing.csv"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "analysis: nothing.csv: cannot be read (No such file or directory)\n"


@pytest.fixture(scope="module")
def history():
    if not HISTORY:
        pytest.skip("set PRICE_HISTORY to a file of daily closes")
    return event_file.study(Path(HISTORY), EVENT)


STATISTICS = ("days", "alpha", "beta", "residual_variance", "market_mean", "market_sum_squares")


def test_the_shipped_market_models_follow_from_the_history(history):
    found = {(entry["ticker"], entry["benchmark"]): entry for entry in history["names"]}
    shipped = facts.rows("market_model")
    assert shipped
    for row in shipped:
        entry = found[row["ticker"], row["benchmark"]]
        assert [entry[field] for field in STATISTICS] == pytest.approx([row[field] for field in STATISTICS], rel=1e-6)
        assert entry["rank"] == row["event_rank"]


def test_the_shipped_portfolios_follow_from_the_history(history):
    found = {(entry["portfolio"], entry["benchmark"]): entry for entry in history["portfolios"]}
    shipped = facts.rows("event_portfolios")
    assert len(shipped) == len(found)
    for row in shipped:
        name = "software minus chips" if row["portfolio"] == "spread" else row["portfolio"]
        entry = found[name, row["benchmark"]]
        fields = (*STATISTICS, "members", "correlation")
        assert [entry[field] for field in fields] == pytest.approx([row[field] for field in fields], rel=1e-6)
        if row["rank_sd"] is not None:
            assert entry["rank_sd"] == pytest.approx(row["rank_sd"], rel=1e-6)


def test_the_shipped_returns_follow_from_the_history(history):
    panel = closes.panel(closes.read(Path(HISTORY)), EVENT, "history")
    for row in facts.rows("event_names"):
        change = panel.returns[row["ticker"]][panel.event]
        assert row["event_day"] == pytest.approx(change, rel=1e-4, abs=1e-8), row["id"]
    for row in facts.rows("event_path"):
        if row["series"] in ("spy", "rsp", "qqq"):
            change = panel.returns[row["series"].upper()][panel.event + int(row["day"])]
            assert row["daily_return"] == pytest.approx(change, rel=1e-4), row["id"]


def test_a_name_that_came_late_is_skipped_in_the_history(history):
    assert [one["ticker"] for one in history["skipped"]] == ["NBIS"]

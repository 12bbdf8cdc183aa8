"""The assumptions register, and the errors a reader meets."""

import pytest

from analysis.errors import InputError
from reporting.inputs import assumptions

ENTRY = """
pue:
  title: Power usage effectiveness
  value: 1.25
  low: 1.15
  high: 1.40
  min: 1.0
  max: 3.0
  distribution: lognormal
  unit: ratio
  as_of: 2026-04-01
  accessed: 2026-11-24
  source: somewhere
  locator: page 1
  grade: secondary
  reason: As an example.
"""


def read(tmp_path, text):
    path = tmp_path / "assumptions.yml"
    path.write_text(text, encoding="utf-8")
    return assumptions.read(path)


def test_the_example_is_valid(tmp_path):
    assert read(tmp_path, ENTRY)["pue"].value == 1.25


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("value: 1.25", "value: 1.5", "min <= low <= value <= high <= max"),
        ("value: 1.25", "value: often", "field value"),
        ("unit: ratio", "unit: furlong", "field unit"),
        ("grade: secondary", "grade: rumour", "field grade"),
        ("min: 1.0", "min: 0.0", "lognormal needs min > 0"),
        ("  reason: As an example.\n", "", "field reason"),
        ("as_of: 2026-04-01", "as_of: lately", "field as_of"),
        ("  locator: page 1\n", "  locator: page 1\n  colour: red\n", "field colour"),
        ("pue:", "Pue:", "lower-case"),
    ],
)
def test_a_broken_entry_is_one_line_that_names_file_line_and_id(tmp_path, old, new, words):
    assert old in ENTRY
    with pytest.raises(InputError) as caught:
        read(tmp_path, ENTRY.replace(old, new))
    message = str(caught.value)
    assert "assumptions.yml, line 2" in message
    assert "ue'" in message
    assert words in message
    assert "\n" not in message


def test_a_repeated_id_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"assumptions.yml, line \d+: not valid YAML"):
        read(tmp_path, ENTRY + ENTRY)


def test_broken_yaml_names_the_line(tmp_path):
    with pytest.raises(InputError, match=r"line \d+: not valid YAML"):
        read(tmp_path, ENTRY.replace("  title:", " title:\n\t"))


def test_a_list_is_refused(tmp_path):
    with pytest.raises(InputError, match="must be a mapping"):
        read(tmp_path, "- pue\n")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        assumptions.read(tmp_path / "nothing.yml")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("gpu_houri=3", "did you mean 'gpu_hour_usd'"),
        ("gpu_hour_usd=-1", "out of range; data/assumptions.yml allows 0.05 to 50 USD/GPU-hour"),
        ("gpu_hour_usd=cheap", "'cheap' is not a number"),
        ("gpu_hour_usd=nan", "not a finite number"),
        ("gpu_hour_usd=inf", "not a finite number"),
        ("gpu_hour_usd", "write ID=VALUE"),
        ("=3", "write ID=VALUE"),
    ],
)
def test_a_bad_setting_says_what_would_be_right(setting, words):
    with pytest.raises(InputError) as caught:
        assumptions.parse_settings([setting])
    assert words in str(caught.value)


def test_setting_one_assumption_twice_is_refused():
    with pytest.raises(InputError, match="set twice"):
        assumptions.parse_settings(["pue=1.2", "pue=1.3"])


def test_a_value_outside_the_interval_but_within_the_bounds_is_allowed():
    entry = assumptions.register()["gpu_hour_usd"]
    assert entry.min < 1 < entry.low
    assert entry.high < 10 < entry.max
    assert assumptions.parse_settings(["gpu_hour_usd=10"]) == {"gpu_hour_usd": 10.0}
    assert assumptions.parse_settings(["gpu_hour_usd=1"]) == {"gpu_hour_usd": 1.0}


def test_reading_an_unknown_assumption_in_a_result_is_an_error():
    with pytest.raises(InputError, match="gpu_hour_usd"):
        _ = assumptions.Values(assumptions.values()).gpu_hour

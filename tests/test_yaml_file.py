"""Hostile YAML: whatever a file holds, its reader gets one line, soon, and nothing is written."""

import copy
import json
import time

import pytest
from ruamel.yaml import YAML

from analysis import errors
from analysis.errors import InputError
from reporting import ROOT
from reporting.core import claims, scenarios, sweep
from reporting.core.report import Report
from reporting.inputs import assumptions, yaml_file
from reporting.publishing import archive

READERS = {
    "scenario": scenarios.read,
    "sweep": sweep.read,
    "assumptions": assumptions.read,
    "correlations": lambda path: assumptions.read_correlations(path, assumptions.register()),
    "claims": claims.read,
    "reasons": archive.read_reasons,
}
SOUND = {
    "scenario": {
        "title": "t",
        "reason": "r",
        "overrides": {"gpu_hour_usd": {"low": 1, "value": 2, "high": 3}, "pue": 1.2},
    },
    "sweep": {
        "title": "t",
        "results": ["cost.v3_run_usd"],
        "scenario": "sceptic",
        "grid": {"gpu_hour_usd": [1, 2], "pue": {"low": 1.1, "high": 1.2, "points": 2, "scale": "log"}},
    },
    "assumptions": {"own": assumptions.register()["pue"].model_dump()},
    "correlations": [
        {
            "pair": ["pue", "gpu_hour_usd"],
            "rank": 0.5,
            "source": "s",
            "locator": "l",
            "grade": "judgement",
            "reason": "r",
        }
    ],
    "claims": {
        "C99": {
            "claim": "c",
            "essay": "e",
            "weight": "money",
            "weighs": "w",
            "figure": "f",
            "origin": {"text": "t", "source": "s"},
            "parts": {
                "a": {
                    "text": "t",
                    "kind": "fact",
                    "question": "q",
                    "results": ["cost.v3_run_usd"],
                    "falsified_by": "f",
                    "limits": {"l": {"value": 2, "stricter": 1, "looser": 3, "because": "b"}},
                    "now": {"verdict": "wrong", "so": [{"word": "no", "when": "limit.l > 0"}], "because": "b"},
                    "kinder": "k",
                }
            },
        }
    },
    "reasons": {"9.9": {"cost.v3_run_usd": "a reason"}},
}
#: Texts that make the reader of any file work hard, or never end.
HOSTILE = {
    "deep list": "[" * 20_000 + "]" * 20_000,
    "deep mapping": "a: " + "{a: " * 5_000 + "1" + "}" * 5_000,
    "deep block": "- " * 20_000 + "1",
    "deep key": "? " * 20_000 + "1",
    "recursive value": "a: &r [*r]\n",
    "recursive mapping": "&r\na: *r\n",
    "bomb": "a: &a [1, 1]\n" + "".join(f"b{i}: &b{i} [{'*a, ' * 9}*a]\n" for i in range(9)),
    "merge": "<<: {title: 5, reason: r, overrides: {}}\ntitle: t\n",
    "tag": "title: !!python/object/apply:os.system [exit]\n",
    "set": "title: !!set {a, b}\n",
    "long number": f"title: t\noverrides:\n  gpu_hour_usd: {'9' * 5_000}\n",
    "month 13": "title: 2025-13-45\n",
    "huge": "title: t\n" + "# a comment\n" * 40_000,
    "many values": "a: [" + "1, " * 40_000 + "1]",
    "many keys": "".join(f"k{i}: 1\n" for i in range(20_000)),
    "list as key": "[a, b]: 1\n",
    "documents": "---\na: 1\n---\nb: 1\n",
    "no characters": "a: \0\n",
    "escape": 'a: "\\UFFFFFFFF"\n',
    "number": "5\n",
    "text": "a text\n",
    "other names": "1: 2\nnull: 3\ntrue: 4\n",
}
#: What may stand in the place of any value.
ODD = (
    "null",
    "true",
    "5",
    "-.inf",
    ".nan",
    "9" * 300,
    "0x" + "f" * 300,
    "x",
    '""',
    "2025-01-31",
    "[]",
    "{}",
    "[1]",
    "[[1]]",
    "{1: 2}",
    "{null: 1}",
    "{low: 1}",
    "{low: x, value: [1], high: 3}",
    "{low: 1, 5: 3}",
    "{draws: 2}",
)


def refusal(kind, path):
    """Return the one line that a reader gets for a file, empty if it is accepted."""
    started = time.process_time()
    try:
        READERS[kind](path)
        message = ""
    except InputError as error:
        message = str(error)
    assert time.process_time() - started < 60, "a bomb went off"  # it would take hours; this measures no speed
    assert "\n" not in message
    assert len(message) < 500
    return message


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_refused_soon_in_one_line_by_every_reader(tmp_path, content):
    path = tmp_path / "own.yml"
    path.write_text(content, encoding="utf-8")
    for kind in READERS if len(content) < 200 else ("scenario",):  # large ones stop in the common loader
        assert "own.yml" in refusal(kind, path), kind
    assert [left.name for left in tmp_path.iterdir()] == ["own.yml"]


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield from places(child, (*path, key))


def written(value, place, odd):
    """Return a value as JSON, which is YAML, with an odd text at one place."""
    if not place:
        return odd
    changed = copy.deepcopy(value)
    node = changed
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = "@"
    return json.dumps(changed).replace('"@"', odd)


@pytest.mark.parametrize("kind", READERS)
def test_a_wrong_type_at_any_place_is_one_line_or_allowed(tmp_path, kind):
    path = tmp_path / "own.yml"
    path.write_text(json.dumps(SOUND[kind]), encoding="utf-8")
    assert refusal(kind, path) == ""
    refused = 0
    for place in places(SOUND[kind]):
        for odd in ODD:
            path.write_text(written(SOUND[kind], place, odd), encoding="utf-8")
            message = refusal(kind, path)
            refused += bool(message)
            assert not message or "own.yml" in message, (place, odd)
    assert refused > len(ODD)


def test_what_is_no_file_is_not_read(tmp_path):
    with pytest.raises(InputError, match="is no regular file"):
        sweep.read(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        sweep.read(tmp_path / "none.yml")


@pytest.mark.parametrize("name", ["data/claims/cost-claims.yml", "data/correlations.yml", "CITATION.cff", "_toc.yml"])
def test_the_project_s_files_read_as_any_yaml_reader_reads_them(name):
    assert yaml_file.load(ROOT / name, name) == YAML(typ="safe").load((ROOT / name).read_text("utf-8"))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("text", "are a mapping from assumption id to value"),
        ('{"gpu_hour_usd": 3}', '-y "overrides: {gpu_hour_usd: 3}"'),
        ("gpu_hour_usd: 3", '-y "overrides: {gpu_hour_usd: 3}"'),
        ([1], "are a mapping"),
        ("", "are a mapping"),
        (0, "are a mapping"),
        ({"gpu_hour_usd": "abc"}, "'abc' is not a number"),
        ({"gpu_hour_usd": 3 + 2j}, "is not a number"),
        ({"gpu_hour_usd": None}, "is not a number"),
        ({"gpu_hour_usd": 10**5000}, "is not a finite number"),
        ({"gpu_hour_usd": float("nan")}, "is not a finite number"),
        ({"gpu_hour_usd": [1, 2]}, "is not a number"),
        ({"gpu_hour_usd": {1: 2}}, "has exactly low, value and high"),
        ({5: 3}, "unknown assumption '5'"),
        ({("a", "b"): 3}, "unknown assumption"),
    ],
)
def test_a_report_takes_a_mapping_of_numbers_and_says_so(given, words):
    with pytest.raises(InputError) as caught:
        Report(given)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_any_value_can_be_shown():
    nested = []
    nested.append(nested)
    for value in (10**5000, nested, "x" * 1000, "a\nb", b"\0"):
        assert len(errors.shown(value)) <= 60

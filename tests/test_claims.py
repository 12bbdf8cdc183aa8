"""Words on the parts of claims follow from rules over results, and the rules test the parts."""

import ast
import itertools
import random
import re

import pytest

from analysis.errors import InputError
from reporting import ROOT
from reporting.core import claims, results, statements
from reporting.core.report import Report
from reporting.drawing import figures
from reporting.inputs import yaml_file
from reporting.publishing import book

#: The table of words, written out: is it so, and does it bear what the essay puts on it.
WORDS = {
    "no": dict.fromkeys(claims.BEARS, "wrong"),
    "of something else": dict.fromkeys(claims.BEARS, "misleading"),
    "unknowable": dict.fromkeys(claims.BEARS, "not decidable"),
    "not shown": dict.fromkeys(claims.BEARS, "open"),
    "yes": {
        "no": "misleading",
        "not yet": "open",
        "unknowable": "not decidable",
        "yes": "supported",
        "none": "supported",
    },
}
#: From kind to harsh.
SCALE = ("supported", "open", "not decidable", "misleading", "wrong")


@pytest.fixture(scope="module")
def report():
    return Report()


def parts():
    return [pytest.param(part, id=identifier) for identifier, (_, part) in claims.parts().items()]


def judgements():
    for identifier, (_, part) in claims.parts().items():
        yield pytest.param(part, "now", id=f"{identifier} now")
        if part.then:
            yield pytest.param(part, "then", id=f"{identifier} then")


@pytest.mark.parametrize(("so", "bears"), itertools.product(claims.SO, claims.BEARS))
def test_two_answers_give_one_word(so, bears):
    assert claims.verdict_of(so, bears) == WORDS[so][bears]


@pytest.mark.parametrize(("part", "when"), judgements())
def test_the_stored_word_is_the_computed_one(part, when, report):
    assert claims.judge(part, report, when).verdict == getattr(part, when).verdict


@pytest.mark.parametrize("when", ["now", "then"])
def test_one_question_has_one_answer(when, report):
    found = {}
    for identifier, (_, part) in claims.parts().items():
        found.setdefault(part.question, {})[identifier] = claims.judge(part, report, when).so
    apart = {question: answers for question, answers in found.items() if len(set(answers.values())) > 1}
    assert not apart
    assert any(len(answers) > 1 for answers in found.values())


@pytest.mark.parametrize(("part", "when"), judgements())
def test_rules_and_reasons_name_what_exists(part, when, report):
    judgement = getattr(part, when)
    for rule in judgement.rules():
        statements.holds(claims.predicate(rule, part), report)
    for text in (judgement.because, part.text, part.falsified_by, part.harsher or "", part.kinder or ""):
        assert "{" not in statements.fill(text, report)


def _lists(judgement):
    readings = [reading.so for reading in judgement.readings]
    return [rules for rules in (judgement.so, *readings, judgement.bears, judgement.condition) if rules]


@pytest.mark.parametrize(("part", "when"), judgements())
def test_rules_have_no_number_of_their_own(part, when):
    """A number that the claim states is a fact; any other threshold is a limit, with a reason."""
    for rule in getattr(part, when).rules():
        for node in ast.walk(ast.parse(rule.when.strip(), mode="eval")):
            if isinstance(node, ast.Constant) and not isinstance(node.value, str):
                assert node.value in (0, 1), f"{node.value} in '{rule.when}'"


@pytest.mark.parametrize(("part", "when"), judgements())
def test_rules_end_with_what_holds_otherwise(part, when):
    for rules in _lists(getattr(part, when)):
        assert rules[-1].when == "True"
        assert all(rule.when != "True" for rule in rules[:-1])


def words_of(part, when, monkeypatch, tries=3000):
    """Return the words that a part can get, whatever its evidence comes to be."""
    chosen, values = random.Random(1), {}
    kinds = (0.0, 1.0, -1.0, -20.0, 0.5, 0.9, 1.1, 2.0, 3.0, 20.0, 1000.0, 1e7, 1e12)
    monkeypatch.setattr(statements, "lookup", lambda name, report: (values[name], "", None))
    rules = getattr(part, when).rules()
    names = sorted({name for rule in rules for name in statements.names(claims.predicate(rule, part))})

    class Evidence:
        def interval(self, key):
            return values[key] * 0.8, values[key] * 1.25

    found = set()
    for _ in range(tries):
        values.update({name: chosen.choice(chosen.choice([kinds, (0.0, 1.0)])) for name in names})  # many are yes or no
        try:
            found.add(claims.judge(part, Evidence(), when).verdict)
        except ZeroDivisionError:
            continue
        if len(found) > 1:
            break
    return found


@pytest.mark.parametrize(("part", "when"), judgements())
def test_other_evidence_would_give_another_word(part, when, monkeypatch):
    assert len(words_of(part, when, monkeypatch)) > 1


@pytest.mark.parametrize(
    "rule",
    [
        "cost.v3_run_usd > 0 or cost.v3_run_usd <= 0",
        "cost.v3_run_usd == cost.v3_run_usd",
        "cost.v3_run_usd < 1 and cost.v3_run_usd > 1",
    ],
)
def test_a_rule_that_nothing_can_turn_is_noticed(rule, monkeypatch):
    assert len(words_of(made([("yes", rule), ("no", "True")]), "now", monkeypatch)) == 1


def turned(rules):
    first, *rest = rules
    return [first.model_copy(update={"when": f"not ({first.when})"}), *rest]


def test_a_false_rule_is_noticed(report):
    """With any one rule turned around, some stored word is no longer the computed one."""
    for identifier, (_, part) in claims.parts().items():
        was = claims.judge(part, report)
        for number, reading in enumerate(part.now.readings):
            readings = [*part.now.readings]
            readings[number] = reading.model_copy(update={"so": turned(reading.so)})
            other = part.model_copy(update={"now": part.now.model_copy(update={"readings": readings})})
            assert claims.judge(other, report).readings[number] != was.readings[number], identifier
        if part.now.so:
            other = part.model_copy(update={"now": part.now.model_copy(update={"so": turned(part.now.so)})})
            assert claims.judge(other, report).so != was.so, identifier


@pytest.mark.parametrize("part", parts())
def test_a_verdict_rests_on_numbers_or_facts(part):
    for key in part.results:
        results.find(key)
    named = {name for rule in part.now.rules() for name in statements.names(claims.predicate(rule, part))}
    assert named, "a verdict without a number or a fact is an opinion"


@pytest.mark.parametrize("part", parts())
def test_january_is_judged_apart_only_where_it_differs(part):
    assert part.then is None or part.then.verdict != part.now.verdict


@pytest.mark.parametrize("part", parts())
def test_the_next_harsher_and_the_next_kinder_word_were_argued(part):
    assert bool(part.harsher) == (part.now.verdict != SCALE[-1])
    assert bool(part.kinder) == (part.now.verdict != SCALE[0])


@pytest.mark.parametrize("part", parts())
def test_a_sentence_ends_with_a_full_stop(part):
    for text in (part.text, part.falsified_by, part.now.because):
        assert re.search(r"[.?!](\s*\{holds: [^}]+\})?$", text.strip()), text
    if part.carries:
        assert part.carries.startswith("that "), part.carries
        assert not part.carries.endswith("."), part.carries


def test_the_page_sets_what_each_word_means():
    methods = (ROOT / "book" / "methods.md").read_text("utf-8")
    for word, meaning in claims.VERDICTS.items():
        assert f"| {word.capitalize()} | {meaning.rstrip('.')} |" in methods


def test_leads_and_the_front_page_speak_of_the_words():
    """What a lead says falls with the word of the part that it is about."""
    for path in book.pages():
        text = book.markdown(path)
        statement = re.compile(r"^:::\{statement\}\n:class: (\w+)\n:holds: (.*)$", re.MULTILINE)
        for kind, predicate in statement.findall(text):
            if kind == "answer" or path.stem == "index":
                assert "part.C" in predicate, f"{path.name}: {predicate}"


def test_nothing_is_partly_so():
    places = [*book.pages(), *(ROOT / "reporting").rglob("*.*"), *(ROOT / "data" / "claims").glob("*.yml")]
    places += [*(ROOT / "schemas").glob("*.json"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    for path in places:
        if path.suffix in (".py", ".html", ".yml", ".json", ".md"):
            assert not re.search(r"\bpartly\b", path.read_text("utf-8"), re.IGNORECASE), path.name
        elif path.suffix == ".ipynb":
            assert not re.search(r"\bpartly\b", book.markdown(path), re.IGNORECASE), path.name


def made(so, bears=(), **fields):
    """Return a part with rules given as pairs of a word and a predicate."""

    def rules(pairs):
        return [{"word": word, "when": when} for word, when in pairs]

    fields = {"kind": "fact", "results": ["cost.v3_run_usd"]} | fields
    now = {"verdict": "wrong", "so": rules(so), "bears": rules(bears), "because": "b."}
    carries = {"carries": "that c"} if bears else {}
    return claims.Part.model_validate(
        {"text": "t.", "question": "q", "falsified_by": "f.", "now": now, **carries, **fields}
    )


def test_rules_are_read_from_the_top(report):
    part = made([("no", "1 > 2"), ("not shown", "2 > 1"), ("yes", "True")])
    assert claims.judge(part, report).verdict == "open"


def test_rules_that_never_hold_are_an_error(report):
    with pytest.raises(InputError, match=r"no rule holds for 't\.'"):
        claims.judge(made([("no", "1 > 2")]), report)


def test_a_limit_has_a_stricter_and_a_looser_one(report):
    limits = {"near": {"value": 0.1, "stricter": 0.01, "looser": 0.5, "because": "b"}}
    part = made([("yes", "0.05 < limit.near"), ("no", "True")], limits=limits)
    found = {side: claims.judge(part, report, side=side).verdict for side in ("stricter", "value", "looser")}
    assert found == {"stricter": "wrong", "value": "supported", "looser": "supported"}


@pytest.mark.parametrize(
    ("other", "so", "word"), [("yes", "yes", "supported"), ("no", "not shown", "open")], ids=["agree", "differ"]
)
def test_a_vague_word_is_read_two_ways(report, other, so, word):
    readings = [{"means": "m", "so": [{"word": answer, "when": "True"}]} for answer in ("yes", other)]
    part = made([("yes", "True")], now={"verdict": word, "readings": readings, "because": "b"})
    found = claims.judge(part, report)
    assert (found.so, found.verdict, found.readings) == (so, word, ["yes", other])


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"kind": "forecast"}, "says when it is due"),
        ({"kind": "conditional"}, "whether its condition has come"),
        ({"carries": "that c"}, "both or neither"),
        (
            {"limits": {"a": {"value": 1, "stricter": 0, "looser": 2, "because": "b"}}},
            "only the rules or only 'limits' have: a",
        ),
        (
            {"limits": {"a": {"value": 1, "stricter": 2, "looser": 3, "because": "b"}}},
            "between its stricter and its looser",
        ),
        ({"results": []}, "at least 1"),
        ({"now": {"verdict": "wrong", "because": "b"}}, "either rules for 'so' or two readings"),
    ],
)
def test_a_part_that_is_not_whole_is_refused(fields, problem):
    with pytest.raises(ValueError, match=problem):
        made([("yes", "True")], **fields)


def test_a_claim_in_two_chapters_is_refused(tmp_path, monkeypatch):
    source = next(claims.FOLDER.glob("*.yml")).read_text("utf-8")
    for name in ("one", "two"):
        (tmp_path / f"{name}.yml").write_text(source, "utf-8")
    monkeypatch.setattr(claims, "FOLDER", tmp_path)
    with pytest.raises(InputError, match=r"C\d\d stands in one and two"):
        claims.claims.__wrapped__()


def test_the_word_on_a_part_can_be_asked_for(report):
    word = claims.verdict("C12a", report)
    assert statements.holds(f'part.C12a == "{word}"', report)
    assert not statements.holds(f'part.C12a != "{word}"', report)
    with pytest.raises(InputError, match="did you mean 'C12a'"):
        statements.holds('part.c12a == "wrong"', report)


def test_figures_of_claims_exist():
    for identifier, claim in claims.claims().items():
        assert claim.figure is None or claim.figure in figures.registry(), identifier


def test_every_claim_of_the_essay_is_judged():
    assert list(claims.claims()) == [f"C{number:02}" for number in range(1, len(claims.claims()) + 1)]
    assert len(claims.claims()) >= 49


def test_a_chapter_has_its_own_file():
    assert {path.stem for path in claims.FOLDER.glob("*.yml")} == set(results.CHAPTERS.values())
    for path in claims.FOLDER.glob("*.yml"):
        assert list(yaml_file.load(path, path.name)) == sorted(claims.read(path))


def test_an_unknown_claim_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'C12'"):
        claims.find("c12")

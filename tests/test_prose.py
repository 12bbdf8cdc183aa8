"""Numbers in prose come from the analysis or from a source, and what the prose says holds."""

import ast
import re

import nbformat
import pytest

from names import unknown_names, unknown_placeholders
from prose import bare_numbers
from reporting.core import claims, statements
from reporting.core.report import Report
from reporting.core.results import CHAPTERS as CHAPTERS_BY_PREFIX
from reporting.drawing.figures import registry
from reporting.publishing import book

CHAPTERS = book.notebooks()
PAGES = sorted(book.BOOK.glob("*.md"))
CHAPTER_IDS = [path.stem for path in CHAPTERS]


def markdown(path):
    if path.suffix == ".md":
        return path.read_text("utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


@pytest.mark.parametrize("path", [*CHAPTERS, *PAGES], ids=lambda path: path.name)
def test_no_number_stands_bare(path):
    assert bare_numbers(markdown(path)) == []


@pytest.mark.parametrize("path", [*CHAPTERS, *PAGES], ids=lambda path: path.name)
def test_every_name_in_a_text_is_known(path):
    assert unknown_names(markdown(path)) == []


def test_every_name_in_the_texts_of_figures_and_claims_is_known():
    texts = [text for each in registry().values() for text in (each.title.text, each.subtitle, each.caption, each.alt)]
    for claim in claims.claims().values():
        texts += [claim.claim, claim.essay, claim.weighs]
        texts += [text for part in claim.parts.values() for text in part.texts()]
    assert [problem for text in texts for problem in unknown_placeholders(text)] == []


@pytest.mark.parametrize(
    "sentence",
    [
        "It cost $5.6M.",
        "It is 95% cheaper.",
        "It is 27 times cheaper.",
        "It is 11× as much.",
        "A 10-fold gain.",
        "They spent 7 billion on it.",
        "| Row | $1.6 billion |",
        "This is cited {cite}`essay`. This is 30% and not.",
    ],
)
def test_a_bare_number_is_found(sentence):
    assert bare_numbers(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "It cost {res}`cost.v3_run_usd`.",
        "The essay says $5.7M {cite}`essay`.",
        "In January 2025 V3 ran on 2,048 chips.",
        "Use `--set gpu_hour_usd=3`, as in `x=1.5%`.",
        "They speak of “95% cheaper”.",
        "Bars span the 80% range.",
        "$$ x = 95\\% $$",
        "```python\nprice = '$3'\n```",
    ],
)
def test_what_is_computed_cited_or_code_passes(sentence):
    assert bare_numbers(sentence) == []


@pytest.mark.parametrize("key", registry())
def test_the_texts_of_a_figure_hold_no_bare_number(key):
    figure = registry()[key]
    for text in (figure.title.text, figure.subtitle, figure.caption, figure.alt):
        assert bare_numbers(re.sub(r"\{[^}]+\}", "", text)) == []


def statements_in(path):
    return re.findall(r"^:holds:\s*(.+)$", markdown(path), re.MULTILINE)


@pytest.fixture(scope="module")
def report():
    return Report()


@pytest.mark.parametrize("path", CHAPTERS, ids=CHAPTER_IDS)
def test_a_chapter_opens_with_an_answer_that_holds(path, report):
    text = markdown(path)
    assert re.search(r":::\{statement\}\n:class: answer\n:holds:", text), "no answer"
    for predicate in statements_in(path):
        assert statements.holds(predicate, report), predicate


@pytest.mark.parametrize("key", registry())
def test_the_title_of_a_figure_holds(key, report):
    assert registry()[key].title.true(report)


@pytest.mark.parametrize("path", CHAPTERS, ids=CHAPTER_IDS)
def test_a_chapter_settles_its_claims_and_publishes_its_figures(path, report):
    text = markdown(path)
    own = {identifier for identifier, claim in claims.claims().items() if claim.chapter == path.stem}
    assert set(re.findall(r"```\{verdict\} (C\d\d)", text)) == own
    code = "\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code")
    published = set(re.findall(r'publish\("(fig-[\w-]+)"', code))
    prefix = next(prefix for prefix, page in CHAPTERS_BY_PREFIX.items() if page == path.stem)
    assert published == {key for key in registry() if key.startswith(f"fig-{prefix}-")}


@pytest.mark.parametrize("path", CHAPTERS, ids=CHAPTER_IDS)
def test_a_chapter_was_executed_from_top_to_bottom(path):
    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code" and c.source.strip()]
    # nbval compares nothing in a cell that was never executed, so a stripped notebook would pass whole.
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [output for cell in cells for output in cell.outputs if output.output_type == "error"]


@pytest.mark.parametrize("path", CHAPTERS, ids=CHAPTER_IDS)
def test_a_chapter_has_one_parameter_cell_that_changes_nothing(path):
    cells = nbformat.read(path, as_version=4).cells
    parameters = [cell.source for cell in cells if "parameters" in cell.metadata.get("tags", ())]
    assert len(parameters) == 1
    assert re.match(r"overrides = \{\}", parameters[0])


def code_cells(path, tag):
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code" and tag in cell.metadata.get("tags", ())]


@pytest.mark.parametrize("path", CHAPTERS, ids=CHAPTER_IDS)
def test_code_is_folded_or_a_calculation_and_names_no_path(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert len({"hide-input", "calculation"} & set(cell.metadata.get("tags", ()))) == 1, cell.source
            assert not re.search(r"(?:^|[\s\"'])/(?:home|root|tmp|work)/", str(cell.outputs))


def calculates(code, models):
    """Tell whether some code calls a model, by the names that a chapter imports, or shows a result."""
    called = [ast.unparse(node.func).split(".")[0] for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    return not models.isdisjoint(called) or "show" in called


@pytest.mark.parametrize("path", CHAPTERS, ids=CHAPTER_IDS)
def test_a_chapter_calculates_in_the_open(path):
    everything = "\n".join(cell.source for cell in code_cells(path, "hide-input"))
    imports = [node for node in ast.walk(ast.parse(everything)) if isinstance(node, ast.ImportFrom)]
    models = {name.asname or name.name for node in imports if node.module == "analysis" for name in node.names}
    open_cells = code_cells(path, "calculation")
    assert len(open_cells) >= 3
    for cell in open_cells:
        assert len(cell.source.splitlines()) <= 14, cell.source
        nodes = list(ast.walk(ast.parse(cell.source)))
        assert not [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)], cell.source
        assert calculates(cell.source, models), cell.source
        assert any(output.output_type in ("stream", "execute_result") for output in cell.outputs), cell.source


@pytest.mark.parametrize("path", CHAPTERS, ids=CHAPTER_IDS)
def test_a_calculation_is_narrow_enough_to_be_read(path):
    lines = [line for cell in code_cells(path, "calculation") for line in cell.source.splitlines()]
    assert [line for line in lines if len(line) > 86] == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("training.run_cost(2, 3)", True),
        ("for x in y:\n    print(f'{training.mfu(1, 2, 3):.1f}')", True),
        ('show("cost.v3_run_usd", report)', True),
        ('publish("fig-cost-scopes", report)', False),
        ("training_run(2)\nrows.append(training.HOURS)", False),
    ],
)
def test_what_calculates_is_told_from_what_does_not(code, found):
    assert calculates(code, {"training"}) == found

"""The command line: ``python -m analysis``."""

import contextlib
import errno
import json
import os
import sys
from pathlib import Path

import typer
from typer.exceptions import TyperException

from analysis.errors import InputError
from reporting import console

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="The DeepSeek Shock, Recomputed: results, figures and the book.",
)

Settings = typer.Option([], "--set", metavar="ID=VALUE", help="Replace an assumption; repeatable.")
AsJson = typer.Option(False, "--json", help="Print JSON.")
Figures = typer.Argument(metavar="FIGURE...", help="Keys of figures.")
Under = typer.Option("", "--scenario", metavar="SCENARIO", help="A shipped scenario, or a file.")
Prices = typer.Argument(metavar="PRICES.csv", help="Columns date, ticker, and adj_close or close.")
EventDay = typer.Option("2025-01-27", "--event", metavar="DATE", help="The event day, YYYY-MM-DD.")
Scenario = typer.Argument(..., metavar="SCENARIO", help="A shipped scenario, such as sceptic, or a path.")
Chapters = typer.Argument(None, metavar="[CHAPTER]...", help="Slugs; all chapters if none.")


@app.callback(invoke_without_command=True)
def _callback(context: typer.Context):
    if context.invoked_subcommand is None:
        print(context.get_help())


def _report(settings):
    from reporting.core.report import Report
    from reporting.inputs.assumptions import parse_settings

    return Report(parse_settings(settings))


def _print_json(content):
    plain = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(content, indent=2, ensure_ascii=not plain))


@app.command()
def results(settings: list[str] = Settings, as_json: bool = AsJson):
    """List every result: key, value, unit, title."""
    from reporting.core import wording
    from reporting.core.results import registry

    report = _report(settings)
    evaluated = {key: report.value(key) for key in registry()}
    if as_json:
        _print_json(
            {
                "results": {
                    key: {
                        "value": value,
                        "unit": registry()[key].unit,
                        "title": registry()[key].title,
                        "kind": registry()[key].kind,
                        "grade": report.grade(key),
                    }
                    for key, value in evaluated.items()
                }
            }
        )
        return
    wide = max(len(key) for key in evaluated)
    for key, value in evaluated.items():
        declared = registry()[key]
        written = wording.quantity(value, declared.unit, declared.digits).replace(wording.NBSP, " ")
        print(f"{key:<{wide}}  {written:>24}  {declared.unit:<14}  {declared.title}")


@app.command()
def assumptions(as_json: bool = AsJson):
    """List every assumption: id, value, 80% interval, allowed range, unit, title."""
    from reporting.inputs.assumptions import register

    if as_json:
        _print_json({"assumptions": {key: entry.model_dump() for key, entry in register().items()}})
        return
    wide = max(len(key) for key in register())
    for key, entry in register().items():
        numbers = f"{entry.value:<10g} {entry.low:g} to {entry.high:g}"
        print(f"{key:<{wide}}  {numbers:<30} {entry.unit:<14} {entry.title} (allowed {entry.min:g} to {entry.max:g})")


@app.command()
def claims(settings: list[str] = Settings, as_json: bool = AsJson):
    """List the parts of the essay's claims with the word on each; as JSON also why, and what would change it."""
    from reporting.core import claims as judged
    from reporting.core import ledger

    report = _report(settings)
    if as_json:
        _print_json({"claims": ledger.entries(report, progress=True)})
        return
    for identifier, (_, part) in judged.parts().items():
        print(f"{identifier}  {judged.verdict(identifier, report):<13}  {part.text}")


@app.command()
def flip(
    name: str = typer.Argument(metavar="CLAIM", help="Such as C12, or a part of it, such as C12a."),
    settings: list[str] = Settings,
    as_json: bool = AsJson,
):
    """Say what would have to be true for the verdict on a claim, or on a part of it, to change."""
    from reporting.core import claims as judged
    from reporting.core import ledger, wording

    report = _report(settings)
    entry = ledger.entry(judged.claim_of(name), report)
    entry["parts"] = [part for part in entry["parts"] if name in (entry["id"], part["id"])]
    if as_json:
        _print_json(entry)
        return
    lines = [f"{entry['id']}: {entry['claim']}"]
    for part in entry["parts"]:
        lines += ["", f"{part['id']}: {part['text']}", f"Verdict: {part['verdict']}. {part['because']}"]
        lines += [f"False if: {part['falsified_by']}"]
        for each in part["flips"]:
            unlikely = "" if each["likely"] else ", which lies outside its 80% interval"
            lines.append(f"  {ledger.flip_words(each, report)}{unlikely}")
        lines += [f"  {part['no_flips']}"] if part["no_flips"] else []
        if part["robustness"] != ledger.ON_FACTS:
            lines.append(f"Draws of all assumptions that keep the verdict: {part['robustness']:.1%}")
        lines.append("Weakest evidence: {title}, {grade}".format(**part["weakest"]))
    print("\n".join(lines).replace(wording.NBSP, " "))


@app.command()
def cite(
    key: str = typer.Argument(help="A figure or a result."),
    style: str = typer.Option("text", "--format", help="text, markdown, bibtex or csl."),
    scenario: str = Under,
    settings: list[str] = Settings,
):
    """Print the citation of a figure or a number."""
    from reporting.publishing import citing

    print(citing.written(citing.of(key, citing.report_under(scenario, settings)), style))


@app.command()
def verify(
    name: str = typer.Argument(metavar="KEY@FINGERPRINT", help="As it was cited."),
    scenario: str = Under,
    settings: list[str] = Settings,
    as_json: bool = AsJson,
):
    """Say whether a cited figure or number still comes out, or which inputs changed; exit code 1 if it does not."""
    from reporting.publishing import archive, citing

    found = archive.verify(name, citing.report_under(scenario, settings))
    if as_json:
        _print_json(found.as_dict())
    else:
        print(found.words())
    return 0 if found.reproduces else 1


@app.command()
def state(write: bool = typer.Option(False, "--write", help="Keep what the report says now.")):
    """List what the report says otherwise than archive/state.txt: numbers, drawings, words; exit code 1 if any."""
    from reporting.publishing import state as states

    now = states.lines()
    found = states.differences(states.read(), now)
    if write:
        states.write(now)
    print("\n".join(found) or "The report says what archive/state.txt keeps.")
    return 1 if found and not write else 0


@app.command()
def schemas():
    """Write the JSON Schemas of assumptions, claims, scenarios and the words of figures into schemas/."""
    from reporting.publishing import schemas as written

    for path in written.write():
        print(path.relative_to(written.ROOT))


@app.command()
def record():
    """Write a release's entry of the archive, from which its fingerprints can be verified later."""
    from reporting.publishing import archive

    print(f"Recorded in {archive.record().relative_to(archive.ROOT)}")


@app.command()
def pack(
    keys: list[str] = Figures,
    form: str = typer.Option("docx", "--format", help="docx, zip or md."),
    scenario: str = Under,
    settings: list[str] = Settings,
    out: str = typer.Option("", help="The file; memo.docx, memo.zip or memo.md if not given."),
):
    """Pack figures for a memo: pictures, captions, citations, data."""
    from pathlib import Path

    from reporting.publishing import citing
    from reporting.publishing import pack as packed

    report = citing.report_under(scenario, settings)
    print(f"The pack is at {packed.write(keys, report, form, Path(out or f'memo.{form}'))}")


@app.command()
def pdf(
    site: str = typer.Option("_build/html", help="A built site."),
    out: str = typer.Option("_build/report.pdf", help="The file."),
):
    """Print the built site into one PDF, with a headless browser."""
    from reporting import ROOT
    from reporting.publishing import printing

    print(f"The report is at {printing.write(ROOT / site, ROOT / out)}")


@app.command()
def chip(
    name: str = typer.Argument(help="For example H20, or 'H800 PCIe 80GB' for one form."),
    on: str = typer.Option(..., "--on", metavar="DATE", help="YYYY-MM-DD."),
    as_json: bool = AsJson,
):
    """Say whether a chip needed a US licence for China on a day, and by which test. Arithmetic, not legal advice."""
    from reporting.chapters.export import results as export_controls

    forms = export_controls.answers(name, export_controls.day_of(on))
    if as_json:
        _print_json({"forms": forms})
        return
    words = {True: "controlled", False: "not controlled", None: "not decidable, an input is missing"}
    for form in forms:
        rule = f" by {form['rule']}" if form["rule"] else ""
        print(f"{form['name']} on {form['on']}: {words[form['controlled']]}{rule}")
        for quantity, unit in (("tpp", "TPP"), ("performance_density", "TPP/mm2"), ("io_gbs", "GB/s")):
            value = "not known" if form[quantity] is None else f"{form[quantity]:,.6g} {unit}"
            print(f"  {export_controls.QUANTITIES[quantity]}: {value}")
        for reason in form["why"]:
            print(f"  {reason}")
    print("Arithmetic on published specifications, not legal advice.")


@app.command()
def events(prices: Path = Prices, event: str = EventDay, as_json: bool = AsJson):
    """Run the event study on a file of daily closes that holds SPY, RSP or QQQ."""
    from reporting import event_file

    study = event_file.study(prices, event)
    if as_json:
        _print_json(study)
    else:
        print(event_file.words(study))


@app.command()
def check():
    """Check that no notebook was saved with a reader's assumptions, which takes no time."""
    from reporting.publishing import book

    book.check_parameters(book.notebooks())


@app.command()
def execute(chapters: list[str] = Chapters):
    """Run the chapters' notebooks in place and store their outputs."""
    from reporting.publishing import book

    book.execute_in_place(chapters)


@app.command()
def build(
    fresh: bool = typer.Option(True, help="Run the notebooks first; --no-fresh uses their stored outputs."),
    settings: list[str] = Settings,
    out: str = typer.Option("_build/html", help="Where the site goes."),
):
    """Build the site; the previous one is replaced only when the new one is complete."""
    from reporting.inputs.assumptions import parse_settings
    from reporting.publishing import book

    site = book.build(Path(out), fresh=fresh, overrides=parse_settings(settings))
    print(f"The report is at {site / 'index.html'}")


@app.command()
def run(
    scenario: str = Scenario,
    settings: list[str] = Settings,
    chapters: str = typer.Option("", help="Slugs, separated by commas; all chapters if none."),
    out: str = typer.Option("", help="Where the site goes; _build/scenarios/NAME if not given."),
):
    """Run the report under a scenario, build its site and print what is different."""
    from pathlib import Path

    from reporting.core import scenarios
    from reporting.core.report import Report
    from reporting.publishing import book, comparison

    overrides = scenarios.overrides_of(scenario, settings)
    report = Report(overrides)
    folder = Path(out or f"_build/scenarios/{report.stamp if settings else overrides.name}")
    failures = book.run(folder, overrides, [slug.strip() for slug in chapters.split(",") if slug.strip()])
    print(comparison.as_text(comparison.compare(scenarios.report_of(scenarios.BASE), report)))
    print(f"\nThe report is at {book.ROOT / folder / 'index.html'}")
    for failure in failures:
        print(f"analysis: {failure}", file=sys.stderr)
    return 1 if failures else 0


@app.command()
def diff(
    before: str = typer.Argument(..., metavar="A", help="A shipped scenario, or a path."),
    after: str = typer.Argument(..., metavar="B", help="Another."),
    as_json: bool = AsJson,
    markdown: bool = typer.Option(False, "--markdown", help="Print Markdown."),
):
    """Compare two scenarios: results, verdicts, figures and statements."""
    from reporting.core import scenarios
    from reporting.publishing import comparison

    difference = comparison.compare(*(scenarios.report_of(name) for name in (before, after)))
    if as_json:
        _print_json(difference.as_dict())
    else:
        print(comparison.as_markdown(difference) if markdown else comparison.as_text(difference))


@app.command()
def uncertainty(
    key: str = typer.Argument("", metavar="[KEY]", help="A result; all of them if none."),
    settings: list[str] = Settings,
    scenario: str = typer.Option("base", help="A shipped scenario, or a path."),
    draws: int = typer.Option(0, min=0, help="A million for closed results, 2,000 for numeric ones if not given."),
    seed: int = typer.Option(20250127, min=0, help="Of the draws."),
    as_json: bool = AsJson,
):
    """Print what the ranges of the assumptions do to a result: quantiles, tornado, Sobol indices."""
    from reporting.core import scenarios, uncertainty_report
    from reporting.core.report import Report

    report = Report(scenarios.overrides_of(scenario, settings))
    found = (
        uncertainty_report.of_one(report, key, draws, seed) if key else uncertainty_report.of_all(report, draws, seed)
    )
    if as_json:
        _print_json(found)
    else:
        print(uncertainty_report.one_as_text(found) if key else uncertainty_report.all_as_text(found))


@app.command()
def sweep(
    grid: str = typer.Argument(..., metavar="GRID.yml", help="What to evaluate; see scenarios/sweeps/."),
    out: str = typer.Option(..., help="The Parquet file."),
    settings: list[str] = Settings,
    dask: str = typer.Option("", metavar="tcp://HOST:PORT", help="Scheduler of a Dask cluster that calculates."),
):
    """Evaluate results over a grid or a sample; run again, it goes on where it was stopped."""
    from pathlib import Path

    from reporting.core import sweep as sweeps

    plan = sweeps.read(Path(grid), settings)
    computed = sweeps.run(plan, Path(out), dask)
    print(f"{out}: {plan.rows:,} rows of {len(plan.results)} results; {computed} of {plan.chunks} chunks computed now")


def main():
    """Run the command line; a reader's error is one line on standard error and exit code 2."""
    console.write_anywhere(sys.stdout, sys.stderr)
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()  # or a full disk would be noticed only after the end
    except BrokenPipeError:  # whoever read has seen enough, as `head` does
        _forget_output()
        sys.exit(141)
    except InputError as error:
        _fail(str(error))
    except TyperException as error:
        _fail(error.format_message())
    except OSError as error:
        where = error.filename or ("standard output" if error.errno == errno.ENOSPC else "")
        if not error.filename:
            _forget_output()
        _fail(f"{where}: {error.strerror}" if where else str(error))
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)


def _forget_output():
    """Give up what could not be written, or Python would try again at its end and complain."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message):
    print(f"analysis: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(2)

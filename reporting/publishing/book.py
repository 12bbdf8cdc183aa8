"""From notebooks to the site: execute, build, and replace the previous site only by a complete one."""

import ast
import asyncio
import contextlib
import errno
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from pathlib import Path

from analysis.errors import InputError, unknown
from reporting import ROOT
from reporting.core import outputs

BOOK = ROOT / "book"
CELL_TIMEOUT_S = 600
#: Marks a folder as a built site, which the next build may replace.
MARK = ".report"
#: What makes outputs the same on every machine: no time zone, language, encoding or order of sets of the reader's.
SAME = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "LANGUAGE": "", "PYTHONUTF8": "1", "PYTHONHASHSEED": "0"}
#: What a build needs while the old site still stands: the notebooks, Sphinx's own files and the site.
LEAST_FREE = 100 * 10**6


def notebooks(chapters=None):
    """Return the chapters' notebooks.

    Parameters
    ----------
    chapters : list of str, optional
        Slugs such as ``"cost-claims"``; all chapters if None or empty.

    Returns
    -------
    list of pathlib.Path

    Raises
    ------
    InputError
        If a slug names no chapter.
    """
    known = {path.stem: path for path in sorted(BOOK.glob("*.ipynb"))}
    for chapter in chapters or ():
        if chapter not in known:
            raise unknown("chapter", chapter, known, "book/")
    return [known[chapter] for chapter in chapters] if chapters else list(known.values())


def pages():
    """Return every page of the book, chapters first: a list of pathlib.Path."""
    return [*notebooks(), *sorted(BOOK.glob("*.md"))]


def markdown(path):
    """Return the prose of a page, of a notebook its Markdown cells."""
    if path.suffix == ".md":
        return path.read_text("utf-8")
    import nbformat

    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def check_parameters(paths):
    """Refuse notebooks that were saved with a reader's assumptions: their outputs would stand beside other numbers.

    Parameters
    ----------
    paths : list of pathlib.Path

    Raises
    ------
    InputError
        If a notebook has no parameter cell, or one that is more than ``overrides = {}``; names the notebook and what
        to do.
    """
    for path in paths:
        where = f"book/{path.name}"
        try:
            cells = json.loads(path.read_text("utf-8"))["cells"]
            sources = [cell["source"] for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{where}: is not a notebook ({type(error).__name__}: {error})") from None
        if len(sources) != 1:
            raise _not_one_parameter_cell(where, len(sources))
        if not _sets_nothing("".join(sources[0])):
            raise InputError(
                f"{where}: its parameter cell sets overrides; reset the cell to 'overrides = {{}}' and save it, and "
                "give the values to 'python -m analysis run base --set ID=VALUE'"
            )


def _not_one_parameter_cell(where, number):
    return InputError(f"{where}: needs exactly one cell tagged 'parameters', has {number}")


def _sets_nothing(source):
    """Tell whether a cell is ``overrides = {}``, whatever its spaces and comments."""
    try:
        (statement,) = ast.parse(source).body
        names = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return [name.id for name in names] == ["overrides"] and ast.literal_eval(statement.value) == {}
    except (SyntaxError, ValueError, TypeError, AttributeError):
        return False


def execute(source, target, overrides=None):
    """Run a notebook in a fresh kernel and write it with its outputs.

    Parameters
    ----------
    source, target : pathlib.Path
        May be the same; the target is written only when every cell has run.
    overrides : mapping, optional
        Put into the notebook's parameter cell, with its name if it has one (`reporting.inputs.assumptions.Overrides`).

    Raises
    ------
    InputError
        If a cell fails; names the notebook, the cell and the error.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    notebook = nbformat.read(source, as_version=4)
    where = f"book/{source.name}"
    name = getattr(overrides, "name", "")
    if overrides or name:
        cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())]
        if len(cells) != 1:
            raise _not_one_parameter_cell(where, len(cells))
        cells[0].source = f"overrides = {dict(overrides)!r}"
        if name:
            cells[0].source = f"from reporting.inputs.assumptions import Overrides\n\noverrides = {overrides!r}"
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(BOOK)}},
        extra_arguments=["--log-level=ERROR"],
    )
    try:
        # A loop of its own, closed at the end: this may be a thread.
        asyncio.run(client.async_execute(env=os.environ | SAME))
    except (CellExecutionError, CellTimeoutError, RuntimeError) as error:  # the last: the kernel died, or never began
        raise InputError(f"{where}, {_failed_cell(notebook)}: {_last_line(error)}") from None
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # wall-clock times: noise in every diff
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    partial = target.with_name(f".{target.name}.part")
    try:
        nbformat.write(notebook, partial)
        partial.replace(target)
    except OSError as error:  # which does not always say what could not be written
        partial.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, where) from None


def _failed_cell(notebook):
    for number, cell in enumerate(notebook.cells, start=1):
        if any(output.output_type == "error" for output in cell.get("outputs", ())):
            return f"cell {number} ({cell.source.strip().splitlines()[0][:60]!r})"
    return "a cell that did not finish"


def _last_line(error):
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in str(error).splitlines()]
    return [type(error).__name__, *(line for line in lines if line)][-1]


def _execute_all(pairs, overrides):
    """Run notebooks beside each other; return a mapping from the source of each that failed to what went wrong."""
    import nbclient  # noqa: F401, here and not first in the threads, which Ctrl-C does not reach
    import nbformat  # noqa: F401
    from tqdm import tqdm

    failures = {}
    with (
        ThreadPoolExecutor(max_workers=os.cpu_count()) as pool,
        tqdm(total=len(pairs), unit="chapter", desc="execute") as bar,
    ):
        jobs = {pool.submit(execute, source, target, overrides): source for source, target in pairs}
        try:
            for job in as_completed(jobs):
                try:
                    job.result()
                except InputError as error:
                    failures[jobs[job]] = str(error)
                bar.update()
        except BaseException:  # Ctrl-C, a full disk
            pool.shutdown(wait=False, cancel_futures=True)
            _end(jobs)
            raise
    return failures


def _end(jobs):
    """End the kernels of jobs, also those that start only now, or their chapters would run to the end first."""
    import psutil

    while not all(job.done() for job in jobs):
        with contextlib.suppress(KeyboardInterrupt):  # who presses Ctrl-C again wants just this
            for child in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    child.kill()
            wait(jobs, timeout=0.05)


def execute_in_place(chapters=None):
    """Run chapters and store their outputs in the repository."""
    chosen = notebooks(chapters)
    check_parameters(chosen)
    failures = _execute_all([(path, path) for path in chosen], None)
    if failures:
        raise InputError("; ".join(failures.values()))


def build(out, fresh=True, overrides=None):
    """Build the site in an empty folder, then put it in place of the previous one.

    Parameters
    ----------
    out : pathlib.Path
        Where the site goes; relative paths start at the repository.
    fresh : bool
        Execute the notebooks first, on copies. If False, use their stored outputs.
    overrides : mapping of str to float, optional
        New assumption values, for the notebooks and for the prose.

    Returns
    -------
    pathlib.Path
        The folder of the site.

    Raises
    ------
    InputError
        If a notebook was saved with overrides or fails, or Sphinx warns; the previous site stays as it was.
    """
    check_parameters(notebooks())
    failures = _make(out, notebooks() if fresh else [], overrides, keep_going=False)
    if failures:
        raise InputError("; ".join(failures.values()))
    return ROOT / out


def run(out, overrides, chapters=None):
    """Run chapters under a scenario and build the site from them.

    Parameters
    ----------
    out : pathlib.Path
        Where the site goes; relative paths start at the repository.
    overrides : reporting.inputs.assumptions.Overrides
    chapters : list of str, optional
        Slugs; the pages of the others say that they were not run. All chapters if None or empty.

    Returns
    -------
    list of str
        What went wrong in chapters that failed; their pages say it, the others are complete.

    Raises
    ------
    InputError
        If a chapter was saved with overrides, none ran or Sphinx warns; the previous site stays as it was.
    """
    chosen = notebooks(list(dict.fromkeys(chapters or ())))
    check_parameters(chosen)
    failures = _make(out, chosen, overrides, keep_going=True)
    if len(failures) == len(chosen):
        raise InputError("; ".join(failures.values()))
    return list(failures.values())


def _make(out, chosen, overrides, keep_going):
    """Build the site aside and put it in place; return what went wrong, by notebook.

    A failure leaves the previous site, unless `keep_going` and another chapter ran.
    """
    out = ROOT / out
    outputs.check_folder(out, MARK, "a built report")
    out = out.resolve()
    with outputs.writing(out):
        return _make_aside(out, chosen, overrides, keep_going)


def _make_aside(out, chosen, overrides, keep_going):
    out.parent.mkdir(parents=True, exist_ok=True)
    recover(out)
    free = shutil.disk_usage(out.parent).free
    if free < LEAST_FREE:
        raise InputError(f"{out}: a build needs {LEAST_FREE / 1e6:.0f} MB on this disk, {free / 1e6:.0f} MB are free")
    with _stage(out) as stage:
        staged = stage / "book"
        _copy_sources(stage, overrides)
        failures = _execute_all([(path, staged / path.name) for path in chosen], overrides) if chosen else {}
        if failures and not (keep_going and len(failures) < len(chosen)):
            return failures
        for path, problem in failures.items():
            _leave_out(staged / path.name, "This chapter could not be computed under this scenario.", problem)
        for path in notebooks() if chosen else ():
            if path not in chosen:
                _leave_out(staged / path.name, "This chapter was not run under this scenario.")
        _run_jupyter_book(stage)
        site = stage / "_build" / "html"
        (site / MARK).touch()
        replace_folder(site, out)
    return failures


def _leave_out(path, words, problem=""):
    """Replace a staged chapter by its title and a sentence: outputs of another scenario would be a mixture."""
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    title = re.search(r"^# .*$", markdown(path), re.MULTILINE)[0]
    text = f"{title}\n\n:::{{container}} untrue\n{words}\n:::\n"
    if problem:
        text += f"\n~~~text\n{problem}\n~~~\n"
    notebook.cells = [nbformat.v4.new_markdown_cell(text)]
    nbformat.write(notebook, path)


@contextlib.contextmanager
def _stage(out):
    """Give a folder beside the output, on its file system; folders of processes that were killed go first."""
    import psutil

    for left in out.parent.glob(".stage-*-*"):
        owner = left.name.split("-")[1]
        if not (owner.isdecimal() and psutil.pid_exists(int(owner))):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f".stage-{os.getpid()}-", dir=out.parent) as stage:
        yield Path(stage)


def _copy_sources(stage, overrides):
    from ruamel.yaml import YAML

    shutil.copytree(BOOK, stage / "book", ignore=shutil.ignore_patterns(".ipynb_checkpoints", ".*.part"))
    shutil.copy(ROOT / "_toc.yml", stage)
    (stage / "data").mkdir()
    shutil.copy(ROOT / "data" / "references.bib", stage / "data")
    yaml = YAML()
    config = yaml.load(ROOT / "_config.yml")
    config["execute"]["execute_notebooks"] = "off"  # they have just been executed, or verified
    config["sphinx"]["config"]["analysis_overrides"] = dict(overrides or {})
    config["sphinx"]["config"]["analysis_scenario"] = getattr(overrides, "name", "")
    yaml.dump(config, stage / "_config.yml")


def _run_jupyter_book(stage):
    program = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    done = _ending_with_us(program, "build", str(stage), "-W", "-n", "--keep-going", "-q")
    if done.returncode:
        raise InputError("the site was not built: " + problems(done.stdout, stage))


#: Ends a program when the process that started it ends, however: only that one holds the other end of the pipe.
_FOLLOW = """
import os, threading
threading.Thread(target=lambda: os.read(0, 1) or os._exit(1), daemon=True).start()
"""


def _ending_with_us(program, *arguments):
    """Run a Python program in a process that does not outlive this one, also if this one is killed."""
    reader, writer = os.pipe()
    try:
        return subprocess.run(
            [sys.executable, "-c", _FOLLOW + program, *arguments],
            check=False,
            stdin=reader,
            env=os.environ | SAME,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    finally:
        os.close(reader)
        os.close(writer)


def problems(told, stage):
    """Return what Sphinx complained about as one line, each complaint once, by notebook, cell and line.

    Raises
    ------
    OSError
        If the disk is full: then everything else it said follows from that.
    """
    for code in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        if f"[Errno {code}]" in told:
            raise OSError(code, os.strerror(code))
    told = re.sub(r"\x1b\[[0-9;]*m", "", told).replace(f"{stage}{os.sep}", "")
    lines = [line.strip() for line in re.sub(r"(\.ipynb):(\d+)(\d{4})\b", _cell_and_line, told).splitlines()]
    complaints = [line for line in lines if re.search(r"WARNING|ERROR|Error", line) and not re.fullmatch(r"\w+:", line)]
    return " | ".join(dict.fromkeys(complaints or [line for line in lines if line][-5:]))


def _cell_and_line(match):
    """Translate MyST-NB's line numbers, ten thousand to a cell."""
    cell, line = divmod(int(match[2] + match[3]), 10_000)
    return f"{match[1]}, cell {cell}, line {line}"


def replace_folder(new, out):
    """Put a complete folder in place of another, so that whoever is killed leaves one of the two.

    Where the file system can exchange two folders in one step (Linux, macOS), a reader sees one or the other at every
    moment. Elsewhere there is a moment without; `recover` ends it at the next start.

    Parameters
    ----------
    new, out : pathlib.Path
        On one file system. What `out` was is removed, or left at `new` for the caller to remove.
    """
    if not out.exists():
        new.rename(out)
    elif not _exchange(new, out):
        previous = _previous(out)
        out.rename(previous)
        new.rename(out)
        shutil.rmtree(previous, ignore_errors=True)


def recover(out):
    """Undo what a process that was killed inside `replace_folder` left."""
    previous = _previous(out)
    if previous.exists() and not out.exists():
        previous.rename(out)
    shutil.rmtree(previous, ignore_errors=True)


def _previous(out):
    return out.with_name(f".{out.name}-previous")


def _exchange(one, other):
    """Exchange two folders in one step of the file system; return False where it cannot."""
    import ctypes

    paths = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux":
        call = getattr(ctypes.CDLL(None), "renameat2", None)
        here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
        return call is not None and call(here, paths[0], here, paths[1], exchange) == 0
    if sys.platform == "darwin":
        return ctypes.CDLL(None).renamex_np(*paths, 2) == 0  # RENAME_SWAP
    return False

"""From notebooks to the site: execute, build, and replace the previous site only by a complete one."""

import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from analysis import ROOT
from analysis.errors import InputError, unknown

BOOK = ROOT / "book"
CELL_TIMEOUT_S = 600


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


def execute(source, target, overrides=None):
    """Run a notebook in a fresh kernel and write it with its outputs.

    Parameters
    ----------
    source, target : pathlib.Path
        May be the same; the target is written only when every cell has run.
    overrides : mapping of str to float, optional
        Put into the notebook's parameter cell.

    Raises
    ------
    InputError
        If a cell fails; names the notebook, the cell and the error.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = nbformat.read(source, as_version=4)
    where = f"book/{source.name}"
    if overrides:
        cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())]
        if len(cells) != 1:
            raise InputError(f"{where}: needs exactly one cell tagged 'parameters', has {len(cells)}")
        cells[0].source = f"overrides = {dict(overrides)!r}"
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(BOOK)}},
        extra_arguments=["--log-level=ERROR"],
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise InputError(f"{where}, {_failed_cell(notebook)}: {_last_line(error)}") from None
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # wall-clock times: noise in every diff
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    partial = target.with_name(f".{target.name}.part")
    nbformat.write(notebook, partial)
    partial.replace(target)


def _failed_cell(notebook):
    for number, cell in enumerate(notebook.cells, start=1):
        if any(output.output_type == "error" for output in cell.get("outputs", ())):
            return f"cell {number} ({cell.source.strip().splitlines()[0][:60]!r})"
    return "a cell that did not finish"


def _last_line(error):
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in str(error).splitlines()]
    return [line for line in lines if line][-1]


def _execute_all(pairs, overrides):
    from tqdm import tqdm

    failures = []
    with (
        ThreadPoolExecutor(max_workers=2) as pool,
        tqdm(total=len(pairs), unit="chapter", desc="execute") as bar,
    ):
        jobs = [pool.submit(execute, source, target, overrides) for source, target in pairs]
        for job in jobs:
            try:
                job.result()
            except InputError as error:
                failures.append(str(error))
            bar.update()
    if failures:
        raise InputError("; ".join(failures))


def execute_in_place(chapters=None):
    """Run chapters and store their outputs in the repository."""
    _execute_all([(path, path) for path in notebooks(chapters)], None)


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
        If a notebook fails or Sphinx warns; the previous site stays as it was.
    """
    out = ROOT / out
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".stage-", dir=out.parent) as stage:
        stage = Path(stage)
        _copy_sources(stage, overrides)
        if fresh:
            staged = stage / "book"
            _execute_all([(path, staged / path.name) for path in notebooks()], overrides)
        _run_jupyter_book(stage)
        _swap(stage / "_build" / "html", out)
    return out


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
    yaml.dump(config, stage / "_config.yml")


def _run_jupyter_book(stage):
    program = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "build", str(stage), "-W", "-n", "--keep-going", "-q"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        told = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout).replace(f"{stage}/", "")
        told = re.sub(r"(\.ipynb):(\d+)(\d{4})\b", _cell_and_line, told)
        problems = [line for line in told.splitlines() if re.search(r"WARNING|ERROR|Error", line)]
        raise InputError("the site was not built: " + " | ".join(problems or told.splitlines()[-5:]))


def _cell_and_line(match):
    """Translate MyST-NB's line numbers, ten thousand to a cell."""
    cell, line = divmod(int(match[2] + match[3]), 10_000)
    return f"{match[1]}, cell {cell}, line {line}"


def _swap(new, out):
    previous = out.with_name(f".{out.name}-previous")
    shutil.rmtree(previous, ignore_errors=True)
    if out.exists():
        out.rename(previous)
    new.rename(out)
    shutil.rmtree(previous, ignore_errors=True)

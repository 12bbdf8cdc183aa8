"""Whose code runs: a copied or shared environment may hold the package of another checkout than the one at hand."""

from pathlib import Path

from analysis.errors import InputError
from reporting import ROOT


def check():
    """Refuse to calculate inside a checkout of this report with the code, and so the data, of another one.

    Outside of any checkout, as a library, everything goes.

    Raises
    ------
    InputError
        Names both checkouts and what to do.
    """
    try:
        here = Path.cwd()
    except OSError:  # the current folder is gone
        return
    for folder in (here, *here.parents):
        if all((folder / name).is_file() for name in ("analysis/__init__.py", "data/assumptions.yml", "_toc.yml")):
            if not folder.samefile(ROOT):
                raise InputError(
                    f"this folder belongs to the report in {folder}, but Python imports 'analysis' from {ROOT}; "
                    f"set PYTHONPATH={folder}, or run 'pip install --no-deps -e .' there"
                )
            return

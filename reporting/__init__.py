"""What makes the report of the models in `analysis`.

From the ground up, and imports run one way: `inputs` reads ``data/``; `cases` puts sourced numbers into models; `core`
names results, judges claims, draws ranges; `drawing` makes figures; `chapters` has a folder for each chapter, its
results and its figures; `publishing` executes, cites and archives; `site` and the command line are on top.
"""

from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if not (ROOT / "data" / "datapackage.json").exists():  # installed from a wheel
    ROOT = Path(__file__).resolve().parent / "shipped"
DATA = ROOT / "data"

# Resolved on first use: who reads a fact should not wait for charts.
_LAZY = {
    "Report": "reporting.core.report",
    "publish": "reporting.drawing.figures",
    "show": "reporting.drawing.show",
}


def __getattr__(name):
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'reporting' has no attribute {name!r}")

"""The DeepSeek Shock, Recomputed: the analysis behind the report.

Topic modules (``training``, ``ownership``, ...) hold pure functions of numbers.
``facts`` and ``assumptions`` read ``data/``; ``results`` names what comes out;
``figures`` draws it, ``claims`` judges the essay by it.
"""

from importlib import import_module
from pathlib import Path

__version__ = "0.2.0.dev0"

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"

# Resolved on first use: a calculation should not wait for charts or tables to load.
_LAZY = {"Architecture": "analysis.architecture", "Report": "analysis.report", "publish": "analysis.figures"}


def __getattr__(name):
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'analysis' has no attribute {name!r}")

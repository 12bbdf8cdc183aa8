"""Models of what AI costs and how it spreads: GPU and memory calculations, and the other models of the report.

A module a topic, a function a formula: numbers in, numbers out. Nothing here reads a file or knows of the report, so
that a calculation can be taken away. `architecture` reads what a model is made of; `memory`, `training` and `serving`
count bytes, operations and seconds for it, and `serving` asks `memory` what fits; `calibration` says what chips reach
of their peak, `ownership` what an hour of one costs, `token_costs` what an answer does. `distillation`,
`self_improvement`, `demand`, `price_trends`, `unit_economics`, `export_rules`, `event_study` and `valuation` hold the
rest, `statistics` the regressions they share.
"""

from importlib import import_module

__version__ = "0.2.0.dev0"


def __getattr__(name):
    if name == "Architecture":  # resolved on first use: a calculation should not wait for what it does not use
        return import_module("analysis.architecture").Architecture
    raise AttributeError(f"module 'analysis' has no attribute {name!r}")

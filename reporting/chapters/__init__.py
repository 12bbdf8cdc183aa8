"""The chapters, a folder each: what they state and what they draw.

A chapter's folder is named like the prefix of its keys, `reporting.core.results.CHAPTERS`; no chapter imports another.
"""

#: The modules that declare results, in the order in which results are listed.
RESULTS = (
    "cost.results",
    "efficiency.serving",
    "distillation.students",
    "distillation.bill",
    "distillation.loop",
    "efficiency.memory",
    "efficiency.quality",
    "export.results",
    "margins.prices",
    "margins.economics",
    "market.reaction",
    "market.valuation",
)
#: The modules that declare figures, likewise.
FIGURES = (
    "cost.figures",
    "distillation.figures",
    "efficiency.figures_memory",
    "efficiency.figures_quality",
    "efficiency.figures_serving",
    "export.figures",
    "margins.figures_economics",
    "margins.figures_prices",
    "market.figures",
)

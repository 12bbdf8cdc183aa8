"""Models by name, from their published configurations."""

from typing import NamedTuple

from analysis import serving
from analysis.architecture import Architecture
from reporting.inputs import facts
from reporting.inputs.evidence import remembered

V3, R1 = "deepseek-v3", "deepseek-r1"


@remembered
def architecture(name):
    """Return the architecture of a model of ``data/model_configs``."""
    return Architecture.from_hf_config(facts.model_config(name))


@remembered
def model(name):
    """Return a model of ``data/model_configs`` as serving sees it."""
    return serving.model_of(architecture(name))


class Distilled(NamedTuple):
    """A distilled model: its configuration, what it is called, and its name in ``data/benchmarks.csv``."""

    config: str
    name: str
    run: str


#: The six models distilled from R1.
DISTILLED = {
    "1_5b": Distilled("qwen2.5-1.5b", "Distill-Qwen 1.5B", "qwen1_5b"),
    "7b": Distilled("qwen2.5-7b", "Distill-Qwen 7B", "qwen7b"),
    "8b": Distilled("llama-3.1-8b", "Distill-Llama 8B", "llama8b"),
    "14b": Distilled("qwen2.5-14b", "Distill-Qwen 14B", "qwen14b"),
    "32b": Distilled("qwen2.5-32b", "Distill-Qwen 32B", "qwen32b"),
    "70b": Distilled("llama-3.1-70b", "Distill-Llama 70B", "llama70b"),
}

"""Labels of the references: sources are called in the text as they are under figures and in tables."""

from pybtex.plugin import register_plugin
from pybtex.style.formatting import unsrt
from pybtex.style.labels import BaseLabelStyle

from reporting.inputs import evidence

NAME = "short"


class Labels(BaseLabelStyle):
    """Short citations, ``"DeepSeek-AI 2024a"``."""

    def format_labels(self, sorted_entries):
        return [evidence.short_citation(entry.key) for entry in sorted_entries]


class Style(unsrt.Style):
    """The entries as pybtex writes them, with these labels."""

    default_label_style = Labels


def register():
    """Make the style known as ``bibtex_default_style``."""
    register_plugin("pybtex.style.formatting", NAME, Style)

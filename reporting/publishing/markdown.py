"""Markdown that several files need."""


def table(head, rows):
    """Return the lines of a table; its cells are not padded, so that one long cell does not widen every row."""

    def line(cells):
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    return [line(head), line(["---"] * len(head)), *(line(row) for row in rows)]

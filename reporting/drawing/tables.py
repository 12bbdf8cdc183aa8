"""Tables that a notebook shows: real HTML tables, the same bytes every time."""

import html
import re

from reporting.core.wording import typographic


class Table:
    """A captioned table.

    Parameters
    ----------
    caption : str
    head : sequence of str
        Column names.
    rows : sequence of sequence of str
        Cells in words; the first of each row names it.
    """

    def __init__(self, caption, head, rows):
        self.caption = typographic(caption)
        self.head = [typographic(name) for name in head]
        self.rows = [[typographic(cell) for cell in row] for row in rows]

    def html(self):
        """Return the table as HTML; on a phone the rows of a wide one fold into blocks, labelled by column."""
        escape = html.escape
        numeric = [_numeric(column) for column in zip(*self.rows, strict=True)]
        kinds = ["", *(' class="n"' if number else "" for number in numeric[1:])]
        header = "".join(
            f'<th scope="col"{kind}>{escape(name)}</th>' for name, kind in zip(self.head, kinds, strict=True)
        )
        body = "".join(
            f'<tr><th scope="row">{escape(row[0])}</th>'
            + "".join(
                f'<td{kind} data-label="{escape(name)}"><div>{escape(cell)}</div></td>'
                for name, cell, kind in zip(self.head[1:], row[1:], kinds[1:], strict=True)
            )
            + "</tr>"
            for row in self.rows
        )
        fold = " fold" if len(self.head) > 3 else ""
        return (
            f'<div class="table-scroll"><table class="plain{fold}"><caption>{escape(self.caption)}</caption>'
            f"<thead><tr>{header}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        lines = [self.caption, "\t".join(self.head), *("\t".join(row) for row in self.rows)]
        return {"text/html": self.html(), "text/plain": "\n".join(lines)}


def _numeric(column):
    """Tell whether a column's cells are numbers, ranges or blanks, which align on the right."""
    number = re.compile(r"[~<>≈]?[−-]?\$?\d[^a-z]*(?:(?:thousand|[mb]illion|trillion)\b[^a-z]*)?(?:to\b.*)?$")
    return all(number.match(cell) or cell in ("", "—") for cell in column)

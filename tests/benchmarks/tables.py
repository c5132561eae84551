"""How the report's tables are written: for a terminal, and for README.md."""

from collections.abc import Iterator, Sequence

Rows = Sequence[Sequence[str]]
"""Cells, the headings first."""


def as_text(rows: Rows) -> str:
    """Columns below one another."""
    return "\n".join(_lines(rows))


def as_markdown(rows: Rows) -> str:
    """A table of Markdown, with the signs that a reader expects there."""
    heading, *others = rows
    lines = [_row(heading), _row(["---", *["---:"] * (len(heading) - 1)]), *map(_row, others)]
    return "\n".join(lines)


def _lines(rows: Rows) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for position, row in enumerate(rows):
        first, *others = row
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join((first.ljust(widths[0]), *cells)).rstrip()
        if position == 0:
            yield "-" * (sum(widths) + 2 * len(widths) - 2)


def _row(cells: Sequence[str]) -> str:
    shown = (
        cell.replace(">=", "≥").replace("<=", "≤").replace("-", "–") if "[" in cell else cell
        for cell in cells
    )
    return f"| {' | '.join(shown)} |"

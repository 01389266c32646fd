"""Match and differences of two articles -> what `isnad compare` shows.

The differences stand in their context as `[-gone-]{+new+}`, the marks of wdiff, which survive a
copy out of the terminal and need no colour. Each line is isolated in the direction of the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import BinaryIO

from rich.console import Console
from rich.text import Text

from dedupe.composites import Composite
from dedupe.differences import Change, Difference
from dedupe.models import Article, Match, Relation, Side
from dedupe.normalize import tokenize
from dedupe.report.as_table import make_console
from dedupe.report.display import clean, count_of, fit, format_time, is_rightward, isolate
from dedupe.report.sink import open_sink

__all__ = ["Comparison", "turn_match", "write_comparison", "write_division"]

_SHOWN = 200
_REASONS = 6
_NEAR = 0.001  # contributions are rounded to four places
_CONTEXT = 60  # code points of unchanged text before and after a difference
_QUOTED = 400  # of changed text, either side
_INDENT = 2
_LEFT_TO_RIGHT, _RIGHT_TO_LEFT, _END = "\u2066", "\u2067", "\u2069"
_FLAGS = ("number", "date", "name", "notice")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A verified pair and what turns its left body into its right one."""

    match: Match
    differences: tuple[Difference, ...]


def turn_match(match: Match) -> Match:
    """Give a match as seen from its other side, with the larger id on the left."""
    other: dict[Side | None, Side | None] = {"left": "right", "right": "left", None: None}
    return replace(
        match,
        left=match.right,
        right=match.left,
        container=other[match.container],
        earlier=other[match.earlier],
        containment_left=match.containment_right,
        containment_right=match.containment_left,
        spans=tuple(sorted((c, d, a, b) for a, b, c, d in match.spans)),
    )


def write_comparison(
    comparison: Comparison, left: Article, right: Article, out: BinaryIO, width: int, color: bool
) -> None:
    """Write the verdict and the differences in their context."""
    console = make_console(open_sink(out), width, color)
    _print_verdict(console, comparison.match, left, right)
    _print_differences(console, comparison.differences, left.body, right.body)


def write_division(
    composite: Composite, articles: Sequence[Article], out: BinaryIO, width: int, color: bool
) -> None:
    """Write of which source the words of the first of `articles` are, the largest share first."""
    console = make_console(open_sink(out), width, color)
    titles = {article.id: article.title or article.id for article in articles}
    shares = [(part.share, titles[part.article], part.outlet) for part in composite.sources]
    gone = {part.article for part in composite.sources}
    shares += [(0.0, titles[a.id], a.outlet) for a in articles[1:] if a.id not in gone]
    title = isolate(fit(titles[composite.id], console.width - 8))
    console.print(Text(title, "bold"), soft_wrap=True)
    console.print(f"{composite.own:>7.1%}  words of its own")
    for share, name, outlet in shares:
        line = Text(f"{share:>7.1%}  ").append(isolate(fit(name, console.width - 40)), "bold")
        line.append(f" · {isolate(fit(outlet, 28))}" if outlet else "", "dim")
        console.print(line, soft_wrap=True)


def _print_verdict(console: Console, match: Match, left: Article, right: Article) -> None:
    verdict = Text(match.relation.value, "bold").append(
        f"  similarity {match.similarity:.3f}  probability of copying {match.probability:.3f}",
        "not bold",
    )
    console.print(verdict)
    if why := _explain(match):
        console.print(Text(why, "dim"))
    sides = (("left", left, match.containment_left), ("right", right, match.containment_right))
    for side, article, share in sides:
        title = isolate(fit(article.title or article.id, console.width - 8))
        console.print(Text(f"{side:<8}", "dim").append(title, "bold not dim"), soft_wrap=True)
        facts = [
            isolate(fit(article.outlet or article.id, 30)),
            f"{share:.1%} of it stands in the other",
            format_time(article.published),
            "holds text of the other" if match.container == side else "",
            "the earlier text" if match.earlier == side else "",
        ]
        line = " " * 8 + " · ".join(fact for fact in facts if fact)
        console.print(Text(line, "dim"), soft_wrap=True)


def _explain(match: Match) -> str:
    """Say what speaks most for and against copying, or that the probability is by definition."""
    by_definition = {Relation.IDENTICAL: "the same words", Relation.REVISION: "the same article"}
    if match.relation in by_definition:
        return f"{'why':<8}{by_definition[match.relation]}: probability 1 by definition"
    odds = sum(match.features.values())
    expected = 1 / (1 + exp(-max(-30, min(30, odds))))
    if not match.features or abs(expected - match.probability) > _NEAR:
        return ""  # too little in common to be weighed
    ranked = sorted(match.features.items(), key=lambda item: (-abs(item[1]), item[0]))
    shown = [f"{name} {value:+.1f}" for name, value in ranked[:_REASONS]]
    rest = sum(value for _, value in ranked[_REASONS:])
    return f"{'why':<8}{'  '.join(shown)}  others {rest:+.1f}  (log-odds, in all {odds:+.1f})"


def _print_differences(
    console: Console, differences: Sequence[Difference], body: str, other: str
) -> None:
    console.print()
    if not differences:
        console.print(_say_equal(body, other))
        return
    counts = {flag: sum(getattr(each, flag) for each in differences) for flag in _FLAGS}
    said = ", ".join(count_of(flag, count) for flag, count in counts.items() if count)
    heading = count_of("difference", len(differences)) + (f" ({said})" if said else "")
    console.print(Text(heading, "bold"))
    begin = _RIGHT_TO_LEFT if is_rightward(body) else _LEFT_TO_RIGHT
    for passage in _group(differences[:_SHOWN]):
        console.print()
        paragraph = _quote_passage(passage, body)
        for line in paragraph.wrap(console, console.width - _INDENT - 2):
            line.rstrip()
            shown = Text(" " * _INDENT + begin).append_text(line).append(_END)
            console.print(shown, soft_wrap=True)
    if len(differences) > _SHOWN:
        console.print(f"\n… and {len(differences) - _SHOWN:,} more: --format json holds all")


def _say_equal(body: str, other: str) -> str:
    """Say what it means that no word differs."""
    if not len(tokenize(body).ids):
        return "Neither text has words: there is nothing to compare."
    if body == other:
        return "Both are the same text."
    return "Both say the same words; case, punctuation, signs and vowel marks are not compared."


def _group(differences: Sequence[Difference]) -> Iterator[list[Difference]]:
    """Put differences whose contexts would meet into one passage."""
    passage: list[Difference] = []
    for each in differences:
        if passage and each.left_start - passage[-1].left_end > 2 * _CONTEXT:
            yield passage
            passage = []
        passage.append(each)
    yield passage


def _quote_passage(passage: Sequence[Difference], body: str) -> Text:
    first, last = passage[0], passage[-1]
    start, end = _find_context(body, first.left_start, last.left_end)
    paragraph = Text("… " if start else "")
    at = start
    for each in passage:
        paragraph.append(_squeeze(body[at : each.left_start]), "dim")
        paragraph.append_text(_quote_change(each))
        at = each.left_end
    paragraph.append(_squeeze(body[at:end]), "dim")
    return paragraph.append(" …" if end < len(body) else "")


def _find_context(body: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span by some text on both sides, to whole words where there are any."""
    low, high = max(0, start - _CONTEXT), min(len(body), end + _CONTEXT)
    if low:
        low = body.find(" ", low, start) + 1 or low
    if high < len(body):
        space = body.rfind(" ", end, high)
        high = space if space > 0 else high
    return low, high


def _quote_change(each: Difference) -> Text:
    shown = Text()
    apart = each.change is Change.INSERT  # it stands against the word before, or the first one
    if apart and each.left_start:
        shown.append(" ")
    if each.left:
        shown.append(f"[-{isolate(clean(each.left, _QUOTED))}-]", "red")
    if each.right:
        shown.append(f"{{+{isolate(clean(each.right, _QUOTED))}+}}", "green")
    flags = [flag for flag in _FLAGS if getattr(each, flag)]
    if flags:
        shown.append(isolate(f"⟨{', '.join(flags)}⟩"), "bold yellow")
    if apart and not each.left_start:
        shown.append(" ")
    return shown


def _squeeze(text: str) -> str:
    """Clean a piece of context, keeping the space at its ends."""
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and text.strip() else ""
    return f"{before}{clean(text, 4 * _CONTEXT)}{after}"

"""Result -> a page for the terminal: how much repeats, the largest clusters, who credits whom.

Every text from outside is cleaned, cut to cells and isolated before rich sees it, and is never read
as markup: a right-to-left title stays in its place and a hostile one cannot paint the terminal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import IO, BinaryIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dedupe.models import Cluster, Credit, Summary
from dedupe.report.display import count_of, fit, format_gap, format_time, isolate
from dedupe.report.options import ReportOptions
from dedupe.report.overview import (
    Headline,
    NameOutlet,
    Overview,
    count_credits,
    count_given,
    find_lead,
    find_source,
    tell_standing,
)
from dedupe.report.reportable import Reportable
from dedupe.report.sink import open_sink
from dedupe.report.timeline import Timeline, draw_timeline

__all__ = ["make_console", "write"]

_CLUSTERS_SHOWN = 20
_PAIRS_SHOWN = 10
_TIMELINE_CELLS = 12
_LEAST_WIDTH = 60
_MARGIN = 11  # cells before a cluster's second line
_HEIGHTS = " ▁▂▃▄▅▆▇"
_RECORD = ("Outlet", "Articles", "Original", "Credited", "Agency", "No credit", "Unclear")
_NARROW_RECORD = ("Outlet", "All", "★", "✓", "Agency", "✗", "?")
_WIDE = 80
_MARKS = {
    Credit.ORIGINAL: ("★", "bold green"),
    Credit.CREDITED: ("✓", "green"),
    Credit.AGENCY: ("✓", "cyan"),
    Credit.UNCREDITED: ("✗", "red"),
    Credit.UNCLEAR: ("?", "yellow"),
}


def write(report: Reportable, out: BinaryIO, options: ReportOptions) -> None:
    """Write the page; `options.limit` clusters are shown, all are counted."""

    def name_outlet(key: str) -> str:
        return options.name_outlet(key, None)

    overview = Overview(name_outlet)
    shown: list[Cluster] = []
    limit = _CLUSTERS_SHOWN if options.limit is None else options.limit
    for cluster in report.clusters():
        overview.add(cluster)
        if len(shown) < limit:
            shown.append(cluster)
    console = make_console(open_sink(out), options.width, options.color)
    _print_counts(console, report.summary, overview)
    _print_clusters(console, shown, report.summary, name_outlet)
    _print_flows(console, overview)
    _print_followers(console, overview)
    _print_outlets(console, overview)
    _print_notes(console, report.summary)


class _Console(Console):
    """rich's console, which would turn a broken pipe into exit code 1."""

    def on_broken_pipe(self) -> None:
        """Let the BrokenPipeError that is being handled go on."""
        raise  # noqa: PLE0704 - called by rich inside its `except BrokenPipeError`


def make_console(file: IO[str], width: int, color: bool) -> Console:
    """Make the console the pages of this package are printed to: nothing but what is asked for."""
    return _Console(
        file=file,
        width=max(_LEAST_WIDTH, width),
        force_terminal=color,
        no_color=not color,
        color_system="auto" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def _print_counts(console: Console, summary: Summary, overview: Overview) -> None:
    counts = (summary.articles, summary.clusters, summary.clustered)
    head = Headline(*counts, *overview.count_carried())
    standings = overview.standings
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column()
    facts.add_row("Articles", f"{summary.articles:,}{_describe_intake(summary)}")
    facts.add_row("Languages", _list_counts(summary.languages) or "unknown")
    facts.add_row(
        "In clusters",
        f"{head.clustered:,} in {count_of('cluster', head.clusters)}"
        f" ({head.clustered_share:.1%} of all)",
    )
    facts.add_row(
        "Duplicate",
        f"{head.copies:,} {'copy' if head.copies == 1 else 'copies'}"
        f" ({head.copied_share:.1%} of all)",
    )
    facts.add_row(
        "Crediting",
        f"{head.credited:,} of {head.carried:,} that carry another one's text"
        f" ({head.credited_share:.1%})",
    )
    if summary.clusters:
        words = {"inside": "in the collection", "outside": "outside it", "unknown": "unknown"}
        words["earliest"] = "not stated, earliest known"
        facts.add_row(
            "Origins",
            " · ".join(f"{count:,} {words[s]}" for s, count in standings.items() if count),
        )
    facts.add_row("Relations", _list_counts(summary.matches) or "none")
    console.print(Text("Isnad duplicate report", style="bold underline"))
    console.print()
    console.print(facts)


def _describe_intake(summary: Summary) -> str:
    parts = [
        f"{count:,} {word}"
        for count, word in (
            (summary.rejected, "rejected"),
            (summary.repeated, "repeated"),
            (summary.revisions, "revisions"),
        )
        if count
    ]
    return f" ({', '.join(parts)})" if parts else ""


def _print_clusters(
    console: Console, shown: list[Cluster], summary: Summary, name_outlet: NameOutlet
) -> None:
    if not summary.clusters:
        console.print("\nNo two articles carry the same text.")
        return
    if not shown:
        return
    _print_heading(console, "Largest clusters", len(shown), summary.clusters)
    legend = Text(
        "★ original or earliest  ✓ credits a source or agency  ✗ no credit  ? unclear", "dim"
    )
    console.print(legend)
    for number, cluster in enumerate(shown, 1):
        console.print()
        for line in _draw_cluster(number, cluster, console.width, name_outlet):
            console.print(line, soft_wrap=True)


def _draw_cluster(number: int, cluster: Cluster, width: int, name_outlet: NameOutlet) -> list[Text]:
    head = Text().append(f"{number:>3}. ×{cluster.size:<4} ".ljust(_MARGIN), "bold cyan")
    lead = find_lead(cluster)
    title = fit(lead.title, width - _MARGIN) or fit(lead.id, width - _MARGIN)
    head.append(isolate(title), "bold")
    lines = [
        *_lay_out(_tell_origin(cluster, width, name_outlet), width),
        *_lay_out(_tell_time(draw_timeline(cluster)), width),
        _draw_outlets(cluster, width - _MARGIN),
    ]
    return [head, *(Text(" " * _MARGIN).append_text(line) for line in lines)]


def _lay_out(facts: Sequence[Text], width: int) -> list[Text]:
    """Join facts by dots into lines that fit beside the margin."""
    lines: list[Text] = []
    for fact in facts:
        if lines and lines[-1].cell_len + 3 + fact.cell_len <= width - _MARGIN:
            lines[-1].append(" · ", "dim").append_text(fact)
        else:
            lines.append(fact)
    return lines


def _tell_origin(cluster: Cluster, width: int, name_outlet: NameOutlet) -> list[Text]:
    credits, standing = count_credits(cluster), tell_standing(cluster)
    credited = count_given(credits)
    copies = cluster.size - credits[Credit.ORIGINAL]
    told = [Text(f"credited by {credited:,} of {copies:,}", "dim")] if copies else []
    if standing == "unknown":
        return [Text("origin unknown", "yellow"), *told]
    word = "earliest " if standing == "earliest" else "origin "
    name = find_source(cluster, name_outlet) or cluster.provenance.original or ""
    origin = Text(word, "dim")
    origin.append(isolate(fit(name, width - _MARGIN - len(word))), "not dim green")
    where = {"outside": ["outside the collection"], "earliest": ["nobody states an origin"]}
    sure = f"confidence {cluster.provenance.confidence:.2f}"
    return [origin, *(Text(fact, "dim") for fact in (*where.get(standing, []), sure)), *told]


def _tell_time(timeline: Timeline) -> list[Text]:
    if timeline.first is None:
        return [Text("no times known", "dim")]
    line = Text(f"{format_time(timeline.first)} UTC", "dim")
    if timeline.span:
        line.append(" ▕").append(_draw_density(timeline), "not dim cyan")
        line.append(f"▏ +{format_gap(timeline.span)}")
    undated = Text(f"{timeline.undated} without a time", "dim")
    return [line, undated] if timeline.undated else [line]


def _draw_density(timeline: Timeline) -> str:
    """Draw how many texts appeared when, a bar a cell."""
    counts = [0] * _TIMELINE_CELLS
    for point in timeline.points:
        counts[min(_TIMELINE_CELLS - 1, int(point.place * _TIMELINE_CELLS))] += 1
    top = max(counts)
    return "".join(_HEIGHTS[-(-count * (len(_HEIGHTS) - 1) // top)] for count in counts)


def _draw_outlets(cluster: Cluster, width: int) -> Text:
    """Name who carries the text and whether they credit it, as many as fit."""
    line = Text()
    free = width - len("+99,999 more")
    counts = Counter((member.credit, member.outlet or member.id) for member in cluster.members)
    left = len(counts)
    for (credit, outlet), count in counts.items():
        mark, style = _MARKS[credit]
        name, times = fit(outlet, 28), f" ×{count}" if count > 1 else ""
        free -= cell_len(name) + len(times) + 4
        if free < 0 and left < len(counts):
            line.append(f"+{left:,} more", style="dim")
            break
        left -= 1
        line.append(f"{mark} ", style).append(isolate(name)).append(times, "dim").append("  ")
    line.rstrip()
    return line


def _print_flows(console: Console, overview: Overview) -> None:
    """Show whose texts who carries, as far as anybody states it."""
    flows = overview.list_flows("stated")
    if not flows:
        return
    _print_heading(console, "Who republishes whom", min(len(flows), _PAIRS_SHOWN), len(flows))
    width = (console.width - 40) // 2
    table = _make_table("Source", "Carrier", "Copies", "Credited", "Not credited")
    for flow in flows[:_PAIRS_SHOWN]:
        table.add_row(
            _show_outlet(flow.source, width),
            _show_outlet(flow.carrier, width),
            f"{flow.copies:,}",
            f"{flow.credited:,}",
            Text(f"{flow.uncredited:,}", "red" if flow.uncredited else "dim"),
        )
    console.print(table)


def _print_followers(console: Console, overview: Overview) -> None:
    """Show who has a text first where nobody states an origin."""
    flows = overview.list_flows("earliest")
    if not flows:
        return
    shown = min(len(flows), _PAIRS_SHOWN)
    _print_heading(console, "Who is first where nobody states an origin", shown, len(flows))
    table = _make_table("Earliest", "Later", "Texts")
    for flow in flows[:_PAIRS_SHOWN]:
        names = (_show_outlet(name, console.width // 3) for name in (flow.source, flow.carrier))
        table.add_row(*names, f"{flow.copies:,}")
    console.print(table)


def _print_outlets(console: Console, overview: Overview) -> None:
    records = overview.list_outlets()
    if not records:
        return
    shown = records[:_PAIRS_SHOWN]
    _print_heading(console, "Who credits and who does not", len(shown), len(records))
    headings = _RECORD if console.width >= _WIDE else _NARROW_RECORD
    table = _make_table(*headings)
    width = console.width - sum(max(len(heading), 6) + 2 for heading in headings[1:])
    for record in shown:
        table.add_row(
            _show_outlet(record.outlet, width),
            *(f"{n:,}" for n in (record.articles, record.original, record.credited)),
            f"{record.agency:,}",
            Text(f"{record.uncredited:,}", "red" if record.uncredited else "dim"),
            f"{record.unclear:,}",
        )
    console.print(table)


def _print_notes(console: Console, summary: Summary) -> None:
    notes = []
    if summary.warnings:
        notes.append(f"{count_of('value', summary.warnings)} could not be read and left out")
    if summary.capped_keys:
        notes.append(f"{count_of('candidate key', summary.capped_keys)} above the bucket cap")
    if summary.skipped_keys:
        notes.append(f"{count_of('passage key', summary.skipped_keys)} skipped as boilerplate")
    seconds = sum(summary.seconds.values())
    notes.append(f"configuration {fit(summary.config_id, 40)}, {seconds:.1f} s")
    console.print()
    for note in notes:
        console.print(Text(note, "dim"))


def _make_table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in headings:
        text = heading in ("Source", "Carrier", "Outlet", "Earliest", "Later")
        table.add_column(heading, justify="left" if text else "right", no_wrap=True)
    return table


def _show_outlet(outlet: str | None, width: int) -> Text:
    if outlet is None:
        return Text("(no outlet)", "dim")
    return Text(isolate(fit(outlet, max(12, width))), no_wrap=True)


def _print_heading(console: Console, title: str, shown: int, total: int) -> None:
    console.print()
    heading = Text(title, "bold underline")
    if shown < total:
        heading.append(f"  {shown:,} of {total:,}", style="not bold not underline dim")
    console.print(heading)


def _list_counts(counts: Mapping[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return " · ".join(f"{fit(name, 20)} {count:,}" for name, count in ranked if count)

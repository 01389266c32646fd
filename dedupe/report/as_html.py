"""Result -> one self-contained HTML file that opens without a network, in Arabic or English.

The clusters stand as ready, escaped HTML in compressed chunks beside an index for search, and only
the page that is looked at is put into the document: ten thousand cards are 58 MB of HTML, which
takes a browser seconds and a mail server a refusal. The content policy allows exactly the inlined
style and script, by their hash: what a title smuggles in could not run even if escaping failed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, BinaryIO, cast

from jinja2 import Environment
from markupsafe import Markup

from dedupe.models import Credit, Summary
from dedupe.report.changes import prepare_clusters
from dedupe.report.display import clean
from dedupe.report.encode import encode_json
from dedupe.report.options import ReportOptions
from dedupe.report.overview import Headline, Overview
from dedupe.report.pictures import NetworkFlow, Picture, draw_network
from dedupe.report.reportable import Reportable, UiLanguage
from dedupe.report.templating import make_environment
from dedupe.report.views import ClusterView, make_anchor, view_cluster
from dedupe.report.wording import load_messages

__all__ = ["choose_language", "escape_island", "inlined_script", "inlined_style", "write"]

_CLUSTERS_EMBEDDED = 10_000
_FIRST_PAGE = 25  # as PAGE in report.js
_CHUNK = 50  # cards compressed together: small enough to open one page, large enough to compress
_LINK = re.compile(r'<a href="#([^"]*)">(.*?)</a>', re.DOTALL)  # text holds no raw `<`
_RANKED = 15
_INTAKE = ("rejected", "repeated", "revisions")
_SEARCHED = 4_000  # code points of one cluster that the search looks at
_WORDS_OF_ONE = 160  # of one title or name among them


def write(report: Reportable, out: BinaryIO, options: ReportOptions) -> None:
    """Write the page; `options.limit` clusters are on it, all are counted."""
    summary = report.summary
    language = options.language or choose_language(summary.languages)
    strings = load_messages(language)

    keys: dict[str, str] = {}  # of the names that were given out

    def name_outlet(key: str) -> str:
        name = options.name_outlet(key, language)
        keys.setdefault(name, key)
        return name

    environment = make_environment(language, name_outlet)
    cards = _Cards(environment, strings)
    limit = _CLUSTERS_EMBEDDED if options.limit is None else options.limit
    overview = Overview(name_outlet)
    prepared = prepare_clusters(report.clusters(), options.read_bodies, limit)
    for number, (cluster, changes) in enumerate(prepared):
        overview.add(cluster)
        if number < limit:
            cards.add(view_cluster(cluster, strings, name_outlet, changes))
    packed = cards.finish()
    page = environment.get_template("report.html.j2").stream(
        **_describe_run(summary, overview),
        network=_draw_network(overview, keys, language),
        first=cards.first,
        embedded=cards.count,
        chunk=_CHUNK,
        index=Markup(escape_island(b"[" + b",\n".join(cards.index) + b"]")),  # noqa: S704
        cards=Markup(escape_island(encode_json(packed))),  # noqa: S704
        **_load_assets(),
    )
    for piece in page:
        out.write(piece.encode("utf-8", "replace"))


class _Cards:
    """The clusters of the page: the first ones to write out, an index entry and a card of each."""

    def __init__(self, environment: Environment, strings: Mapping[str, Any]) -> None:
        module = environment.get_template("parts.html.j2").module
        self._draw: Callable[..., str] = cast(Any, module).cluster_card
        self._strings = strings
        self._open: list[str] = []
        self._chunks: list[str] = []
        self._targets: list[set[str]] = [set()]  # where the links of each chunk lead
        self._anchors: set[str] = set()
        self.first: list[Markup] = []
        self.index: list[bytes] = []

    @property
    def count(self) -> int:
        """Clusters added."""
        return len(self.index)

    def add(self, view: ClusterView) -> None:
        """Draw one cluster."""
        self._anchors.add(view.anchor)
        self._targets[-1] |= {make_anchor(link.cluster_id) for link, _ in view.links}
        self.index.append(encode_json(_index(view)))
        self._open.append(str(self._draw(view, self._strings)))
        if len(self._open) == _CHUNK:
            self._pack()

    def finish(self) -> list[str]:
        """Give the chunks: JSON arrays of cards, zlib, base64.

        Only now is it known which clusters are on the page: links to others (an article that is in
        none of these is a cluster of its own) become plain text.
        """
        if self._open:
            self._pack()
        for number, targets in enumerate(self._targets[: len(self._chunks)]):
            if not targets <= self._anchors:
                cards = json.loads(zlib.decompress(base64.b64decode(self._chunks[number])))
                self._chunks[number] = _compress([self._unlink(card) for card in cards])
        self.first = [Markup(self._unlink(card)) for card in self.first]  # noqa: S704
        return self._chunks

    def _unlink(self, card: str) -> str:
        return _LINK.sub(lambda m: m[0] if m[1] in self._anchors else m[2], card)

    def _pack(self) -> None:
        if not self._chunks:
            self.first = [Markup(card) for card in self._open[:_FIRST_PAGE]]  # noqa: S704
        self._chunks.append(_compress(self._open))
        self._targets.append(set())
        self._open.clear()


def _compress(cards: Sequence[str]) -> str:
    return base64.b64encode(zlib.compress(encode_json(cards), 9)).decode()


def choose_language(languages: Mapping[str, int]) -> UiLanguage:
    """Take the language most articles are in, where the page speaks it, else English."""
    most = max(languages, key=lambda code: (languages[code], code), default="en")
    return "ar" if most.lower().partition("-")[0] == "ar" else "en"


def _describe_run(summary: Summary, overview: Overview) -> dict[str, Any]:
    counts = (summary.articles, summary.clusters, summary.clustered)
    stated, earliest = overview.list_flows("stated"), overview.list_flows("earliest")
    records = overview.list_outlets()
    return {
        "summary": summary,
        "headline": Headline(*counts, *overview.count_carried()),
        "intake": [(kind, n) for kind in _INTAKE if (n := getattr(summary, kind))],
        "standing": list(overview.standings.items()),
        "relations": _rank(summary.matches),
        "languages": _rank(summary.languages),
        "flows": stated[:_RANKED],
        "flow_total": len(stated),
        "followers": earliest[:_RANKED],
        "follower_total": len(earliest),
        "records": records[:_RANKED],
        "record_total": len(records),
        "credit_kinds": [credit.value for credit in Credit],
        "seconds": f"{sum(summary.seconds.values()):.1f}",
    }


def _draw_network(overview: Overview, keys: Mapping[str, str], language: UiLanguage) -> Picture:
    flows = [
        NetworkFlow(
            keys.get(flow.source, flow.source),
            keys.get(flow.carrier, flow.carrier),
            flow.copies,
            flow.credited,
            flow.uncredited,
            flow.source,
            flow.carrier,
        )
        for flow in overview.list_flows("stated")
        if flow.carrier is not None
    ]
    return draw_network(flows, language)


def _rank(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return Counter({name: count for name, count in counts.items() if count}).most_common()


def _index(view: ClusterView) -> tuple[object, ...]:
    """Make one cluster's entry; the order is that of the constants in report.js."""
    cluster, first = view.cluster, view.timeline.first
    words = [member.title for member in cluster.members]
    words += [member.outlet for member in cluster.members if member.outlet]
    words += [view.source or "", cluster.cluster_id, *(member.id for member in cluster.members)]
    searched = " ".join(dict.fromkeys(clean(word, _WORDS_OF_ONE) for word in words))[:_SEARCHED]
    time = int(first.timestamp()) if first else None
    return searched, time, view.uncredited, view.standing, view.anchor


def escape_island(data: bytes) -> str:
    """Escape JSON for a script element: nothing in it can end the element or open a comment."""
    for character in b"<>&":
        data = data.replace(bytes([character]), b"\\u%04x" % character)
    return data.decode("utf-8")


@cache
def _load_assets() -> dict[str, Any]:
    """Read style and script, and the policy that allows these two and nothing else."""
    style, script = inlined_style(), inlined_script()
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return {"style": Markup(style), "script": Markup(script), "policy": policy}  # noqa: S704


@cache
def inlined_style() -> str:
    """Give the style of the report: that of the pages, of the pictures, and what it adds."""
    static = ("static/site.css", "static/pictures.css", "templates/report.css")
    return "\n".join(map(_read, static))


@cache
def inlined_script() -> str:
    """Give the script of the report."""
    return _read("templates/report.js")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _read(name: str) -> str:
    return files("dedupe.report").joinpath(name).read_text(encoding="utf-8")

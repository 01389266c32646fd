"""Articles -> what each states about its own origin: notices, credits and page furniture.

Most articles state nothing and must cost next to nothing: heads and tails are searched for the
rules' own words in one compiled pass, and only where one stands are the text folded and the rules
run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from dedupe.attribution.agencies import compact
from dedupe.attribution.apply import RuleBook
from dedupe.attribution.assemble import assemble
from dedupe.attribution.brackets import has_opening
from dedupe.attribution.findings import Finding
from dedupe.attribution.layouts import LAID_OUT
from dedupe.attribution.markup import same_length
from dedupe.attribution.metadata import read_metadata
from dedupe.attribution.prefilter import Hit
from dedupe.attribution.rule_files import load_languages
from dedupe.attribution.rules import Language
from dedupe.attribution.search import HIDING, NAMED, SIGNED
from dedupe.attribution.view import (
    HEAD,
    TAIL,
    View,
    build_view,
    build_views,
    window_pieces,
    window_text,
)
from dedupe.attribution.vocabulary import compile_words
from dedupe.models import Article, Attribution, Furniture
from dedupe.normalize import TextBatch, encode_texts

__all__ = ["Extractor"]

Resolver = Callable[[str, str | None], str | None]
"""`(name as written, address or None)` -> key of the outlet or None."""
_LONGEST_NAME = 120
_BLANKS = 4
_CREDITS_AT_HAND = 8192
"""Bylines and credits of metadata, some 1 kB each: the same writers sign again and again."""
_BATCH = 64  # windows of 64 articles stay in the second-level cache; a call takes 60 us by itself


def _unknown(_name: str, _url: str | None) -> None:
    return None


def _keep_whole(
    body: str, findings: list[Finding], furniture: Sequence[Furniture]
) -> list[Finding]:
    """Findings without bare credits in furniture ("Read also: Reuters: …") or in a cut line."""
    return [
        finding
        for finding in findings
        if finding.explicit
        or finding.span is None
        or not (
            _is_cut(body, *finding.span)
            or any(f.start <= finding.span[0] and finding.span[1] <= f.end for f in furniture)
        )
    ]


def _is_cut(body: str, start: int, end: int) -> bool:
    """Whether a span begins where the tail does, or ends where the head does, inside a line."""
    if len(body) <= HEAD + TAIL:
        return False
    tail = len(body) - TAIL
    if tail <= start < tail + _BLANKS and not body[tail:start].strip():
        return body[:start].rstrip(" ")[-1:] != "\n"
    return HEAD - 1 <= end <= HEAD and body[end : end + 2].lstrip(" ")[:1] not in ("", "\n")


def _holder(names: frozenset[str]) -> Callable[[str], bool]:
    return lambda name: len(name) <= _LONGEST_NAME and compact(name) in names


class _Opened(NamedTuple):
    """What is searched of a body that may be worth a close reading, and what was met there.

    `ends` = a credit that no word gives away may stand at one of its ends.
    """

    window: str
    hits: list[Hit]
    ends: bool = True


_NOTHING = _Opened("", [])


class _Bodies(dict[int, str]):
    """Bodies of articles by their index, made of code points where an article has none."""

    def __init__(self, articles: Sequence[Article], texts: TextBatch) -> None:
        super().__init__()
        self._articles, self._texts = articles, texts

    def __missing__(self, at: int) -> str:
        body = self[at] = self._articles[at].body or self._texts.text(at)
        return body


class Extractor:
    """Rules compiled once; `extract` may be called from several threads."""

    def __init__(
        self,
        languages: Sequence[Language] | None = None,
        *,
        resolve: Resolver = _unknown,
        resolve_in: Callable[[str, str], str | None] = _unknown,
        agencies: Iterable[str] = (),
        known_names: Iterable[str] = (),
        ambiguous_names: Iterable[str] = (),
        wires: Iterable[str] = (),
        prefilter: bool = True,
    ) -> None:
        """`languages` default to all that ship; `agencies` adds forms of agencies' names.

        `known_names` are names of outlets as written: where a text alone cannot tell a name from a
        phrase, only these count, and in the slots of rules `ambiguous_names` too, which mean other
        things elsewhere. `resolve` gives each claim the key of its outlet, `wires` are those of
        agencies; `resolve_in` that of an agency's name which several have, by the text's language.

        `prefilter=False` runs every rule on every line: slow, for comparison in tests.
        """
        self._keys = lru_cache(maxsize=65536)(resolve)
        self.languages = tuple(load_languages() if languages is None else languages)
        known_names = tuple(known_names)
        known = frozenset(map(compact, known_names))
        in_slots = known | frozenset(map(compact, ambiguous_names))
        self.rules = RuleBook(
            self.languages, agencies, _holder(known), _holder(in_slots), known_names
        )
        self._prefilter = prefilter
        self._wires = frozenset(wires)
        self._keys_in = lru_cache(maxsize=4096)(resolve_in)
        self._read_text = lru_cache(maxsize=_CREDITS_AT_HAND)(self._read_credit)

    def _is_wire(self, name: str, url: str | None) -> bool:
        """Whether a name that is not listed as an agency's is one's, written out or misspelt."""
        return name not in self.rules.agencies and self._keys(name, url) in self._wires

    def extract(self, articles: Sequence[Article]) -> list[Attribution | None]:
        """Read what each article states about its origin; None where nothing was found."""
        # of long bodies only both ends: what is looked at of these is they themselves
        ends = ["".join(window_pieces(article.body)) for article in articles]
        steps = range(0, len(articles), _BATCH)
        return self.extract_texts(
            articles, [encode_texts(ends[first : first + _BATCH]) for first in steps]
        )

    def extract_texts(
        self, articles: Sequence[Article], texts: Iterable[TextBatch]
    ) -> list[Attribution | None]:
        """As `extract`; `texts` are the bodies of the articles, which need not hold them too."""
        results: list[Attribution | None] = [None] * len(articles)
        whole: dict[int, Article] = {}
        opened: dict[int, _Opened] = {}
        windows: list[tuple[str, str]] = []
        first = 0
        for batch in texts:
            count = len(batch.bounds) - 1
            own = articles[first : first + count]
            bodies = _Bodies(own, batch)
            scanned = self._scan(batch, bodies)
            if not self._prefilter:
                scanned = {at: _Opened(window_text(bodies[at]), []) for at in range(count)}
            for at, article in enumerate(own):
                if at in scanned or article.metadata or article.authors:
                    whole[first + at] = article
            for at, own_window in scanned.items():
                windows.append((bodies[at], own_window.window))
                opened[first + at] = own_window
            first += count
        # folded together: most of the cost of folding one window is in the call
        views = build_views(windows)
        seen = dict(zip(opened, views, strict=True))
        for at, article in whole.items():
            results[at] = self._read(article, seen.get(at), opened.get(at, _NOTHING))
        return results

    def _scan(self, texts: TextBatch, bodies: _Bodies) -> dict[int, _Opened]:
        """What is worth a close reading in each body, by its index; most bodies are left out."""
        found, marks = self.rules.index.scan_codes(texts.codes, texts.bounds, (HEAD, TAIL))
        kept: dict[int, _Opened] = {}
        for at, opened in self._lay_open(found, marks, bodies):
            screened = self.rules.screen(opened.window, opened.hits)
            if screened:
                kept[at] = opened._replace(hits=screened)
        for at, bits in marks.items():
            if at not in kept and bits & (SIGNED | NAMED):
                pieces = window_pieces(bodies[at])
                words = self.rules.vocabulary
                if bits & NAMED or has_opening(pieces[0], pieces[-1], words, bits):
                    kept[at] = _Opened(window_text(bodies[at]), [])
        return kept

    def _lay_open(
        self, found: Mapping[int, list[Hit]], marks: Mapping[int, int], bodies: _Bodies
    ) -> list[tuple[int, _Opened]]:
        """Bodies with hits, mark-up laid open, behind which anchors may hide."""
        opened: list[tuple[int, _Opened]] = []
        changed: list[tuple[int, str]] = []
        for at in {*found, *(at for at, bits in marks.items() if bits & HIDING)}:
            hits, bits = found.get(at, []), marks.get(at, 0)
            if not bits & HIDING and not self.rules.led(hits):
                continue
            written = "".join(window_pieces(bodies[at]))
            window = same_length(written) if bits & HIDING else written
            if window == written:
                opened.append((at, _Opened(window, hits, bits & (LAID_OUT | NAMED) != 0)))
            else:
                changed.append((at, window))
        if changed:  # in one call, which takes 60 us by itself
            again = self.rules.index.scan([window for _, window in changed])
            opened += [(at, _Opened(w, again.get(n, []))) for n, (at, w) in enumerate(changed)]
        return opened

    def _scan_bodies(self, bodies: Sequence[str]) -> dict[int, _Opened]:
        articles = [Article("", None, None, "", body) for body in bodies]
        texts = encode_texts(bodies)
        return self._scan(texts, _Bodies(articles, texts))

    def compile_patterns(self) -> Iterator[None]:
        """Compile, step by step, what is else compiled when a text first needs it: 2 to 40 ms."""
        for language in self.languages:
            patterns = [pattern for rule in language.rules for pattern in rule.patterns]
            for rule in language.furniture:
                patterns += [*rule.lines, *rule.starts]
            for pattern in patterns:
                _ = pattern.regex
                yield
        yield from compile_words(self.rules.vocabulary)

    def select(self, bodies: Sequence[str]) -> list[bool]:
        """Tell which texts have a place that is worth reading closely."""
        return [
            at in scanned
            for first in range(0, len(bodies), _BATCH)
            for scanned in [self._scan_bodies(bodies[first : first + _BATCH])]
            for at in range(len(bodies[first : first + _BATCH]))
        ]

    def find(self, article: Article) -> tuple[list[Finding], list[Furniture]]:
        """Everything the rules read in one article, before anything is weighed."""
        nothing = _Opened(window_text(article.body), [])
        opened = self._scan_bodies([article.body]).get(0, nothing)
        return self._find(article, build_view(article.body, opened.window), opened)

    def _find(
        self, article: Article, view: View | None, opened: _Opened
    ) -> tuple[list[Finding], list[Furniture]]:
        findings: list[Finding] = []
        if article.metadata or article.authors:
            findings = read_metadata(article, self.rules.agencies, self._read_text)
        if view is None:
            return findings, []
        if self._prefilter:
            found, furniture = self.rules.apply(view, opened.hits, ends=opened.ends)
        else:
            found, furniture = self.rules.apply_all(view)
        return _keep_whole(view.body, found, furniture) + findings, furniture

    def _read_credit(self, text: str) -> tuple[Finding, ...]:
        """What a credit says that is written as free text in a field, at most a line."""
        window = window_text(text)
        view = build_view(text, window)
        return tuple(self.rules.apply(view, self.rules.index.scan([window]).get(0, []))[0])

    def _read(self, article: Article, view: View | None, opened: _Opened) -> Attribution | None:
        findings, furniture = self._find(article, view, opened)
        if not findings and not furniture:
            return None
        body = view.body if view is not None else article.body
        return assemble(
            article,
            body,
            findings,
            furniture,
            self._keys,
            self._is_wire,
            self._keys_in,
            self.rules.vocabulary,
        )

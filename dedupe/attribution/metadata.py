"""Declared metadata of a page -> findings, each only where it points away from the page itself.

Every item is used for what it is documented to mean (RFC 6596 for canonical, schema.org, RSS 2.0
and Atom source, Dublin Core, the traces that republishing tools leave), with its own trust. Most
pages name themselves in all of them, so an item counts only where its registrable domain (public
suffix list, shipped with `tld`, no network) or its name differs from the page's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import cast

from tld import get_fld

from dedupe.attribution.addresses import host_of
from dedupe.attribution.agencies import AgencyLexicon, compact
from dedupe.attribution.findings import Finding, Named
from dedupe.models import Article, AttributionKind, ClaimRole, Trust

__all__ = ["read_metadata", "registrable_domain"]

_LONGEST_URL, _LONGEST_NAME, _MOST_VALUES = 2048, 120, 20
_CACHES = ("ampproject.org", "googleusercontent.com", "archive.org", "bing-amp.com")
_WEAK_META = ("original-source", "source", "article-source", "provider", "dc.source",
              "dcterms.source", "dcterms.rightsholder")  # fmt: skip
_CONVERSATION, _AP_REGISTRY = "counter.theconversation.com", "analytics.apnewsregistry.com"
_STAFF = re.compile(r"(?i)^by |[ ,]+(?:staff|newsroom)(?: (?:writers?|reporters?))?$")
_JOINED = re.compile(r"[-–—ـ,/|()&:\"]|\b(?:avec|mit|con|com|met|with)\b")
_SLASHED = re.compile(r" ?/ ?")
ReadText = Callable[[str], Iterable[Finding]]
"""Reads free text with the rules for articles."""
_TRUE = frozenset({"true", "1", "yes"})
_NOBODY = frozenset(
    {"n/a", "n.a.", "na", "none", "null", "nil", "undefined", "unknown", "nan", "0"}
)
"""What fills a field that nothing was known for."""
_COMPANY = re.compile(
    r"(?i)(?:[\s,]+(?:ltd|limited|inc|incorporated|llc|llp|plc|corp|corporation|co|company|gmbh|ag|se"
    r"|kg|s\.?a|s\.?p\.?a|s\.?r\.?l|sarl|sas|s\.?l|b\.?v|n\.?v|pty|pvt|oy|oyj|ab|a/?s|a\.?\u015f|ooo"
    r"|sp\. z o\.? ?o)\.?)+$"
)


@lru_cache(maxsize=8192)
def registrable_domain(url: str) -> str | None:
    """The domain an organisation registered, of an address or host; None if it has none."""
    if not url or len(url) > _LONGEST_URL:
        return None
    found = get_fld(url.strip(), fail_silently=True, fix_protocol=True)
    return str(found).lower() if found else _by_default_rule(url)


def _by_default_rule(url: str) -> str | None:
    """The last two labels where the last is no listed suffix: the list's own default rule, `*`."""
    labels = (host_of(url if "//" in url else f"//{url}") or "").split(".")
    if len(labels) < 2 or not labels[-1].isalpha() or not all(labels):
        return None
    listed = get_fld(f"http://a.{labels[-1]}", fail_silently=True)
    return ".".join(labels[-2:]).lower() if listed is None else None


def _strings(value: object) -> list[str]:
    """All texts in a value that may be a text, a list of them, or an object with a name."""
    if isinstance(value, str):
        return [value.strip()] if value.strip() else []
    if isinstance(value, Mapping):
        named = _strings(value.get("name")) or _strings(value.get("url"))
        return named or [key for key in _strings(value.get("@id")) if "//" in key]
    if isinstance(value, list | tuple):
        return [text for item in value[:_MOST_VALUES] for text in _strings(item)]
    return []


def _addresses(value: object) -> list[str]:
    """All addresses in a value that may be an address, a list, or an object with an address."""
    if isinstance(value, str):
        return [_with_scheme(value.strip())] if "//" in value else []
    if isinstance(value, Mapping):
        for key in ("url", "@id", "mainEntityOfPage", "sameAs"):
            found = _addresses(value.get(key))
            if found:
                return found
        return []
    if isinstance(value, list | tuple):
        return [url for item in value[:_MOST_VALUES] for url in _addresses(item)]
    return []


def _with_scheme(url: str) -> str:
    return f"https:{url}" if url.startswith("//") else url


def _home_of(url: str) -> str | None:
    host = host_of(url)
    return f"https://{host}/" if host else None


def _bare(name: str) -> str:
    """A name for comparison, without what says that it is a company."""
    return compact(_COMPANY.sub("", name.strip().rstrip(".")))


class _Page:
    """What a page calls itself, and whether something else points away from it."""

    def __init__(self, article: Article, agencies: AgencyLexicon) -> None:
        self.metadata = article.metadata
        self.agencies = agencies
        self.domain = registrable_domain(article.url or "")
        self._writers = {_bare(name) for name in article.authors}
        names = [article.outlet or "", *_strings(self.metadata.get("site_name"))]
        for item in self.objects():
            names += _strings(item.get("publisher"))
            self._writers |= {_bare(name) for name in _strings(item.get("author"))}
        self._own = {_bare(name) for name in names if name and len(name) <= _LONGEST_NAME}
        if self.domain:
            self._own |= {compact(self.domain), compact(self.domain.split(".", 1)[0])}

    def objects(self) -> list[Mapping[str, object]]:
        found = self.metadata.get("json_ld")
        items = found if isinstance(found, list | tuple) else [found]
        return [cast(Mapping[str, object], item) for item in items[:_MOST_VALUES]
                if isinstance(item, Mapping)]  # fmt: skip

    def meta(self, name: str) -> list[str]:
        found = self.metadata.get("meta")
        return _strings(found.get(name)) if isinstance(found, Mapping) else []

    def is_elsewhere(self, url: str) -> bool:
        there = registrable_domain(url)
        return (
            there is not None
            and self.domain is not None
            and there != self.domain
            and (not self.domain.endswith(_CACHES) and not there.endswith(_CACHES))
        )

    def is_other(self, name: str) -> bool:
        if not name or len(name) > _LONGEST_NAME:
            return False
        bare = _bare(name)
        return bool(bare) and bare not in self._own and name.strip().casefold() not in _NOBODY

    def is_writer(self, name: str) -> bool:
        """Whether a name is that of an author, who is no other outlet for it."""
        return _bare(name) in self._writers and name not in self.agencies

    def address(
        self, rule: str, url: str, trust: Trust, confidence: float, name: str | None = None
    ) -> Iterator[Finding]:
        """A finding for an address that lies on another domain."""
        if self.is_elsewhere(url):
            named = Named(ClaimRole.SOURCE, name or host_of(url), url)
            kind = AttributionKind.REPUBLICATION_NOTICE
            yield Finding(rule, kind, trust, confidence, None, (named,), url)

    def name(self, rule: str, name: str, trust: Trust, confidence: float) -> Iterator[Finding]:
        """A finding for a name that is not the page's own; an agency's is an agency credit."""
        if not self.is_other(name):
            return
        if "//" in name:
            yield from self.address(rule, name, trust, confidence)
            return
        named = [Named(ClaimRole.SOURCE, name)]
        kind = AttributionKind.SOURCE_LINE
        if name in self.agencies:
            named.append(Named(ClaimRole.AGENCY, name))
            kind = AttributionKind.AGENCY_BYLINE
        yield Finding(rule, kind, trust, confidence, None, tuple(named), name, explicit=False)


def _is_home(url: str) -> bool:
    """Whether an address names a site and no page of it."""
    path = url.partition("#")[0].partition("//")[2].partition("/")[2]
    return not path.strip("/")


def _links(page: _Page) -> Iterator[Finding]:
    for url in _addresses(page.metadata.get("canonical")):
        if not _is_home(url):  # a template's mistake: no text stands at a site's front door
            yield from page.address("meta.canonical", url, Trust.CANONICAL, 0.9)
    for url in page.meta("syndication-source"):
        yield from page.address("meta.syndication-source", url, Trust.CANONICAL, 0.9)
    for name in _WEAK_META:
        for value in page.meta(name):
            yield from page.name(f"meta.{name}", value, Trust.METADATA, 0.4)
    for value in _strings(page.metadata.get("dc_source")):
        yield from page.name("meta.dc-source", value, Trust.METADATA, 0.4)
    if any(value.lower() in _TRUE for value in page.meta("is-wirestory")):
        kind = AttributionKind.AGENCY_BYLINE
        yield Finding("meta.wirestory", kind, Trust.METADATA, 0.4, None, (), "is-wirestory")


def _structured(page: _Page, read_text: ReadText) -> Iterator[Finding]:
    for item in page.objects():
        for key in ("isBasedOn", "isBasedOnUrl"):
            for url in _addresses(item.get(key)):
                yield from page.address(f"jsonld.{key}", url, Trust.CANONICAL, 0.85)
        for key in ("sourceOrganization", "copyrightHolder"):
            for name in _strings(item.get(key)):
                if _is_organised(item.get(key)) or not page.is_writer(name):
                    yield from page.name(f"jsonld.{key}", name, Trust.RIGHTS, 0.6)
        for name in _strings(item.get("provider")):
            yield from page.name("jsonld.provider", name, Trust.METADATA, 0.35)
        for url in _addresses(item.get("translationOfWork")):
            for finding in page.address("jsonld.translationOfWork", url, Trust.CANONICAL, 0.85):
                yield Finding(finding.rule, AttributionKind.TRANSLATION, finding.trust,
                              finding.confidence, None, finding.named, url)  # fmt: skip
        yield from _authors(page, _strings(item.get("author")), "jsonld.author", read_text)


def _is_organised(value: object) -> bool:
    return isinstance(value, Mapping) and "Organization" in str(value.get("@type"))


def _authors(
    page: _Page, authors: Iterable[str], rule: str, read_text: ReadText
) -> Iterator[Finding]:
    """An agency where an author should stand, alone or as a byline has it: "Jane Roe, Reuters"."""
    for author in authors:
        if len(author) > _LONGEST_NAME:
            continue
        alone = _STAFF.sub("", author)
        named: tuple[Named, ...] = ()
        if alone in page.agencies:
            named = (Named(ClaimRole.SOURCE, alone), Named(ClaimRole.AGENCY, alone))
        elif wire := next((part for part in _SLASHED.split(author) if part in page.agencies), None):
            named = (Named(ClaimRole.SOURCE, wire), Named(ClaimRole.AGENCY, wire))
        elif _JOINED.search(author) is not None:
            read = [*read_text(author), *read_text(f"By {author}")]
            bylines = (f.named for f in read if f.kind is AttributionKind.AGENCY_BYLINE)
            named = next(bylines, ())
        if named:
            yield Finding(rule, AttributionKind.AGENCY_BYLINE, Trust.AGENCY_CREDIT, 0.8, None,
                          named, author, explicit=False)  # fmt: skip


def _feeds(page: _Page) -> Iterator[Finding]:
    source = page.metadata.get("feed_source")
    if not isinstance(source, Mapping):
        return
    name, url = _strings(source.get("name")), _addresses(source.get("url"))
    if url and page.domain is not None:
        elsewhere = page.is_elsewhere(url[0])
    else:
        elsewhere = bool(name) and page.is_other(name[0])
    if elsewhere:
        label = name[0] if name else host_of(url[0]) or url[0]
        named = (Named(ClaimRole.SOURCE, label, url[0] if url else None),)
        yield Finding("feed.source", AttributionKind.SYNDICATION_FEED, Trust.FEED, 0.85, None,
                      named, label)  # fmt: skip


def _traces(page: _Page) -> Iterator[Finding]:
    for url in _strings(page.metadata.get("trackers")):
        host = host_of(url)
        if host == _AP_REGISTRY:
            named = (Named(ClaimRole.SOURCE, "AP"), Named(ClaimRole.AGENCY, "AP"))
            yield Finding("trace.ap-registry", AttributionKind.AGENCY_BYLINE, Trust.TRACE, 0.85,
                          None, named, url)  # fmt: skip
        elif host == _CONVERSATION:
            own = "https://theconversation.com/"
            yield from page.address(
                "trace.conversation", own, Trust.TRACE, 0.95, "The Conversation"
            )
        elif "republication-pixel" in url and (home := _home_of(url)) is not None:
            yield from page.address("trace.republication-pixel", home, Trust.TRACE, 0.95)
    if any("aprights" in href.lower() for href in _strings(page.metadata.get("item_license"))):
        named = (Named(ClaimRole.SOURCE, "AP"), Named(ClaimRole.AGENCY, "AP"))
        yield Finding("trace.ap-rights", AttributionKind.AGENCY_BYLINE, Trust.TRACE, 0.8, None,
                      named, "#APRights")  # fmt: skip


def _credit_texts(page: _Page, read_text: ReadText) -> Iterator[Finding]:
    """Free text for a credit: read with the same rules as an article's last line."""
    for item in page.objects():
        for key in ("creditText", "copyrightNotice", "dateline"):
            for text in _strings(item.get(key)):
                for found in read_text(text[:400]):
                    yield Finding(f"jsonld.{key}", found.kind, Trust.RIGHTS, 0.6, None,
                                  found.named, text[:400], explicit=False)  # fmt: skip


def read_metadata(article: Article, agencies: AgencyLexicon, read_text: ReadText) -> list[Finding]:
    """Read what an article's metadata and author fields state about its origin.

    `read_text` reads a credit written as free text with the rules for article texts.
    """
    page = _Page(article, agencies)
    findings = [*_traces(page), *_links(page), *_structured(page, read_text), *_feeds(page)]
    findings += _credit_texts(page, read_text)
    findings += _authors(page, article.authors, "field.author", read_text)
    authors = page.meta("author") + page.meta("article:author")
    findings += _authors(page, authors, "meta.author", read_text)
    return list(dict.fromkeys(findings))

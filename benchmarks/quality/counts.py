"""Real collections without pair labels: what is found in them. Reported, not tuned to."""

from __future__ import annotations

from collections import Counter

from benchmarks.quality.daily import list_daily, share_united
from benchmarks.quality.planted import count_cores
from benchmarks.quality.session import Report, Session, read_rows

COLLECTIONS = {
    "ant": "news_ar_ant.jsonl.gz",
    "reuters": "news_en_reuters21578.jsonl.gz",
    "wnam": "news_en_wnam2015.jsonl.gz",
    "insm": "news_de_insm.jsonl.gz",
    "provenance": "news_en_provenance.jsonl.gz",
    "tgcontest": "news_multi_tgcontest.jsonl.gz",
}
_COPYING = frozenset({"identical", "edited", "excerpt", "embeds", "revision"})


def measure_counts(session: Session) -> None:
    """Report over each collection and count."""
    for name, file in COLLECTIONS.items():
        path = session.data(file)
        outlet = {row["id"]: row.get("source") for row in read_rows(path)}
        report = session.report(name, path)
        _add_counts(session, name, outlet, report)
        if name == "reuters":
            daily = list_daily(read_rows(path))
            united = share_united(daily, read_rows(report.clusters))
            session.add(name, "daily templates united", round(united, 4), len(daily))
        if name == "insm":
            _add_press_releases(session, report)
        if name == "tgcontest":
            _add_topics(session, report)


def _add_counts(session: Session, name: str, outlet: dict[str, str | None], report: Report) -> None:
    sizes = [len(row["members"]) for row in read_rows(report.clusters)]
    multiple = [size for size in sizes if size > 1]
    articles = len(outlet)
    session.add(name, "clusters of two and more", len(multiple), articles)
    session.add(name, "articles in them", sum(multiple), articles)
    cores = count_cores(report.clusters, report.matches)
    session.add(name, "largest cluster", cores.largest, articles)
    session.add(name, "clusters of six and more without a core", cores.without, cores.asked)
    relations: Counter[str] = Counter()
    across = 0
    for match in read_rows(report.matches):
        relations[match["relation"]] += 1
        across += match["relation"] in _COPYING and outlet[match["left"]] != outlet[match["right"]]
    for relation, n in sorted(relations.items()):
        session.add(name, f"matches: {relation}", n)
    session.add(name, "copying pairs across outlets", across, sum(relations.values()))
    session.add_cost(name, report, articles)


def _add_press_releases(session: Session, report: Report) -> None:
    role = {row["id"]: row["role"] for row in read_rows(session.data(COLLECTIONS["insm"]))}
    given: Counter[str] = Counter()
    for match in read_rows(report.matches):
        if {role[match["left"]], role[match["right"]]} == {"press_release", "article"}:
            given[match["relation"]] += 1
    text = ", ".join(f"{name} {n}" for name, n in given.most_common()) or "none"
    session.add("insm", "press release with article", text, sum(given.values()))


def _add_topics(session: Session, report: Report) -> None:
    """Same story or not (human): topical, so copying should be rare in both and rarer in BAD."""
    copied = {
        frozenset((match["left"], match["right"]))
        for match in read_rows(report.matches)
        if match["relation"] in _COPYING
    }
    flagged: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for pair in read_rows(session.data("pairs_multi_tgcontest.jsonl.gz")):
        total[pair["label"]] += 1
        flagged[pair["label"]] += frozenset((pair["a"], pair["b"])) in copied
    for label, n in sorted(total.items()):
        session.add("tgcontest", f"{label} pairs flagged as copying", flagged[label], n)

"""The seed document and the demonstration corpus of `seeds/` with its gold labels."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from benchmarks import corpora
from benchmarks.machine import ROOT, sha256
from benchmarks.quality.notices import add_attribution_scores, fold
from benchmarks.quality.session import Session, read_rows, write_rows

SEEDS = ROOT / "seeds"
SEED = SEEDS / "000_12631ab96fb70234.txt"
DEMO = SEEDS / "demo.jsonl"
GOLD, PAIRS = SEEDS / "gold" / "articles.jsonl", SEEDS / "gold" / "pairs.jsonl"
SOURCE, CARRIER = "البوابة العربية للأخبار التقنية", "مصر اليوم"
SIDES = ("left", "right")
CITED = ("bloomberg", "بلومبرج", "بلومبيرغ")

Rows = list[dict[str, Any]]


def measure_seed(session: Session) -> None:
    """What the one real republication has to give."""
    session.inputs[SEED.name] = sha256(SEED)
    (answer,) = read_rows(session.attribute("seed", SEED))
    source, carrier = answer["original_source"] or "", answer["republisher"] or ""
    named = " ".join([source, carrier, *answer["agencies"], *answer["via"]]).casefold()
    for name, holds in (
        ("kind is republication_notice", answer["kind"] == "republication_notice"),
        ("source is the original outlet", source == SOURCE),
        ("republisher is the carrier", carrier == CARRIER),
        ("cited agency kept out", not any(cited in named for cited in CITED)),
    ):
        session.add("seed", name, int(holds), 1)


def measure_demonstration(session: Session) -> None:
    """Relations, clusters, attributions and origins of the demonstration corpus."""
    for path in (DEMO, GOLD, PAIRS):
        session.inputs[path.relative_to(ROOT).as_posix()] = sha256(path)
    gold = list(read_rows(GOLD))
    report = session.report("demonstration", DEMO, SEED, options=("--min-size", "1"))
    clusters = list(read_rows(report.clusters))
    _add_clusters(session, gold, report.clusters)
    _add_relations(session, list(read_rows(report.matches)))
    _add_origins(session, gold, clusters)
    answers = session.attribute("demonstration", DEMO, SEED)
    _add_attributions(session, gold, answers)


def _add_clusters(session: Session, gold: Rows, clusters: Path) -> None:
    """Score clusters by story; a story of one that is in a template pair is a hard negative."""
    sizes = Counter(row["story"] for row in gold)
    framed = {
        row[side] for row in read_rows(PAIRS) if row["relation"] == "template" for side in SIDES
    }
    truth = session.scratch / "demonstration.truth.tsv"
    kinds: Counter[str] = Counter()
    with truth.open("w", encoding="utf-8") as lines:
        lines.write("id\tcluster_id\tedit_kind\n")
        for row in gold:
            alone = "hardneg" if row["id"] in framed else "single"
            kind = row["relation"] or ("orig" if sizes[row["story"]] > 1 else alone)
            kinds[kind] += 1
            lines.write(f"{row['id']}\t{row['story']}\t{kind}\n")
    scores = corpora.score_clusters(truth, clusters)
    for name in ("precision", "recall", "f1"):
        session.add("demonstration", f"clusters: {name}", scores[name], len(gold))
    united = scores["hard_negatives_united"]
    session.add("demonstration", "hard negatives united", united, kinds["hardneg"])
    session.add("demonstration", "singles united", scores["singles_united"], kinds["single"])
    for kind, share in scores["recall_by_edit"].items():
        session.add("demonstration", f"found in its cluster: {kind}", share, kinds[kind])


def _add_relations(session: Session, matches: Rows) -> None:
    """Relations given to the labelled pairs; no match is what `independent` should have."""
    found = {(row["left"], row["right"]): row for row in matches}
    given: dict[str, Counter[str]] = defaultdict(Counter)
    sided: Counter[bool] = Counter()
    for pair in read_rows(PAIRS):
        match = found.get((pair["left"], pair["right"]))
        relation = match["relation"] if match else "independent"
        given[pair["relation"]][relation] += 1
        if match and relation == pair["relation"] and (pair["container"] or pair["earlier"]):
            sided[all(match[key] == pair[key] for key in ("container", "earlier"))] += 1
    right = sum(relations[wanted] for wanted, relations in given.items())
    total = sum(sum(relations.values()) for relations in given.values())
    session.add("demonstration", "relations right", round(right / total, 4), total)
    for wanted, relations in sorted(given.items()):
        text = ", ".join(f"{name} {n}" for name, n in relations.most_common())
        n = sum(relations.values())
        session.add("demonstration", f"relation: {wanted}", round(relations[wanted] / n, 4), n)
        session.add("demonstration", f"given to {wanted}", text, n)
    if sided:
        share = round(sided[True] / sided.total(), 4)
        session.add("demonstration", "container or earlier side right", share, sided.total())


def _add_origins(session: Session, gold: Rows, clusters: Rows) -> None:
    """Whose text each story is, and how each copy credits it."""
    cluster_of = {m["id"]: cluster for cluster in clusters for m in cluster["members"]}
    credits = {m["id"]: m["credit"] for cluster in clusters for m in cluster["members"]}
    origin: dict[str, list[bool]] = defaultdict(list)
    for row in gold:
        cluster = cluster_of.get(row["id"])
        if row["id"] != row["representative"] or cluster is None:
            continue
        if len(cluster["members"]) == 1 and row["origin"]["article"]:
            continue  # that it is alone says nothing: `unknown` is right (decision 0021)
        place = "in the corpus" if row["origin"]["article"] else "outside of it"
        origin[place].append(_origin_right(row["origin"], cluster["provenance"]))
    for place, verdicts in sorted(origin.items()):
        share = round(sum(verdicts) / len(verdicts), 4)
        session.add("demonstration", f"original right, {place}", share, len(verdicts))
    right = sum(credits.get(row["id"]) == row["credit"] for row in gold)
    session.add("demonstration", "credit right", round(right / len(gold), 4), len(gold))


def _origin_right(wanted: dict[str, Any], verdict: dict[str, Any]) -> bool:
    """The same article; or, outside the corpus, an outlet that evidence calls by the same name."""
    if wanted["article"]:
        return bool(verdict["original"] == wanted["article"])
    named = {e["name"] for e in verdict["evidence"] if e["outlet"] == verdict["outlet"]}
    names = {fold(name) for name in [*named, verdict["outlet"]] if name}
    return verdict["original"] is None and fold(wanted["outlet"]) in names


def _add_attributions(session: Session, gold: Rows, answers: Path) -> None:
    """Score attributions; where the gold allows several kinds, the one given counts if allowed."""
    language = {row["id"]: row["lang"] for row in read_rows(DEMO)}
    given = {row["id"]: row for row in read_rows(answers)}
    labelled = []
    for row in gold:
        label = dict(row["attribution"])
        kind = given.get(row["id"], {}).get("kind")
        if kind in label.get("accept_kinds", ()):
            label["kind"] = kind
        labelled.append({"id": row["id"], "lang": language.get(row["id"], "ar"), "gold": label})
    path = session.scratch / "demonstration.gold.jsonl"
    write_rows(path, iter(labelled))
    add_attribution_scores(session, "demonstration", path, answers)
    _add_spans(session, gold, given)


def _add_spans(session: Session, gold: Rows, given: dict[str, dict[str, Any]]) -> None:
    """Share of labelled notices that a claim's span touches."""
    touched, total = 0, 0
    for row in gold:
        claims = given.get(row["id"], {}).get("claims", [])
        spans = [(c["start"], c["end"]) for c in claims if c["start"] is not None]
        for notice in row["notices"]:
            total += 1
            touched += any(s < notice["end"] and notice["start"] < e for s, e in spans)
    share = round(touched / total, 4) if total else None
    session.add("demonstration", "notices with a claim in them", share, total)

"""Long real articles -> notices where there should be few, and agencies against bylines withheld.

Every notice found in the two collections of long articles was read once; `checked_notices.json`
holds the verdicts by article id, so that a run tells right, wrong and not yet read. Bylines name
the agency in words of their own, which are read here without the engine.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.quality.session import Session, read_rows, write_rows

__all__ = ["measure_long", "name_agencies"]

CHECKED = Path(__file__).with_name("checked_notices.json")
LONG = {"ANT": "news_ar_ant.jsonl.gz", "Reuters-21578": "news_en_reuters21578.jsonl.gz"}
_NEWS = "news_ar_saudinewsnet.jsonl.gz"
_WITHHELD = frozenset({"author", "authors", "dateline"})
_AGENCIES = {
    "spa": "واس|وكالة الأنباء السعودية",
    "reuters": "رويترز",
    "afp": "أ ?ف ?ب|ا ?ف ?ب|[أا]\\. ?ف\\. ?ب|فرانس برس|الفرنسية|أ ف ب",
    "dpa": "د ?ب ?[أا]|د\\. ?ب\\. ?[أا]|الألمانية",
    "ap": "أ ب|أ\\. ?ب|[أا]سوشيتد ?برس|[أا]سوشييتد ?برس",
    "upi": "يو بي [آا]ي|يونايتد برس",
    "aa": "الأناضول|الاناضول",
    "mena": "أ ?ش ?أ|أ\\.ش\\.أ",
    "kuna": "كونا",
    "wam": "وام",
    "petra": "بترا",
    "bna": "بنا",
    "una": "يونا|إينا",
}
_CREDITED = re.compile(
    r"(?<!\w)(?:" + "|".join(f"(?P<{k}>{v})" for k, v in _AGENCIES.items()) + r")(?!\w)"
)


def name_agencies(byline: str | None) -> set[str]:
    """Agencies that an Arabic byline names."""
    return {m.lastgroup for m in _CREDITED.finditer(byline or "") if m.lastgroup}


def measure_long(session: Session) -> None:
    """False notices on long articles, and agencies of texts against bylines withheld."""
    checked = json.loads(CHECKED.read_text(encoding="utf-8"))
    false = unread = articles = 0
    for name, file in LONG.items():
        n, answers = _attribute(session, file)
        noticed = [a for a in answers if a["kind"] != "none" and not a["self_reference"]]
        verdicts = Counter(checked[name].get(a["id"], "unread") for a in noticed)
        session.add("long articles", f"{name}: notices", len(noticed), n)
        session.add("long articles", f"{name}: read and wrong", verdicts["wrong"], len(noticed))
        false += verdicts["wrong"]
        unread += verdicts["unread"]
        articles += n
    session.add("long articles", "notices nobody has read", unread, articles)
    rate = round((false + unread) / articles * 1000, 3)
    session.add("long articles", "false notices per 1,000, unread ones counted", rate, articles)
    _measure_bylines(session)


def _attribute(session: Session, file: str) -> tuple[int, list[dict[str, Any]]]:
    """Answers for a collection with its bylines withheld."""
    articles = session.scratch / file.removesuffix(".gz")
    rows = read_rows(session.data(file))
    n = write_rows(articles, ({k: v for k, v in r.items() if k not in _WITHHELD} for r in rows))
    return n, list(read_rows(session.attribute(file, articles)))


def _measure_bylines(session: Session) -> None:
    """Of articles whose byline and text both name agencies, how many name a common one."""
    bylines = {row["id"]: row.get("author") for row in read_rows(session.data(_NEWS))}
    _, answers = _attribute(session, _NEWS)
    both = agree = credited = 0
    for answer in answers:
        read = set[str]().union(*map(name_agencies, answer["agencies"]))
        credited += bool(answer["agencies"])
        wanted = name_agencies(bylines[answer["id"]])
        if read and wanted:
            both += 1
            agree += bool(read & wanted)
    share = round(agree / both, 4) if both else None
    session.add("long articles", "agency of the text is the byline's", share, both)
    session.add("long articles", "texts that credit an agency", credited, len(answers))

"""The demonstration corpus and its labels hold together: seeds/* -> facts checked by plain means.

Shares of words are measured here with difflib on words folded by a few visible lines, not with the
product's own code: a label must be true without it.
"""

import difflib
import hashlib
import json
import re
import unicodedata
from collections import Counter, defaultdict
from datetime import datetime
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dedupe.models import AttributionKind, Credit, Relation, Trust

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
SEED_DOCUMENT = "000_12631ab96fb70234"
SEED_SHA256 = "4d856a1712ff9b51ebc8884db8097afec36276293dce04661c2dbfe8b4de884a"
WITHOUT_SPACES = {"zh", "ja"}
REQUIRED = {"id", "outlet", "url", "title", "body", "lang", "published"}
FIELDS = REQUIRED | {"authors", "modified", "seen", "metadata"}


def _rows(name):
    with (SEEDS / name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


DEMO = _rows("demo.jsonl")
GOLD = _rows("gold/articles.jsonl")
PAIRS = _rows("gold/pairs.jsonl")
README = (SEEDS / "README.md").read_text(encoding="utf-8")
ARTICLE = {row["id"]: row for row in DEMO}
LABEL = {row["id"]: row for row in GOLD}
BODY = {row["id"]: row["body"] for row in DEMO}
BODY[SEED_DOCUMENT] = (SEEDS / f"{SEED_DOCUMENT}.txt").read_text(encoding="utf-8")
LABELLED = {(pair["left"], pair["right"]): pair for pair in PAIRS}


def _pairs(*relations):
    chosen = [pair for pair in PAIRS if pair["relation"] in relations]
    return [pytest.param(pair, id=f"{pair['left']}--{pair['right']}") for pair in chosen]


FOLD = str.maketrans({"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None})
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")


def fold(text):
    """Compatibility form, lower case, no marks (so hamza falls off its letter), ASCII digits."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (c for c in plain if unicodedata.category(c) not in {"Mn", "Cf"})
    return "".join(str(unicodedata.decimal(c, c)) for c in kept).translate(FOLD)


@cache
def words(article):
    """Words of a body without notices and furniture; characters where there are no spaces."""
    body, label = BODY[article], LABEL[article]
    cut = list(body)
    for span in label["notices"] + label["furniture"]:
        cut[span["start"] : span["end"]] = " " * (span["end"] - span["start"])
    return tuple(WORD.findall(fold("".join(cut))))


def compare(left, right):
    return difflib.SequenceMatcher(None, words(left), words(right), autojunk=False)


@cache
def shares(left, right):
    """Shares of the smaller and of the larger text in common runs of three words or more."""
    blocks = compare(left, right).get_matching_blocks()
    common = sum(block.size for block in blocks if block.size >= 3)
    sizes = sorted((len(words(left)), len(words(right))))
    return common / sizes[0], common / sizes[1]


def larger(pair):
    sides = {side: len(words(pair[side])) for side in ("left", "right")}
    return max(sides, key=sides.get)


def longest_run(left, right):
    return max(block.size for block in compare(left, right).get_matching_blocks())


def moment(text):
    parsed = datetime.fromisoformat(text)
    assert parsed.tzinfo is not None, text
    return parsed


def test_the_seed_document_is_the_one_that_was_given():
    digest = hashlib.sha256((SEEDS / f"{SEED_DOCUMENT}.txt").read_bytes()).hexdigest()
    assert digest == SEED_SHA256


def test_readme_lists_every_file_with_its_checksum_and_line_count():
    listed = dict(re.findall(r"^\| `([^`]+)` \| (\d+ \| `[0-9a-f]{64})` \|$", README, re.M))
    actual = {}
    for path in (p for p in SEEDS.rglob("*") if p.is_file()):
        if path.name != "README.md":
            data = path.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            actual[path.relative_to(SEEDS).as_posix()] = f"{data.count(bytes([10]))} | `{digest}"
    assert listed == actual


@pytest.mark.parametrize(
    ("found", "row"),
    [
        (Counter(row["lang"] for row in DEMO), "| {name} | `{key}` | {count} |"),
        (Counter(row["attribution"]["kind"] for row in GOLD), "| `{key}` | {count} |"),
        (Counter(row["credit"] for row in GOLD), "| `{key}` | {count} |"),
        (Counter(row["relation"] for row in PAIRS), "| `{key}` | {count} |"),
    ],
    ids=["language", "kind", "credit", "relation"],
)
def test_readme_counts_are_the_counts(found, row):
    for key, count in found.items():
        pattern = re.escape(row.format(name="@", key=key, count=count)).replace("@", r"\w+")
        assert re.search(f"^{pattern}$", README, re.M), (key, count)


def test_ids_are_unique_and_there_are_enough():
    assert len(LABEL) == len(GOLD)
    assert 110 <= len(DEMO) == len(ARTICLE) <= 140


def test_nine_languages_and_two_in_five_articles_arabic():
    languages = Counter(row["lang"] for row in DEMO)
    assert 0.35 <= languages["ar"] / len(DEMO) <= 0.45
    assert set(languages) == {"ar", "en", "fr", "es", "de", "tr", "fa", "zh", "ja"}


@pytest.mark.parametrize("row", DEMO, ids=lambda row: row["id"])
def test_an_article_has_the_contract_fields_and_a_readable_length(row):
    assert set(row) <= FIELDS
    assert set(row) >= REQUIRED
    assert re.fullmatch(r"[A-Za-z0-9._~-]{1,128}", row["id"])
    assert row["title"].strip() == row["title"] != ""
    assert row["body"].strip() == row["body"]
    low, high = (250, 700) if row["lang"] in WITHOUT_SPACES else (80, 350)
    own = len(words(row["id"])) if row["lang"] in WITHOUT_SPACES else len(row["body"].split())
    assert low <= own <= high


@pytest.mark.parametrize("row", DEMO, ids=lambda row: row["id"])
def test_times_are_absolute_and_in_order(row):
    published = moment(row["published"])
    assert moment(row.get("modified", row["published"])) >= published
    assert moment(row.get("seen", row["published"])) >= published


def test_articles_stand_in_order_of_publication():
    assert all(moment(a["published"]) <= moment(b["published"]) for a, b in pairwise(DEMO))


def test_an_outlet_has_one_domain_and_every_address_is_an_example():
    domains = defaultdict(set)
    for row in DEMO:
        domains[row["outlet"]].add(urlsplit(row["url"]).hostname)
        for address in re.findall(r"https?://[^\s\"]+", json.dumps(row, ensure_ascii=False)):
            host = urlsplit(address).hostname
            assert host.endswith(".example") or host == "creativecommons.org", address
    assert all(len(hosts) == 1 for hosts in domains.values())
    assert len(set().union(*domains.values())) == len(domains)


def test_one_address_is_one_article_or_its_revisions():
    by_url = defaultdict(list)
    for row in DEMO:
        by_url[row["url"]].append(row["id"])
    for ids in by_url.values():
        for left, right in combinations(sorted(ids), 2):
            assert LABELLED[left, right]["relation"] == "revision"


def test_gold_covers_each_article_in_order_and_the_seed_document():
    assert list(LABEL) == [SEED_DOCUMENT, *ARTICLE]


@pytest.mark.parametrize("row", GOLD, ids=lambda row: row["id"])
def test_labels_use_the_words_of_the_house(row):
    attribution = row["attribution"]
    AttributionKind(attribution["kind"])
    Credit(row["credit"])
    for kind in attribution.get("accept_kinds", []):
        AttributionKind(kind)
    assert attribution["kind"] in attribution.get("accept_kinds", [attribution["kind"]])
    if row["declared"]:
        Trust(row["declared"]["trust"])
    if row["relation"] is not None:
        assert Relation(row["relation"]).unites


@pytest.mark.parametrize("row", GOLD, ids=lambda row: row["id"])
def test_spans_quote_the_body_and_do_not_overlap(row):
    body = BODY[row["id"]]
    spans = sorted(row["notices"] + row["furniture"], key=lambda span: span["start"])
    for span in spans:
        assert body[span["start"] : span["end"]] == span["quote"] != ""
    assert all(a["end"] <= b["start"] for a, b in pairwise(spans))


@pytest.mark.parametrize("row", GOLD, ids=lambda row: row["id"])
def test_an_origin_is_stated_in_a_notice_that_holds_every_name(row):
    attribution = row["attribution"]
    names = [attribution["original_source"], attribution["republisher"], attribution["license"]]
    names += attribution["via"] + attribution["agencies"]
    notices = " ".join(span["quote"] for span in row["notices"])
    for name in filter(None, names):
        assert name in notices
    if attribution["original_source"]:
        assert attribution["original_source"] in attribution["accept"]
    assert bool(notices) == (attribution["kind"] != "none")


@pytest.mark.parametrize("row", GOLD, ids=lambda row: row["id"])
def test_credit_follows_from_what_is_stated(row):
    attribution, credit = row["attribution"], Credit(row["credit"])
    own = attribution["self_reference"] or attribution["kind"] == "none"
    if credit is Credit.UNCREDITED:
        assert attribution["kind"] == "none"
        assert row["declared"] is None
        assert row["relation"] is not None
    elif credit is Credit.ORIGINAL:
        assert own
        assert row["origin"]["article"] in {row["id"], row["representative"]}
        assert row["relation"] in {None, "revision"}
    elif credit is Credit.CREDITED:
        assert attribution["original_source"] or row["declared"]
    elif credit is Credit.AGENCY:
        assert attribution["agencies"]
    else:
        assert attribution["original_source"] is None


def test_a_declared_source_stands_in_the_metadata_only():
    declared = [row for row in GOLD if row["declared"]]
    assert {row["declared"]["trust"] for row in declared} == {"feed", "canonical"}
    for row in declared:
        name = row["declared"]["name"]
        assert name in json.dumps(ARTICLE[row["id"]]["metadata"], ensure_ascii=False)
        assert name not in " ".join(span["quote"] for span in row["notices"])


def test_a_story_has_one_origin_and_one_representative():
    for field in ("origin", "representative"):
        values = defaultdict(set)
        for row in GOLD:
            values[row["story"]].add(json.dumps(row[field], sort_keys=True))
        assert all(len(found) == 1 for found in values.values())
    for row in GOLD:
        assert LABEL[row["representative"]]["story"] == row["story"]
        assert row["origin"]["article"] in {None, row["representative"]}


def test_the_relation_of_a_member_is_the_relation_of_its_pair():
    for row in GOLD:
        if row["id"] == row["representative"]:
            assert row["relation"] is None
        else:
            left, right = sorted((row["id"], row["representative"]))
            assert LABELLED[left, right]["relation"] == row["relation"]


def test_a_back_dated_copy_credits_an_original_published_later():
    dated = []
    for row in GOLD:
        original = row["origin"]["article"]
        if row["relation"] and original:
            copy, first = ARTICLE[row["id"]], ARTICLE[original]
            if moment(copy["published"]) < moment(first["published"]):
                dated.append(row["id"])
                assert row["credit"] == "credited"
                assert row["attribution"]["original_source"] == first["outlet"]
                assert moment(copy["seen"]) > moment(first["seen"])
    assert dated == ["ar-battery-mizan"]


def test_pairs_are_ordered_unique_and_refer_to_articles():
    assert [(p["left"], p["right"]) for p in PAIRS] == sorted(LABELLED)
    assert len(LABELLED) == len(PAIRS)
    for pair in PAIRS:
        assert pair["left"] < pair["right"]
        assert {pair["left"], pair["right"]} <= set(ARTICLE)


def test_every_relation_is_shown():
    assert {pair["relation"] for pair in PAIRS} == {relation.value for relation in Relation}


def test_uniting_pairs_stay_in_a_story_and_the_others_cross():
    for pair in PAIRS:
        relation = Relation(pair["relation"])
        same = LABEL[pair["left"]]["story"] == LABEL[pair["right"]]["story"]
        assert same or not relation.unites
        assert not same or relation.copying


def test_container_and_earlier_are_said_where_they_mean_something():
    for pair in PAIRS:
        contained = pair["relation"] in {"excerpt", "embeds"}
        assert pair["container"] == (larger(pair) if contained else None)
        assert (pair["earlier"] is not None) == (pair["relation"] == "revision")


@pytest.mark.parametrize("pair", _pairs("identical"))
def test_identical_texts_have_the_same_words(pair):
    assert words(pair["left"]) == words(pair["right"])


@pytest.mark.parametrize("pair", _pairs("edited"))
def test_edited_texts_share_most_of_both_but_not_all_of_one(pair):
    smaller_share, larger_share = shares(pair["left"], pair["right"])
    assert larger_share > 0.5
    assert 0.5 < smaller_share <= 0.9


@pytest.mark.parametrize("pair", _pairs("excerpt"))
def test_an_excerpt_stands_in_the_larger_and_is_at_least_half_of_it(pair):
    smaller_share, larger_share = shares(pair["left"], pair["right"])
    assert smaller_share >= 0.9
    assert 0.5 <= larger_share <= 0.9


@pytest.mark.parametrize("pair", _pairs("embeds"))
def test_an_embedded_text_stands_in_the_larger_and_is_less_than_half_of_it(pair):
    smaller_share, larger_share = shares(pair["left"], pair["right"])
    assert smaller_share >= 0.9
    assert larger_share < 0.5


@pytest.mark.parametrize("pair", _pairs("revision"))
def test_a_revision_is_another_text_at_the_same_address(pair):
    left, right = ARTICLE[pair["left"]], ARTICLE[pair["right"]]
    assert (left["outlet"], left["url"]) == (right["outlet"], right["url"])
    assert words(left["id"]) != words(right["id"])
    earlier, later = (left, right) if pair["earlier"] == "left" else (right, left)
    assert "modified" not in earlier
    assert moment(later["modified"]) > moment(earlier["published"])


@pytest.mark.parametrize("pair", _pairs("partial"))
def test_a_partial_pair_shares_one_passage_and_is_mostly_its_own(pair):
    smaller_share, _ = shares(pair["left"], pair["right"])
    assert longest_run(pair["left"], pair["right"]) >= 40
    assert smaller_share < 0.5


@pytest.mark.parametrize("pair", _pairs("independent"))
def test_independent_tellings_share_no_passage(pair):
    assert longest_run(pair["left"], pair["right"]) < 8


@pytest.mark.parametrize("pair", _pairs("template"))
def test_a_template_pair_differs_in_slots_only(pair):
    matcher = compare(pair["left"], pair["right"])
    slots = [op for op in matcher.get_opcodes() if op[0] != "equal"]
    assert len(slots) >= 5, "one or two differences would be an edit"
    assert max(max(op[2] - op[1], op[4] - op[3]) for op in slots) <= 12
    assert 0.55 <= matcher.ratio() < 1


def test_there_are_at_least_four_template_families():
    families = defaultdict(set)
    for pair in PAIRS:
        if pair["relation"] == "template":
            left, right = (pair[side].split("-")[:2] for side in ("left", "right"))
            assert left == right
            families["-".join(left)] |= {pair["left"], pair["right"]}
    assert len(families) >= 4
    assert all(3 <= len(members) <= 5 for members in families.values())


def test_no_passage_is_shared_across_stories_without_a_label():
    """Allowed too: what a labelled `embeds` pair of the same two stories explains."""
    story = {article: LABEL[article]["story"] for article in ARTICLE}
    linked = {
        frozenset((story[p["left"]], story[p["right"]])) for p in PAIRS if p["relation"] == "embeds"
    }
    grams = {}
    for row in DEMO:
        size = 16 if row["lang"] in WITHOUT_SPACES else 8
        text = words(row["id"])
        grams[row["id"]] = {text[i : i + size] for i in range(len(text) - size + 1)}
    for left, right in combinations(sorted(ARTICLE), 2):
        if story[left] != story[right] and (left, right) not in LABELLED:
            shared = not grams[left].isdisjoint(grams[right])
            assert not shared or frozenset((story[left], story[right])) in linked, (left, right)

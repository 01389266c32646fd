"""`isnad attribute`, `compare` and `fingerprint` on single articles."""

from __future__ import annotations

import base64
import json
import math
import re

import datasketch
import numpy as np
import pytest
from cli.conftest import OTHER
from jsonschema import Draft202012Validator

from dedupe.config import default_config
from dedupe.schemas import SCHEMA_NAMES, load_schema


def valid(name, value):
    Draft202012Validator(load_schema(name)).validate(value)
    return value


@pytest.fixture
def files(articles):
    """Every article in a file of its own."""
    paths = {}
    for line in articles.read_text().splitlines():
        name = json.loads(line)["id"]
        paths[name] = articles.with_name(f"{name}.jsonl")
        paths[name].write_text(line + "\n")
    return paths


def test_attribute_writes_every_article_in_order(isnad, articles):
    run = isnad("attribute", articles)
    assert run.code == 0
    found = [valid("attribution", line) for line in run.lines]
    assert [each["id"] for each in found] == ["ar-1", "ar-2", "en-1", "en-2", "x-1"]
    assert [each["kind"] == "none" for each in found] == [True, False, True, True, True]


def test_attribute_quotes_the_verbatim_body(isnad, articles):
    bodies = {r["id"]: r["body"] for r in map(json.loads, articles.read_text().splitlines())}
    claims = [(e["id"], c) for e in isnad("attribute", articles).lines for c in e["claims"]]
    assert claims
    for name, claim in claims:
        assert bodies[name][claim["start"] : claim["end"]] == claim["quote"]


def test_attribute_table_is_for_reading(isnad, articles):
    page = isnad("attribute", articles, "--format", "table").out.decode()
    assert "Article" in page
    assert "ar-2" in page


def test_attribute_tells_rejects(isnad, broken, tmp_path):
    path = tmp_path / "rejects.jsonl"
    run = isnad("attribute", broken, "--rejects", path, "--output", tmp_path / "out.jsonl")
    assert run.code == 1
    assert len(path.read_bytes().splitlines()) == 3
    assert len((tmp_path / "out.jsonl").read_bytes().splitlines()) == 5


def test_compare_two_ids_of_one_input(isnad, articles):
    run = isnad("compare", "en-1", "en-2", "--input", articles)
    page = run.out.decode()
    assert run.code == 0
    assert page.startswith("edited")
    assert "[-\u2068Monday\u2069-]{+\u2068Tuesday\u2069+}" in page
    assert "date" in page


def test_compare_keeps_the_direction_asked_for(isnad, articles):
    page = isnad("compare", "en-2", "en-1", "--input", articles).out.decode()
    assert "[-\u2068Tuesday\u2069-]{+\u2068Monday\u2069+}" in page


def test_compare_two_files(isnad, files):
    run = isnad("compare", files["ar-1"], files["ar-2"])
    assert run.code == 0
    assert run.out.startswith(b"identical")
    assert "⟨notice⟩" in run.out.decode()


def test_compare_as_json_has_the_published_shape(isnad, articles):
    for pair in (("en-2", "en-1"), ("en-1", "en-2")):
        run = isnad("compare", *pair, "--input", articles, "--format", "json")
        found = valid("comparison", json.loads(run.out))
        assert (found["match"]["left"], found["match"]["right"]) == ("en-1", "en-2")
        assert found["match"]["relation"] == "edited"
        assert [d["left"] for d in found["differences"]] == ["Monday", "seven"]


def test_compare_of_unrelated_articles_is_an_answer_too(isnad, articles):
    run = isnad("compare", "ar-1", "x-1", "--input", articles, "--format", "json")
    assert json.loads(run.out)["match"]["relation"] == "independent"


def test_compare_of_a_file_with_itself_finds_no_difference(isnad, files):
    run = isnad("compare", files["en-1"], files["en-1"])
    assert run.code == 0
    assert b"Both are the same text." in run.out


@pytest.fixture
def compared(isnad, tmp_path):
    """What `compare` says of two bodies, as text and as JSON."""

    def make(left, right, **more):
        path = tmp_path / "pair.jsonl"
        rows = [{"id": "a", "body": left, **more}, {"id": "b", "body": right, **more}]
        path.write_text("\n".join(map(json.dumps, rows)))
        run = ["compare", "a", "b", "--input", str(path)]
        return isnad(*run).out.decode(), json.loads(isnad(*run, "--format", "json").out)

    return make


def test_compare_says_that_texts_without_words_cannot_be_compared(compared):
    page, data = compared("😀😀", "😀😀")
    assert data["match"]["relation"] == "independent"
    assert "Neither text has words: there is nothing to compare." in page
    assert "same words" not in page


def test_compare_says_what_it_does_not_look_at_where_no_word_differs(compared):
    page, _ = compared("It rose by +2 to $50 today", "It rose by -2 to €50 today")
    assert "Both say the same words; case, punctuation, signs and vowel marks" in page


def test_compare_keeps_what_was_put_in_front_apart_from_the_first_word(compared):
    page, _ = compared("closed on Monday", "Eye on town\nclosed on Monday")
    plain = "".join(character for character in page if character not in "\u2066\u2068\u2069")
    assert "{+Eye on town+}⟨name⟩ closed on Monday" in plain


def test_compare_shows_the_largest_contributions_to_the_probability(isnad, articles):
    run = ["compare", "en-1", "en-2", "--input", articles]
    page, match = isnad(*run).out.decode(), json.loads(isnad(*run, "--format", "json").out)["match"]
    odds = sum(match["features"].values())
    assert abs(1 / (1 + math.exp(-odds)) - match["probability"]) < 1e-3
    name, value = max(match["features"].items(), key=lambda item: abs(item[1]))
    assert f"{name} {value:+.1f}" in page
    assert f"(log-odds, in all {odds:+.1f})" in page


def test_compare_says_where_the_probability_is_by_definition(compared):
    words = " ".join(f"word{n}" for n in range(40))
    assert "the same words: probability 1 by definition" in compared(words, f"{words}!")[0]


def test_compare_takes_the_current_revision_of_an_id(isnad, articles):
    old = json.dumps({"id": "en-1", "body": "an older text", "modified": "2020-01-01"})
    for lines in ([old, *articles.read_text().splitlines()],):
        path = articles.with_name("revised.jsonl")
        path.write_text("\n".join(lines))
        run = isnad("compare", "en-1", "en-2", "--input", path)
        assert run.out.startswith(b"edited")


def test_compare_with_more_than_two_divides_the_first_among_the_others(isnad, seeds):
    names = ("ar-roundup-sada", "ar-mosaic-qandil", "ar-grid-manara", "ar-mosaic-turath")
    wanted = [*names, "--input", seeds / "demo.jsonl"]
    found = valid("composite", json.loads(isnad("compare", *wanted, "--format", "json").out))
    assert (found["id"], found["cluster_id"]) == (names[0], None)
    assert {part["article"] for part in found["sources"]} == set(names[1:3])
    shares = [part["share"] for part in found["sources"]]
    assert min(shares) > 0.2
    assert sum(shares) + found["own"] == pytest.approx(1)
    page = isnad("compare", *wanted).out.decode()
    assert f"{found['own']:.1%}  words of its own" in page
    assert "0.0%" in page


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["en-1", "en-2", "en-1", "--input", "{articles}"], "one id stands twice"),
        (["en-1", "nobody", "--input", "{articles}"], "no article with id 'nobody' in the input"),
        (["en-1", "en-1", "--input", "{articles}"], "both ids are 'en-1'"),
        (["{articles}", "{one}"], "more than one article; name two ids and give --input"),
        (["{one}", "{empty}"], "holds no article"),
    ],
)
def test_compare_says_what_is_missing(isnad, articles, files, words, sentence):
    empty = articles.with_name("empty.jsonl")
    empty.write_text('{"title": "only"}\n')
    names = {"articles": articles, "one": files["en-1"], "empty": empty}
    run = isnad("compare", *(word.format(**names) for word in words))
    assert run.code == 2
    assert sentence in run.err
    assert run.err.count("\n") == 1


def test_fingerprints_are_signatures_datasketch_takes(isnad, articles):
    run = isnad("fingerprint", articles)
    assert run.code == 0
    config = default_config()
    sketches = {}
    for line in run.lines:
        valid("fingerprint", line)
        assert line["config_id"] == config.config_id
        values = np.array(line["signature"], np.uint32)
        sketches[line["id"]] = datasketch.MinHash(
            num_perm=config.permutations,
            seed=config.seed,
            scheme="affine32",
            hashvalues=values,
        )
    assert sketches["ar-1"].jaccard(sketches["ar-2"]) == 1.0
    assert sketches["en-1"].jaccard(sketches["en-2"]) > 0.7
    assert sketches["en-1"].jaccard(sketches["x-1"]) < 0.1


def test_base64_fingerprints_are_the_same_numbers(isnad, articles):
    numbers = isnad("fingerprint", articles).lines
    packed = isnad("fingerprint", articles, "--encoding", "base64").lines
    for ours, theirs in zip(numbers, packed, strict=True):
        values = np.frombuffer(base64.b64decode(theirs["signature"]), "<u4")
        assert values.tolist() == ours["signature"]


def test_keys_are_written_on_request(isnad, articles):
    (first, *_) = isnad("fingerprint", articles, "--bands", "--passages").lines
    valid("fingerprint", first)
    assert len(first["bands"]) == default_config().bands
    assert all(len(key) == 16 for key in first["bands"] + first["passages"])
    assert "bands" not in isnad("fingerprint", articles).lines[0]


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_schema_prints_each_shape(isnad, name):
    assert json.loads(isnad("schema", name).out) == load_schema(name)


def test_the_help_of_schema_names_each_shape(isnad):
    told = isnad("schema", "--help").out.decode()
    assert [name for name in SCHEMA_NAMES if not re.search(rf"\b{name}[,.]", told)] == []


def test_schema_prints_all_shapes(isnad):
    assert json.loads(isnad("schema").out) == {name: load_schema(name) for name in SCHEMA_NAMES}


POLICY = """Readers are asked to keep their comments civil, short and to the point; messages that
insult others, advertise goods or repeat what was said before are taken down by an editor."""


def write_furnished(path):
    """Five articles of one outlet under one policy; older, shorter texts of them come last."""
    rows = []
    for number in range(5):
        own = " ".join(f"{word}{'abcde'[number]}" for word in OTHER.split())
        title = " ".join(own.split()[:5])
        row = {"id": f"p{number}", "outlet": "Quay", "title": title, "body": f"{own}\n\n{POLICY}"}
        rows.append(row | {"modified": "2026-03-02T08:00:00Z"})
    draft = {"body": "An early draft of it.", "modified": "2026-03-01T08:00:00Z"}
    lines = [json.dumps(row) + "\n" for row in [*rows, *(row | draft for row in rows)]]
    path.write_text("".join(lines), "utf-8")
    return path


def test_boilerplate_is_quoted_from_the_current_text_of_an_article(isnad, tmp_path):
    path = write_furnished(tmp_path / "a.jsonl")
    run = isnad("boilerplate", path, "--format", "jsonl", "--jobs", "1")
    assert [(row["articles"], row["outlet"]) for row in run.lines] == [(5, "Quay")]
    assert run.lines[0]["quote"] == POLICY.removesuffix(".")


def test_boilerplate_of_standard_input_is_quoted_too(start, tmp_path):
    process = start("boilerplate", "-", "--format", "jsonl", "--jobs", "1", "--quiet")
    out, _ = process.communicate(write_furnished(tmp_path / "a.jsonl").read_bytes())
    assert process.returncode == 0
    assert json.loads(out)["quote"] == POLICY.removesuffix(".")

"""Boilerplate that is learned: what is, what is not, and that it is cut everywhere alike."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dedupe.batch import furniture
from dedupe.batch.finished import open_finished
from dedupe.batch.furniture import learn_boilerplate
from dedupe.batch.learn import learn_statistics
from dedupe.batch.local import RunOptions, run
from dedupe.boilerplate import find_boilerplate
from dedupe.config import default_config
from dedupe.models import Article
from dedupe.normalize import tokenize
from dedupe.pipeline import compare
from dedupe.readers import ReadOptions

POLICY = (
    "We ask readers to keep their comments civil and short, to stay on the subject at hand and"
    " never to post the private details of anybody else. Whoever does so again after one warning"
    " will be kept out, and a message that breaks these rules is taken down by an editor within the"
    " hour; complaints about that go to the desk whose address stands at the foot of every page."
)


def words(seed: int, count: int) -> str:
    """Words that no other seed gives."""
    rng = np.random.default_rng(seed)
    letters = rng.integers(97, 123, (count, 7))
    return " ".join("".join(map(chr, row)) for row in letters.tolist())


def row(name: str, body: str, *, title: str = "", outlet: str = "one") -> dict[str, str]:
    return {
        "id": name,
        "outlet": outlet,
        "title": title or words(sum(name.encode()) * 31 + len(name), 6),
        "body": body,
    }


def write(path, rows):
    path.write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    return str(path)


def learned(path, config=None, **options):
    with run(
        [path], ReadOptions(), config or default_config(), RunOptions(jobs=1, **options)
    ) as result:
        return learn_boilerplate(result.texts())


def clusters(path, **options):
    with run([path], ReadOptions(), default_config(), RunOptions(jobs=1, **options)) as result:
        found = {tuple(sorted(m.id for m in cluster.members)) for cluster in result.clusters()}
        return found, result.config


@pytest.fixture
def furnished(tmp_path):
    """Five short stories of one outlet under one policy, a copy of one elsewhere, and strangers."""
    rows = [row(f"a{n}", words(n, 12) + ". " + POLICY, title=words(50 + n, 5)) for n in range(5)]
    rows.append(row("copy", words(3, 12), title="", outlet="two"))
    rows += [row(f"b{n}", words(100 + n, 60), outlet="three") for n in range(5)]
    return write(tmp_path / "a.jsonl", rows)


def test_a_policy_under_different_stories_is_learned_and_nothing_else_is(furnished):
    grams, passages = learned(furnished)
    tokens = tokenize(POLICY)
    assert find_boilerplate(tokens, grams) == ((0, len(POLICY) - 1),)
    assert len(passages) == 1
    assert find_boilerplate(tokenize(words(3, 12)), grams) == ()


def test_learning_first_parts_the_stories_that_only_share_furniture(furnished):
    def pairs(*, learn):
        options = RunOptions(jobs=1, learn=learn)
        with run([furnished], ReadOptions(), default_config(), options) as result:
            return {(match.left, match.right) for match in result.matches()}, result.config

    together, _ = pairs(learn=False)
    parted, config = pairs(learn=True)
    assert ("a0", "a1") in together
    assert parted == {("a3", "copy")}
    assert clusters(furnished, learn=True)[0] == parted
    assert config.config_id != default_config().config_id


def test_lengths_of_texts_are_those_after_the_cut(tmp_path):
    """The direction of an excerpt is read from them."""
    rows = [row(f"a{n}", words(n, 40) + ". " + POLICY, title=words(50 + n, 5)) for n in range(5)]
    rows.append(row("longer", words(3, 40) + " " + words(60, 30), title="", outlet="two"))
    for each in rows:
        each["seen"] = f"2026-03-01T{1 if each is rows[-1] else 2:02}:00:00Z"
    path = write(tmp_path / "a.jsonl", rows)
    options = RunOptions(jobs=1, learn=True)
    with run([path], ReadOptions(), default_config(), options) as result:
        learned, found = result.config, list(result.clusters())
    assert "containment" in [evidence.trust for evidence in found[0].provenance.evidence]
    with run([path], ReadOptions(), learned, replace(options, learn=False)) as result:
        assert list(result.clusters()) == found


def test_an_outlet_of_more_articles_than_are_read_in_full_has_boilerplate_too(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(furniture, "_LEAST_SHARE", 0.5)
    monkeypatch.setattr(furniture, "_MOST_LOOKED_AT", 6)
    rows = [row(f"a{n}", words(n, 20) + ". " + POLICY, title=words(50 + n, 5)) for n in range(16)]
    grams, _ = learned(write(tmp_path / "a.jsonl", rows))
    assert find_boilerplate(tokenize(POLICY), grams) == ((0, len(POLICY) - 1),)


def test_a_run_that_does_not_compare_has_what_is_learned_from_and_no_pair(furnished, tmp_path):
    work = {"keep_dir": tmp_path / "work", "learn": True}
    assert np.array_equal(learned(furnished, compare=False)[0], learned(furnished)[0])
    assert clusters(furnished, compare=False, **work)[0] == set()
    assert clusters(furnished, **work)[0] == {("a3", "copy")}  # its folder is no finished run's


def test_cutting_in_a_run_equals_fingerprinting_with_the_learned_configuration(furnished):
    _, config = clusters(furnished, learn=True)
    options = RunOptions(jobs=1, keep_matches=True)
    with run([furnished], ReadOptions(), config, options) as result:
        again = list(result.matches())
    with run([furnished], ReadOptions(), default_config(), replace(options, learn=True)) as result:
        assert list(result.matches()) == again


def test_learning_twice_learns_nothing_new(furnished):
    with run([furnished], ReadOptions(), default_config(), RunOptions(jobs=1)) as result:
        first = learn_statistics(result)
    config = replace(default_config(), statistics=first)
    with run([furnished], ReadOptions(), config, RunOptions(jobs=1)) as result:
        second = learn_statistics(result)
    assert np.array_equal(first.boilerplate, second.boilerplate)


def test_a_kept_run_that_learned_nothing_new_has_the_configuration_it_was_given(
    furnished, tmp_path
):
    _, config = clusters(furnished, learn=True)
    options = RunOptions(jobs=1, learn=True, keep_dir=tmp_path / "work")
    with run([furnished], ReadOptions(), config, options) as result:
        assert result.config.config_id == config.config_id
    assert open_finished(tmp_path / "work", config).config_id == config.config_id


def test_the_order_of_the_input_does_not_matter(furnished, tmp_path):
    lines = Path(furnished).read_text("utf-8").splitlines(keepends=True)
    other = tmp_path / "b.jsonl"
    other.write_text("".join(reversed(lines)), encoding="utf-8")
    assert np.array_equal(learned(furnished)[0], learned(str(other))[0])


def test_a_story_that_is_updated_is_no_furniture(tmp_path):
    story = words(1, 120)
    rows = [
        row(f"u{n}", words(10 + n, 25) + " " + story, title="Harbour bridge closed after storm")
        for n in range(8)
    ]
    assert len(learned(write(tmp_path / "a.jsonl", rows))[0]) == 0


def test_the_frame_of_a_daily_report_is_no_furniture(tmp_path):
    rows = []
    for n in range(12):
        slots = [words(1000 * n + k, 2) for k in range(8)]
        body = " ".join(words(7000 + k, 14) + " " + slot for k, slot in enumerate(slots))
        rows.append(row(f"w{n:02}", body, title=words(300 + n, 5)))
    assert len(learned(write(tmp_path / "a.jsonl", rows))[0]) == 0


def test_what_is_known_is_cut_from_any_two_texts(furnished):
    _, config = clusters(furnished, learn=True)
    left = Article(id="x", outlet="nine", url=None, title="", body=words(31, 30) + " " + POLICY)
    right = Article(id="y", outlet="ten", url=None, title="", body=words(32, 30) + " " + POLICY)
    assert compare(left, right).spans
    assert not compare(left, right, config).spans


def test_nothing_spans_a_cut(furnished):
    _, config = clusters(furnished, learn=True)
    halves = words(41, 20), words(42, 20)
    left = Article(
        id="x", outlet=None, url=None, title="", body=f"{halves[0]} {POLICY} {halves[1]}"
    )
    right = Article(id="y", outlet=None, url=None, title="", body=" ".join(halves))
    match = compare(left, right, config)
    assert match.relation.value in ("identical", "edited")
    assert match.containment_right < 1  # the shingles across the cut are not there


def test_nothing_is_learned_from_nothing(tmp_path):
    assert len(learned(write(tmp_path / "a.jsonl", []), None)[0]) == 0


def test_a_kept_run_learns_and_cuts_like_one_that_is_thrown_away(tmp_path):
    rows = [row(f"a{n}", POLICY + " " + words(n, 60), title=words(50 + n, 5)) for n in range(5)]
    rows.append(row("copy", words(3, 60), title="", outlet="two"))
    path = write(tmp_path / "a.jsonl", rows)
    options = RunOptions(jobs=1, learn=True)
    with run([path], ReadOptions(), default_config(), options) as result:
        thrown = list(result.clusters()), result.config.config_id
    assert len(thrown[0]) == 1
    for _ in ("first", "taken over"):
        kept = replace(options, keep_dir=tmp_path / "work")
        with run([path], ReadOptions(), default_config(), kept) as result:
            assert (list(result.clusters()), result.config.config_id) == thrown


def test_a_brief_that_other_outlets_carry_as_an_article_is_no_boilerplate(tmp_path):
    rows = [row(f"a{n}", words(n, 200) + ". " + POLICY) for n in range(5)]
    rows += [row(f"wire {n}", POLICY, title=words(70, 5), outlet=f"paper {n}") for n in range(2)]
    path = write(tmp_path / "a.jsonl", rows)
    grams, passages = learned(path)
    assert (len(grams), passages) == (0, [])
    found, _ = clusters(path)
    assert found == {("wire 0", "wire 1")}


def test_pages_of_which_only_the_policy_is_left_stay_boilerplate_of_their_outlets(tmp_path):
    rows = [row(f"a{n}", words(n, 200) + ". " + POLICY) for n in range(5)]
    rows += [row(f"b{n}", words(80 + n, 200) + ". " + POLICY, outlet="sister") for n in range(5)]
    rows += [row(f"bare {name}", POLICY, outlet=name) for name in ("one", "sister")]
    path = write(tmp_path / "a.jsonl", rows)
    assert len(learned(path)[1]) == 2

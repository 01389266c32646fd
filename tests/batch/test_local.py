import gc
import json
import random
from pathlib import Path

import numpy as np
import pytest
from core.corpus import article, spell, story

from dedupe.batch.learn import learn_statistics
from dedupe.batch.local import RunOptions, run
from dedupe.config import default_config
from dedupe.models import Relation
from dedupe.normalize import tokenize
from dedupe.pipeline import compare
from dedupe.readers import ReadOptions, plan, read


def write(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return str(path)


def report(inputs, extractor=None, **options):
    paths = [inputs] if isinstance(inputs, str) else inputs
    return run(paths, ReadOptions(), default_config(), RunOptions(**options), extractor)


def groups(result):
    return {frozenset(member.id for member in cluster.members) for cluster in result.clusters()}


@pytest.fixture(scope="module")
def rows():
    """Forty stories: alone, copied, cut, framed and embedded."""
    made = []
    for number in range(40):
        words = story(number, 220)
        made.append(article(f"o{number:02}", words, outlet=f"paper{number % 7}", hour=number % 20))
        if number % 4 == 0:
            made.append(article(f"c{number:02}", words, outlet="carrier", hour=21))
        if number % 4 == 1:
            made.append(article(f"t{number:02}", words[:150], outlet="cutter", hour=21))
        if number % 8 == 2:
            framed = story(500 + number, 60) + words + story(600 + number, 30)
            made.append(article(f"f{number:02}", framed, outlet="framer", hour=21))
        if number % 8 == 3:
            longer = story(700 + number, 200) + words + story(800 + number, 300)
            made.append(article(f"e{number:02}", longer, outlet="roundup", hour=22))
    return made


def test_copies_cuts_and_frames_unite_and_embedded_text_links(tmp_path, rows):
    with report(write(tmp_path / "a.jsonl", rows)) as result:
        found = groups(result)
        clusters = {cluster.cluster_id: cluster for cluster in result.clusters()}
    assert frozenset({"o00", "c00"}) in found
    assert frozenset({"o01", "t01"}) in found
    assert frozenset({"o02", "f02"}) in found
    assert not any("e03" in group for group in found)
    assert all(cluster.size == len(cluster.members) for cluster in clusters.values())


def test_embedded_text_is_a_link_between_clusters(tmp_path, rows):
    with report(write(tmp_path / "a.jsonl", rows), min_size=1) as result:
        by_member = {m.id: c for c in result.clusters() for m in c.members}
    inner, outer = by_member["o03"], by_member["e03"]
    assert inner.cluster_id != outer.cluster_id
    assert [(k.member, k.other, k.container) for k in inner.links] == [("o03", "e03", "other")]
    assert [(k.member, k.other, k.container) for k in outer.links] == [("e03", "o03", "member")]
    assert inner.links[0].cluster_id == outer.cluster_id


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_any_order_and_any_number_of_processes_give_the_same_report(tmp_path, rows, jobs):
    def everything(inputs, jobs):
        with report(inputs, jobs=jobs, keep_matches=True, keep_candidates=True) as result:
            return list(result.clusters()), list(result.matches()), list(result.candidates())

    expected = everything(write(tmp_path / "a.jsonl", rows), 1)
    shuffled = list(rows)
    random.Random(jobs).shuffle(shuffled)
    third = len(rows) // 3
    parts = [
        write(tmp_path / f"part{n}.jsonl", shuffled[n * third : (n + 1) * third if n < 2 else None])
        for n in range(3)
    ]
    assert everything(parts, jobs) == expected


def test_matches_are_ordered_pairs_with_spans_of_equal_words(tmp_path, rows):
    bodies = {row["id"]: row["body"] for row in rows}
    with report(write(tmp_path / "a.jsonl", rows), keep_matches=True) as result:
        matches = list(result.matches())
    assert [(m.left, m.right) for m in matches] == sorted((m.left, m.right) for m in matches)
    assert matches
    for match in matches:
        assert match.left < match.right
        for a, b, c, d in match.spans:
            left = tokenize(bodies[match.left][a:b]).ids
            assert left.tolist() == tokenize(bodies[match.right][c:d]).ids.tolist()
        assert abs(sum(match.features.values()) - log_odds(match)) < 0.05 or match.probability == 1


def log_odds(match):
    chance = min(max(match.probability, 1e-6), 1 - 1e-6)
    return float(np.log(chance / (1 - chance)))


def test_the_longer_text_is_the_container_on_either_side(tmp_path):
    words = story(1, 300)
    rows = [article("a", words), article("b", words[:180]), article("c", words[:170])]
    with report(write(tmp_path / "a.jsonl", rows), keep_matches=True) as result:
        kinds = {(m.left, m.right): (m.relation, m.container) for m in result.matches()}
    assert kinds["a", "b"] == (Relation.EXCERPT, "left")
    rows = [article("a", words[:180]), article("b", words)]
    with report(write(tmp_path / "b.jsonl", rows), keep_matches=True) as result:
        kinds = {(m.left, m.right): (m.relation, m.container) for m in result.matches()}
        shares = next((m.containment_left, m.containment_right) for m in result.matches())
    assert kinds["a", "b"] == (Relation.EXCERPT, "right")
    assert shares[0] > 0.98 > shares[1]


def test_the_same_revision_again_is_a_no_op(tmp_path):
    rows = [article("a", story(1, 100)), article("b", story(2, 100))]
    with report(write(tmp_path / "a.jsonl", [*rows, *rows, rows[0]])) as result:
        assert (result.summary.articles, result.summary.repeated) == (2, 3)
        assert result.summary.revisions == 0


@pytest.mark.parametrize("swap", [False, True])
def test_one_id_with_two_texts_keeps_the_latest_modified(tmp_path, swap):
    old = article("a", story(1, 100)) | {"modified": "2026-01-01T00:00:00Z"}
    new = article("a", story(2, 100)) | {"modified": "2026-01-02T00:00:00Z"}
    copy = article("b", story(2, 100))
    rows = [new, old, copy] if swap else [old, new, copy]
    with report(write(tmp_path / "a.jsonl", rows)) as result:
        assert groups(result) == {frozenset({"a", "b"})}
        assert (result.summary.revisions, result.summary.repeated) == (1, 0)
        assert result.summary.rejected == 0


def test_two_texts_of_one_address_are_a_revision(tmp_path):
    words = story(1, 200)
    old = article("a", words) | {"url": "https://x.example/1", "modified": "2026-01-01T00:00:00Z"}
    new = article("b", words[:190] + story(5, 30)) | {"url": "https://x.example/1"}
    new["modified"] = "2026-01-03T00:00:00Z"
    with report(write(tmp_path / "a.jsonl", [new, old]), keep_matches=True) as result:
        match = next(iter(result.matches()))
    assert (match.relation, match.earlier) == (Relation.REVISION, "left")


@pytest.mark.parametrize("modified", [None, "1969-01-01T00:00:00Z"])
def test_the_earlier_of_two_texts_is_one_for_a_report_and_a_comparison(tmp_path, modified):
    words = story(1, 200)
    for ids in (("a", "b"), ("b", "a")):  # by text, and against it
        rows = [article(name, words[n:] + story(5 + n, 9)) for n, name in enumerate(ids)]
        for row in rows:
            del row["published"]
            row["url"] = "https://x.example/1"
        rows[0]["modified"] = modified
        path = write(tmp_path / "a.jsonl", rows)
        with report(path, keep_matches=True) as result:
            [match] = result.matches()
        pair = [item for part in plan([path]) for item in read(part)]
        assert match.relation is Relation.REVISION
        assert match.earlier == compare(*pair).earlier
        if modified:  # no time at all is earlier than any
            assert match.earlier == ("right" if ids[0] == "a" else "left")


def test_an_article_that_cannot_be_processed_costs_no_other(tmp_path):
    class Fragile:
        def extract_texts(self, articles, texts):
            bodies = [batch.text(at) for batch in texts for at in range(len(batch.bounds) - 1)]
            if any("poison" in body for body in bodies):
                raise ZeroDivisionError("hostile")
            return [None for _ in articles]

    words = story(1, 120)
    rows = [article("a", words), article("p", ["poison", *story(2, 50)]), article("z", words)]
    rows += [rows[0]]  # a repetition behind the poison: places must still be right
    with report(write(tmp_path / "a.jsonl", rows), Fragile()) as result:
        assert groups(result) == {frozenset({"a", "z"})}
        assert [reject.reason for reject in result.rejects] == ["processing_failed"]
        assert "ZeroDivisionError" in result.rejects[0].detail
        assert result.summary.repeated == 1


def test_broken_lines_are_rejects_and_the_rest_goes_on(tmp_path, rows):
    path = tmp_path / "a.jsonl"
    write(path, rows)
    path.write_text("{broken\n" + path.read_text("utf-8") + '{"id": "x"}\n', "utf-8")
    with report(str(path)) as result:
        assert result.summary.articles == len(rows)
        assert [r.reason for r in result.rejects] == ["json_invalid", "body_missing"]


def test_an_empty_input_gives_an_empty_report(tmp_path):
    with report(write(tmp_path / "a.jsonl", []), keep_matches=True) as result:
        assert result.summary.articles == 0
        assert list(result.clusters()) == []
        assert list(result.matches()) == []


def test_articles_without_words_stand_alone(tmp_path):
    rows = [article("a", ["..."]), article("b", ["..."]), article("c", story(1, 50))]
    with report(write(tmp_path / "a.jsonl", rows), min_size=1) as result:
        assert len(groups(result)) == 3


def files_open_in(folder):
    """Those of this process; of a file that was removed meanwhile, the name it had."""
    gc.collect()  # what the traceback of an error holds is mapped as long
    opened = [entry.readlink() for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]
    return [path for path in opened if path.is_relative_to(folder)]


def stop_verifying(stage, done, total):
    if stage == "verify":
        raise KeyboardInterrupt


def test_work_files_are_removed_at_the_end_and_after_an_error(tmp_path, rows):
    work = tmp_path / "work"
    work.mkdir()
    path = write(tmp_path / "a.jsonl", rows)
    with report(path, work_dir=work) as result:
        assert list(work.iterdir())
        list(result.clusters())
    assert list(work.iterdir()) == []

    with pytest.raises(KeyboardInterrupt):
        report(path, work_dir=work, progress=stop_verifying)
    assert list(work.iterdir()) == []


@pytest.mark.parametrize("where", ["work_dir", "keep_dir"])
def test_a_run_that_fails_closes_its_files(tmp_path, rows, where):
    path, folder = write(tmp_path / "a.jsonl", rows), tmp_path / "work"
    folder.mkdir()
    with pytest.raises(KeyboardInterrupt):
        report(path, progress=stop_verifying, **{where: folder})
    assert files_open_in(folder) == []


def test_progress_ends_with_everything_read(tmp_path, rows):
    told = []
    path = write(tmp_path / "a.jsonl", rows)
    with report(path, progress=lambda *call: told.append(call)):
        pass
    reads = [call for call in told if call[0] == "read"]
    assert reads[-1][1] == reads[-1][2] == (tmp_path / "a.jsonl").stat().st_size


def test_statistics_count_a_much_carried_story_once(tmp_path):
    rows = [article(f"s{n:03}", story(n, 80)) | {"lang": "en"} for n in range(250)]
    carried = ["uncommonword", *story(999, 79)]
    rows += [article(f"w{n:03}", carried) | {"lang": "en"} for n in range(40)]
    with report(write(tmp_path / "a.jsonl", rows)) as result:
        learned = learn_statistics(result)
    assert learned.stories == 251
    assert tokenize("uncommonword").ids[0] not in learned.words
    assert tokenize("the").ids[0] in learned.words


def test_statistics_find_the_boilerplate_of_an_outlet(tmp_path):
    footer = [f"footer{spell(n)}" for n in range(30)]
    rows = [article(f"s{n:03}", story(n, 80) + footer, outlet="one") for n in range(60)]
    rows += [article(f"t{n:03}", story(100 + n, 80), outlet="two") for n in range(60)]
    with report(write(tmp_path / "a.jsonl", rows)) as result:
        learned = learn_statistics(result)
    assert len(learned.boilerplate) > 0

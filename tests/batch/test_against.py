"""A day added to a finished run gives what a run over all days gives."""

from __future__ import annotations

import json
import shutil

import pytest
from core.corpus import article, story

from dedupe.batch.finished import open_finished
from dedupe.batch.local import RunOptions, run
from dedupe.config import default_config
from dedupe.errors import InputUnreadable, OutputUnwritable
from dedupe.readers import ReadOptions
from dedupe.report.encode import encode_json


def days():
    """Three days: copies within and across days, new texts of old ids, repeats, a broken line."""
    first, second, third = [], [], []
    for number in range(24):
        words = story(number, 150)
        first.append(article(f"o{number:02}", words, outlet=f"p{number % 5}", hour=number % 20))
        if number % 3 == 0:
            first.append(article(f"c{number:02}", words[:110], outlet="carrier", hour=21))
        if number % 2:
            second.append(article(f"d{number:02}", words[20:], outlet="second", hour=22))
        if number % 4 == 1:
            third.append(article(f"e{number:02}", words[:130], outlet="third", hour=23))
    first.append(article("o03", story(90, 100), outlet="p3", hour=1))  # an older text of o03
    second.append(article("o05", story(91, 150), outlet="p0", hour=23))  # replaces a text
    second.append(article("o07", story(92, 150), outlet="p2", hour=0))  # older than the stored one
    second.append(first[0])
    second.append(article("new", story(91, 120), outlet="late", hour=23))
    third.append(article("o05", story(5, 150), outlet="p1", hour=23))
    third.append(first[-1])
    third.append(article("back", story(90, 95), outlet="late", hour=23))
    return first, second, third


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("days")
    for name, rows in zip("abc", days(), strict=True):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines + "{\n", "utf-8")
    return [str(folder / f"{name}.jsonl") for name in "abc"]


def everything(inputs, config=None, **options):
    """(clusters and matches, counts, configuration); not how many pairs this run aligned."""
    asked = RunOptions(jobs=1, keep_matches=True, **options)
    with run(inputs, ReadOptions(), config or default_config(), asked) as result:
        parts = [*result.clusters(), *result.matches()]
        counts = json.loads(encode_json(result.summary))
    del counts["seconds"], counts["verified"]
    return [encode_json(part) for part in parts], counts, result.config


def test_day_by_day_equals_all_at_once(paths, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    everything(paths[:1], keep_dir=one)
    assert everything(paths[1:2], keep_dir=two, against=one) == everything(paths[:2])
    assert everything(paths[2:], against=two) == everything(paths)


def test_the_order_of_the_days_does_not_matter(paths, tmp_path):
    everything(paths[2:], keep_dir=tmp_path / "c")
    everything(paths[:1], keep_dir=tmp_path / "ca", against=tmp_path / "c")
    assert everything(paths[1:2], against=tmp_path / "ca") == everything(paths)


def test_only_new_pairs_are_verified_and_the_finished_run_stays_as_it_is(paths, tmp_path):
    everything(paths[:2], keep_dir=tmp_path / "one")
    before = {file.name: file.read_bytes() for file in (tmp_path / "one").iterdir()}
    assert "passages.changed" not in before  # nor anything else that no later run reads
    options = RunOptions(jobs=1, keep_matches=True)
    with run(paths, ReadOptions(), default_config(), options) as whole:
        aligned = whole.summary.verified
    added = RunOptions(jobs=1, keep_matches=True, against=tmp_path / "one")
    with run(paths[2:], ReadOptions(), default_config(), added) as result:
        assert 0 < result.summary.verified < aligned / 2
        assert len(result.rejects) == 1
        assert result.summary.rejected == 3
    assert {file.name: file.read_bytes() for file in (tmp_path / "one").iterdir()} == before


def test_what_was_learned_is_kept_day_after_day_and_nothing_is_learned_anew(tmp_path):
    policy = story(77, 40)
    rows = [article(f"n{n}", policy + story(200 + n, 60), outlet="one", hour=n) for n in range(12)]
    rows = [row | {"title": " ".join(story(300 + n, 5))} for n, row in enumerate(rows)]
    for name, chosen in (("x", rows[:6]), ("y", rows[6:9]), ("z", rows[9:])):
        lines = "".join(json.dumps(row) + "\n" for row in chosen)
        (tmp_path / f"{name}.jsonl").write_text(lines, "utf-8")
    x, y, z = (str(tmp_path / f"{name}.jsonl") for name in "xyz")
    _, _, learned = everything([x], keep_dir=tmp_path / "one", learn=True)
    assert len(learned.statistics.boilerplate)
    added = everything([y], keep_dir=tmp_path / "two", against=tmp_path / "one", learn=True)
    assert added[:2] == everything([x, y], learned)[:2]
    assert added[2].config_id == learned.config_id
    third = everything([z], against=tmp_path / "two", learn=True)
    assert third[:2] == everything([x, y, z], learned)[:2]
    assert third[2].config_id == learned.config_id
    for name in ("one", "two"):  # an archive cuts what its configuration knows and no more
        with pytest.raises(InputUnreadable, match="boilerplate learned"):
            open_finished(tmp_path / name, default_config())


def test_a_killed_addition_goes_on(paths, tmp_path):
    everything(paths[:2], keep_dir=tmp_path / "one")
    for stage in ("read", "candidates", "verify", "cluster"):

        def stop(now, done, total, stage=stage):
            if now == stage and (now != "read" or done):
                raise KeyboardInterrupt

        options = {"keep_dir": tmp_path / stage, "against": tmp_path / "one"}
        with pytest.raises(KeyboardInterrupt):
            everything(paths[2:], progress=stop, **options)
        assert everything(paths[2:], **options) == everything(paths)


def test_a_folder_that_cannot_be_added_to_says_why(paths, tmp_path):
    def add(folder, config=None, **options):
        return everything(paths[1:2], config, against=tmp_path / folder, **options)

    with pytest.raises(InputUnreadable, match="not the work folder"):
        add("nowhere")
    everything(paths[:1], keep_dir=tmp_path / "one")
    with pytest.raises(InputUnreadable, match="--threshold"):
        add("one", default_config().with_threshold(0.7))
    with pytest.raises(OutputUnwritable, match="other inputs"):
        add("one", keep_dir=tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "half")
    (tmp_path / "half" / "verify.json").unlink()
    with pytest.raises(InputUnreadable, match="not finished"):
        add("half")
    plain = RunOptions(jobs=1, keep_dir=tmp_path / "plain")
    with run(paths[:1], ReadOptions(), default_config(), plain):
        pass
    with pytest.raises(InputUnreadable, match="--matches"):
        add("plain")

import json
from pathlib import Path

import numpy as np
import pytest

from dedupe import limits
from dedupe.config import Config, default_config, load_config
from dedupe.errors import ConfigInvalid, InputUnreadable, OutputUnwritable, StatisticsInvalid
from dedupe.features import FEATURES
from dedupe.foldtable import identity_version
from dedupe.statistics import Statistics, load_statistics, save_statistics
from dedupe.verifier import default_verifier, load_verifier

IDENTITIES = identity_version()


def statistics(words=(1, 2, 3), shares=(10, 300, 65535), boilerplate=(), identities=IDENTITIES):
    return Statistics(
        np.array(words, np.uint32),
        np.array(shares, np.uint16),
        np.array(boilerplate, np.uint64),
        10,
        identities,
    )


def test_the_id_depends_on_every_parameter():
    base = default_config()
    others = [
        Config(seed=2),
        Config(permutations=256),
        Config(shingle_words=4),
        Config(bands=10),
        Config(passage_window=20),
        Config(threshold=0.6),
        Config(bucket_cap=32),
        Config(statistics=statistics()),
    ]
    ids = {config.config_id for config in [base, *others]}
    assert len(ids) == len(others) + 1
    assert base.config_id == Config().config_id
    assert len(base.config_id) == 16


@pytest.mark.parametrize("name", [name for name in limits.__all__ if name.isupper()])
def test_the_id_depends_on_every_limit_of_a_verdict(monkeypatch, name):
    before = Config().config_id
    monkeypatch.setattr(limits, name, getattr(limits, name) + 1)
    assert Config().config_id != before


@pytest.mark.parametrize(
    "values",
    [
        {"permutations": 8},
        {"bands": 64, "rows": 3},
        {"threshold": 1.5},
        {"bucket_cap": 1},
        {"passage_window": 0},
    ],
)
def test_a_value_out_of_range_is_named(values):
    with pytest.raises(ConfigInvalid, match=next(iter(values))):
        Config(**values)


def test_a_file_sets_parameters_and_names_statistics_beside_it(tmp_path):
    save_statistics(statistics(), tmp_path / "own.npz")
    (tmp_path / "c.toml").write_text('bands = 10\nthreshold = 0.7\nstatistics = "own.npz"\n')
    config = load_config(tmp_path / "c.toml")
    assert (config.bands, config.threshold, config.statistics.stories) == (10, 0.7, 10)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("colour = 1\n", "colour"),
        ('bands = "many"\n', "bands"),
        ("bands = true\n", "bands"),
        ("bands = [\n", "c.toml"),
        ("bands = 0\n", "bands"),
    ],
)
def test_a_bad_file_is_refused_by_name(tmp_path, content, named):
    path = tmp_path / "c.toml"
    path.write_text(content)
    with pytest.raises((ConfigInvalid, InputUnreadable), match=named):
        load_config(path)


def test_a_file_that_is_no_toml_is_told_with_the_place(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text("bands = 20\nrows = x\n")
    with pytest.raises(InputUnreadable, match=r"c\.toml: not TOML: .*line 2"):
        load_config(path)


def test_statistics_survive_a_round_trip(tmp_path):
    own = statistics(boilerplate=(5, 9))
    save_statistics(own, tmp_path / "s.npz")
    loaded = load_statistics(tmp_path / "s.npz")
    assert loaded.hash == own.hash
    assert loaded.boilerplate.tolist() == [5, 9]


def test_statistics_of_another_word_hash_are_refused(tmp_path):
    save_statistics(statistics(identities="0" * 16), tmp_path / "s.npz")
    with pytest.raises(StatisticsInvalid, match="learn again"):
        load_statistics(tmp_path / "s.npz")


def test_only_words_of_many_stories_are_common():
    common = statistics().common
    assert [int(common[word]) for word in (1, 2, 3)] == [0, 1, 1]


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04broken"])
def test_a_file_that_holds_no_statistics_is_refused(tmp_path, content):
    path = tmp_path / "s.npz"
    path.write_bytes(content)
    with pytest.raises(StatisticsInvalid, match=r"s\.npz"):
        load_statistics(path)


def test_pickled_arrays_are_never_loaded(tmp_path):
    path = tmp_path / "s.npz"
    hostile = np.array([Path()], object)
    np.savez(path, words=hostile, shares=hostile, boilerplate=hostile, stories=hostile)
    with pytest.raises(StatisticsInvalid):
        load_statistics(path)


def test_statistics_that_cannot_be_written_say_where(tmp_path):
    with pytest.raises(OutputUnwritable, match="nowhere"):
        save_statistics(statistics(), tmp_path / "nowhere" / "s.npz")


def test_the_shipped_verifier_has_the_features_that_are_measured():
    assert default_verifier().names == FEATURES


@pytest.mark.parametrize("content", ["", "[]", '{"features": {"a": 1}, "intercept": 0}'])
def test_a_file_that_is_no_verifier_is_refused(tmp_path, content):
    path = tmp_path / "v.json"
    path.write_text(content)
    with pytest.raises(ConfigInvalid, match="verifier"):
        load_verifier(path)


def test_contributions_add_up_to_the_probability(tmp_path):
    path = tmp_path / "v.json"
    features = {"a": {"weight": 2.0, "centre": 0.5}, "b": {"weight": -1.0, "centre": 0.0}}
    path.write_text(json.dumps({"features": features, "intercept": 0.1}))
    verifier = load_verifier(path)
    values = np.array([[1.0, 0.25]])
    assert verifier.contributions(values).tolist() == [[1.0, -0.25]]
    assert verifier.probabilities(values)[0] == pytest.approx(1 / (1 + np.exp(-0.85)))

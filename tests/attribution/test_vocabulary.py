"""Lists of words for what no rule reads: where they come from and how they are looked for."""

import re
import tomllib
from pathlib import Path

import pytest

from dedupe.attribution import load_extractor
from dedupe.attribution.loading import build_extractor
from dedupe.attribution.rule_files import LANGUAGES, load_language
from dedupe.attribution.vocabulary import NOTHING, TABLES, Vocabulary, compile_words, of_words
from dedupe.errors import RuleInvalid
from dedupe.models import Article

KEYS = sorted(key for keys in TABLES.values() for key in keys)
GUIDE = Path(__file__).parents[2] / "docs" / "add-a-language.md"
EXAMPLISH = 'language = "xx"\nname = "Examplish"\n'


def load(tmp_path, text):
    path = tmp_path / "xx.toml"
    path.write_text(EXAMPLISH + text, encoding="utf-8")
    return load_language(path)


def test_no_list_stands_in_two_tables():
    assert len(KEYS) == len(set(KEYS))


def test_the_guide_shows_every_list_in_its_table_and_no_other():
    shown = re.search(r"```toml\n(\[lines\].*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    given = tomllib.loads(shown.group(1))
    assert {table: frozenset(lists) for table, lists in given.items()} == TABLES


def test_every_list_is_filled_in_some_language():
    vocabulary = load_extractor().rules.vocabulary
    assert [key for key in KEYS if not vocabulary.written(key)] == []


def test_every_list_is_asked_for_in_the_code():
    code = "".join(path.read_text("utf-8") for path in LANGUAGES.parent.glob("*.py"))
    assert [key for key in KEYS if not re.search(rf"""["']{key}["']""", code)] == []


def test_lists_of_a_file_are_read(tmp_path):
    language = load(tmp_path, '[lines]\nby = ["pir"]\n[signing]\nunions = ["Tin"]\n')
    assert language.lists == {"by": ("pir",), "unions": ("Tin",)}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[lines]\nbye = ["pir"]\n', "unknown bye"),
        ('[makes]\nby = ["pir"]\n', "unknown by"),
        ('[lines]\nby = "pir"\n', "takes phrases"),
        ("[lines]\nby = [1]\n", "takes phrases"),
        ('[lines]\nby = [" "]\n', "takes phrases"),
        ('[line]\nby = ["pir"]\n', "unknown line"),
    ],
)
def test_a_mistake_is_refused_with_its_reason(tmp_path, text, reason):
    with pytest.raises(RuleInvalid, match=reason):
        load(tmp_path, text)


class TestVocabulary:
    @pytest.fixture
    def words(self):
        lists = {"by": ("Über", "par"), "tags": ("a", "a b", "c*"), "ages": ("# d",)}
        return Vocabulary([lists, {"by": ("par", "od"), "rights": ("(c) ",)}])

    def test_1_written_phrases_keep_their_order_and_stand_once(self, words):
        assert words.written("by") == ("Über", "par", "od")

    def test_2_folded_phrases_have_the_longer_first(self, words):
        assert words.folded("by") == ("uber", "par", "od")

    def test_3_a_blank_at_the_end_is_the_phrases_own(self, words):
        assert words.folded("rights") == ("(c) ",)

    @pytest.mark.parametrize(
        ("key", "text"), [("by", "od"), ("tags", "a b"), ("tags", "cede"), ("ages", "3 d")]
    )
    def test_4_any_phrase_is_matched_whole(self, words, key, text):
        assert re.fullmatch(words.any(key), text)

    def test_5_several_lists_are_one_expression(self, words):
        assert re.fullmatch(words.any("tags", "by"), "par")

    def test_6_an_empty_list_matches_nowhere(self, words):
        assert words.any("sites") == NOTHING
        assert re.search(NOTHING, "") is None

    def test_7_lists_may_be_kept_apart_by_language(self, words):
        assert words.any_by_language("by") == ["(?:uber|par)", "(?:par|od)"]


def test_what_is_made_of_words_is_made_once():
    made = []
    make = of_words(lambda words: made.append(words) or len(made))
    words = Vocabulary()
    assert [make(words), make(words)] == [1, 1]
    assert make(Vocabulary()) == 2


def test_all_that_is_made_of_words_can_be_made_ahead_even_of_none():
    assert sum(1 for _ in compile_words(Vocabulary())) > 10


@pytest.mark.parametrize("phrase", ["z-a", "]", "^", "\\", "(c", "a+", "?", "# d"])
def test_no_mark_in_a_phrase_means_anything_in_an_expression(phrase):
    words = Vocabulary([dict.fromkeys(KEYS, (phrase,))])
    assert sum(1 for _ in compile_words(words)) > 10


def test_a_language_needs_no_python_for_its_bylines(tmp_path):
    text = "Pir Ada Heron Quill, Reuters\nThe quay was closed for a day. It opened again.\n"
    article = Article("a", None, None, "", "\n" + text)
    plain = build_extractor([load(tmp_path, 'agencies = ["Reuters"]\n')])
    taught = build_extractor([load(tmp_path, 'agencies = ["Reuters"]\n[lines]\nby = ["pir"]\n')])
    read = [{finding.rule for finding in each.find(article)[0]} for each in (plain, taught)]
    assert read == [set(), {"byline.agency"}]

import re
from pathlib import Path

import pytest

from dedupe.attribution.outlet_names import fold_name
from dedupe.attribution.outlets import AGENCY_KINDS, Outlets, load_outlets
from dedupe.errors import InputMissing, InputUnreadable, RuleInvalid
from dedupe.models import OutletKind

OUTLETS = load_outlets()


# --- the other questions


def test_titles_of_one_owner_are_one_family():
    assert OUTLETS.family("aawsat") == OUTLETS.family("aleqtisadiya") == "srmg"
    assert OUTLETS.family("bbc_arabic") == OUTLETS.family("bbc")
    assert OUTLETS.family("reuters") != OUTLETS.family("afp")
    assert OUTLETS.family("kuna") == "kuna"
    assert OUTLETS.family("no_such_outlet") == "no_such_outlet"


def test_agency_names_hold_agencies_and_distributors_only_by_folded_alias():
    names = OUTLETS.agency_names()
    assert names[OUTLETS.fold("أ.ف.ب")] == "afp"
    assert names[OUTLETS.fold("/PRNewswire/")] == "prnewswire"
    assert OUTLETS.fold("APS") in names
    assert OUTLETS.fold("صحيفة عكاظ") not in names
    assert all(OUTLETS[key].kind in AGENCY_KINDS for key in names.values())
    assert all(fold_name(name) == name for name in names)
    with pytest.raises(TypeError):
        names["x"] = "y"


def test_is_a_collection_in_the_order_of_the_file():
    assert len(list(OUTLETS)) == len(OUTLETS)
    assert "afp" in OUTLETS
    assert "nobody" not in OUTLETS
    assert OUTLETS["afp"].kind is OutletKind.AGENCY
    assert load_outlets() is OUTLETS


def test_outlets_can_not_be_changed():
    with pytest.raises(AttributeError):
        OUTLETS["afp"].name = "x"


# --- files


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


TWO = "[publisher]\nSA = '''\na | ar | {}\nb | ar | {}\n'''"
ROW = "mine | ar | mine.example.com | owner | My Paper | جريدتي الأولى | MP1; ?MP"


def test_a_file_of_ones_own_is_read(tmp_path):
    path = write(tmp_path, f"[publisher]\nSA = '''\n# a comment\n\n{ROW}\n'''\n")
    outlets = load_outlets(path)
    (mine,) = outlets
    assert (mine.key, mine.country, mine.family, mine.kind) == ("mine", "SA", "owner", "publisher")
    assert mine.aliases == ("جريدتي الأولى", "My Paper", "MP1", "MP")
    assert mine.ambiguous == ("MP",)
    assert outlets.resolve("جريدتى الاولي") is mine
    assert outlets.resolve("Reuters") is None
    assert load_outlets(path) is outlets


def test_zz_is_an_unknown_country(tmp_path):
    (mine,) = load_outlets(write(tmp_path, f"[agency]\nZZ = '''\n{ROW}\n'''\n"))
    assert mine.country is None


@pytest.mark.parametrize(
    ("text", "rule", "says"),
    [
        (f"[paper]\nSA = '''\n{ROW}\n'''", "paper", "no such kind"),
        ("publisher = 3", "publisher", "no such kind"),
        (f"[publisher]\nXQ = '''\n{ROW}\n'''", "publisher.XQ", "ISO 3166"),
        ("[publisher]\nSA = 3", "publisher.SA", "wanted rows"),
        (f"[publisher]\nSA = '''\n{ROW}\n{ROW}\n'''", "mine", "given twice"),
        ("[publisher]\nSA = '''\nmine | xx | | | | N1\n'''", "mine", "language"),
        ("[publisher]\nSA = '''\nmine | | | | | N1\n'''", "mine", "language"),
        ("[publisher]\nSA = '''\nMine | ar | | | | N1\n'''", "Mine", "wanted key"),
        ("[publisher]\nSA = '''\nmine | ar | | | | \n'''", "mine", "wanted key"),
        ("[publisher]\nSA = '''\nmine | ar\n'''", "mine", "wanted key"),
        ("[publisher]\nSA = '''\nmine | ar | | A B | | N1\n'''", "mine", "family"),
        ("[publisher]\nSA = '''\nmine | ar | Mine.com | | | N1\n'''", "mine", "domain"),
        ("[publisher]\nSA = '''\nmine | ar | http://a.com | | | N1\n'''", "mine", "domain"),
        ("[publisher]\nSA = '''\nmine | ar | com.sa | | | N1\n'''", "mine", "registered"),
        ("[publisher]\nSA = '''\nmine | ar | | | | !\n'''", "mine", "two letters"),
        (TWO.format("a.com | | | N1", "a.com | | | N2"), "b", "domain a.com is also"),
        (TWO.format("| | | أنباء", "| | | انباء"), "b", "mark it ? in both"),
        (TWO.format("| | | ?Nib", "| | | Nib"), "a", "mark it in both"),
        ("[publisher", "TOML", "Expected"),
        ("[publisher]\nSA = ''\nSA = ''", "TOML", "overwrite"),
    ],
)
def test_a_faulty_file_is_refused_with_the_place(tmp_path, text, rule, says):
    with pytest.raises(RuleInvalid, match=re.escape(says)) as caught:
        load_outlets(write(tmp_path, text))
    assert (caught.value.file, caught.value.rule) == ("mine.toml", rule)


def test_an_alias_marked_in_both_is_nobodys(tmp_path):
    rows = "a | ar | a.com | | | ?Nib\nb | ar | b.com | | | ?Nib\n"
    outlets = load_outlets(write(tmp_path, f"[publisher]\nSA = '''\n{rows}'''"))
    assert outlets.resolve("Nib", agency_context=True) is None
    assert outlets.resolve("Nib", "https://b.com/x") is outlets["b"]


def test_a_missing_or_unreadable_file_is_told(tmp_path):
    with pytest.raises(InputMissing):
        load_outlets(tmp_path / "none.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(InputUnreadable):
        load_outlets(binary)


def test_nearest_takes_another_threshold():
    assert OUTLETS.nearest("Washigton Post") is OUTLETS["washpost"]
    assert OUTLETS.nearest("Washigton Post", cutoff=0.97) is None
    assert isinstance(OUTLETS, Outlets)

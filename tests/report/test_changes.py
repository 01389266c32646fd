"""What copies changed is on the page of a report: bounded, escaped, in the right direction."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dedupe.models import Relation
from dedupe.report.changes import find_changes, prepare_clusters
from dedupe.report.options import BodyText

BODIES = {
    "minaa-1": "افتتحت البلدية أمس جسر المشاة الجديد بطول 25 مترا في يوم الخميس وسط المدينة",
    "gate-7": "افتتحت البلدية أمس جسر المشاة الجديد بطول 27 مترا في يوم الجمعة وسط المدينة",
    "noor-2": "افتتحت البلدية أمس جسر المشاة الجديد بطول 25 مترا في يوم الخميس وسط المدينة",
    "fajr-4": "افتتحت البلدية أمس جسر المشاة",
}


def read_from(bodies, asked=None):
    def read(ids):
        if asked is not None:
            asked.append(ids)
        return {name: BodyText(bodies[name]) for name in ids if name in bodies}

    return read


@pytest.fixture
def arabic(result):
    return result.found[0]


def test_changed_values_are_shown_in_their_context_and_counted(arabic):
    found = find_changes(arabic, {name: BodyText(body) for name, body in BODIES.items()})
    assert sorted(found) == ["fajr-4", "gate-7"]  # the same words need no list
    number, date = found["gate-7"].shown
    assert (number.left, number.right, number.flags) == ("25", "27", ("number",))
    assert (date.left, date.right, date.flags) == ("الخميس", "الجمعة", ("date",))
    assert number.before.endswith(" بطول ")
    assert number.after.startswith(" مترا ")
    assert found["gate-7"].flags == {"number": 1, "date": 1, "name": 0}


def test_flagged_differences_are_shown_first_and_the_rest_is_counted(arabic):
    words = [f"w{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(200)]
    changed = [f"{word}z" if n % 5 == 0 else word for n, word in enumerate(words)]
    words[192], changed[192] = "25", "27"
    bodies = {"minaa-1": BodyText(" ".join(words)), "gate-7": BodyText(" ".join(changed))}
    (found,) = find_changes(arabic, bodies).values()
    assert (found.count, len(found.shown), found.unshown) == (41, 8, 33)
    assert found.shown[-1].right == "27"


def test_what_is_put_in_stands_apart_from_the_words_around_it(arabic):
    bodies = {"minaa-1": BodyText("one two three."), "gate-7": BodyText("new\none two old three.")}
    (found,) = find_changes(arabic, bodies).values()
    joined = [f"{each.before}[{each.right}]{each.after}" for each in found.shown]
    assert joined == ["[new] one two three.", "one two [old] three."]


def test_differences_in_notices_are_counted_and_not_shown(arabic):
    body = BODIES["minaa-1"]
    notice = " نقلا عن صحيفة الميناء"
    copy = BodyText(body + notice, [(len(body), len(body + notice))])
    (found,) = find_changes(arabic, {"minaa-1": BodyText(body), "gate-7": copy}).values()
    assert (found.count, found.asides, found.shown, found.unshown) == (1, 1, (), 0)


def test_bodies_are_asked_for_once_and_only_for_clusters_of_the_page(result):
    asked = []
    walked = list(prepare_clusters(result.clusters(), read_from(BODIES, asked), 1))
    assert [cluster for cluster, _ in walked] == list(result.found)
    assert asked == [{"minaa-1", "gate-7", "fajr-4"}]
    assert [bool(changes) for _, changes in walked] == [True, False, False]


def test_a_body_of_megabytes_is_not_compared(arabic):
    bodies = {"minaa-1": BodyText("كلمة " * 200_000), "gate-7": BodyText("كلمة أخرى")}
    assert find_changes(arabic, bodies) == {}


def test_many_members_are_compared_up_to_a_bound(arabic):
    copies = [replace(arabic.members[1], id=f"copy-{n}") for n in range(100)]
    many = replace(arabic, members=(arabic.members[0], *copies))
    bodies = {member.id: BodyText(f"نص رقم {n}") for n, member in enumerate(many.members)}
    assert len(find_changes(many, bodies)) == 8


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_page_marks_what_changed(result, render, language):
    page = render(result, "html", language=language, read_bodies=read_from(BODIES)).decode()
    assert '<del class="removed flagged"><bdi dir="auto">25</bdi></del>' in page
    assert '<ins class="added flagged"><bdi dir="auto">27</bdi></ins>' in page
    said = {"ar": "تغيّر رقم", "en": "number changed"}[language]
    assert said in page
    assert 'class="changed"' not in render(result, "html", language=language).decode()


def test_text_of_a_body_cannot_leave_its_place(result, render):
    evil = "</script><img src=x onerror=alert(1)> \u202eabc\u2066 'x\" \x1b[31m"
    bodies = {"minaa-1": f"{evil} one two three 25 {evil}", "gate-7": f"one two three 27 {evil}x"}
    result.found[0] = replace(result.found[0], members=(*result.found[0].members[:2],), size=2)
    page = render(result, "html", language="en", read_bodies=read_from(bodies)).decode()
    assert result.found[0].members[1].relation is Relation.EDITED
    assert 'class="changed"' in page
    assert "<img" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page

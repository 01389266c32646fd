"""Compare, article, explanation and check as pages, without a browser."""

from __future__ import annotations

import io
import re

import pytest

ARABIC, EDITED = "ar-library-turath", "ar-library-wajeez"


def token(browser, path="/check"):
    return re.search(r'name="csrf" value="([^"]+)"', browser.get(path).text)[1]


def post_check(browser, **fields):
    data = {"csrf": token(browser), **fields}
    return browser.post("/check", data=data, content_type="multipart/form-data")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(
    "path",
    [
        f"/compare?left={ARABIC}&right={EDITED}",
        f"/compare?left={EDITED}&right={ARABIC}",
        "/compare?left=en-oyster-calder&right=ar-port-mizan",
        "/compare",
        f"/articles/{ARABIC}",
        f"/articles/{ARABIC}/explain",
        "/articles/000_12631ab96fb70234",
        "/check",
    ],
)
def test_page_is_there_in_both_languages(browser, path, language):
    answer = browser.get(path + ("&" if "?" in path else "?") + f"hl={language}")
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert " style=" not in answer.text
    assert "built-in method" not in answer.text
    ids = re.findall(r' id="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))


def test_sides_stand_in_the_order_asked_for(browser):
    for left, right in ((ARABIC, EDITED), (EDITED, ARABIC)):
        text = browser.get(f"/compare?left={left}&right={right}").text
        assert text.index(f"/articles/{left}") < text.index(f"/articles/{right}")


def test_notice_of_the_seed_is_marked_where_it_stands(browser):
    text = browser.get("/articles/000_12631ab96fb70234").text
    marked = re.findall(r'<mark class="claim" id="claim-\d+"[^>]*>([^<]+)</mark>', text)
    assert any("تم كتابته بواسطة البوابة العربية للأخبار التقنية" in piece for piece in marked)


@pytest.mark.parametrize(
    "path",
    ["/articles/none", "/articles/none/explain", "/compare?left=a&right=b",
     f"/articles/{ARABIC}/revisions?old=00&new=11"],
)  # fmt: skip
def test_unknown_ids_are_pages_that_say_so(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 404
    assert "<h1>" in answer.text


def test_revisions_are_compared(browser, seeded):
    ingest = seeded.test_client()
    ingest.environ_base |= {"HTTP_HOST": "localhost"}
    words = "The council of the small town met on Monday to hear about the old bridge and its cost."
    article = {"id": "revised.1", "title": "Bridge", "body": f"{words} It costs 25 million.",
               "published": "2026-03-01T00:00:00Z"}  # fmt: skip
    assert ingest.post("/v1/articles", json=article).status_code == 201
    later = {**article, "body": f"{words} It costs 31 million.", "modified": "2026-03-02T00:00:00Z"}
    ingest.post("/v1/articles", json=later)
    page = browser.get("/articles/revised.1").text
    link = re.search(r'href="(/articles/revised\.1/revisions\?[^"]+)"', page)[1]
    text = browser.get(link.replace("&amp;", "&")).text
    assert re.search(r"<del [^>]*>25</del>", text)
    assert re.search(r"<ins [^>]*>31</ins>", text)
    seeded.test_client().delete("/v1/articles/revised.1", headers={"Host": "localhost"})


@pytest.mark.parametrize("how", ["text", "file"])
def test_pasted_text_and_file_find_their_source(browser, seeded, how):
    stored = seeded.extensions["isnad"].archive.article(ARABIC).article
    if how == "text":
        answer = post_check(browser, text=stored.body)
    else:
        file = (io.BytesIO(stored.body.encode()), "copy.txt", "text/plain")
        answer = post_check(browser, text="", file=file)
    assert answer.status_code == 200
    assert f"/articles/{ARABIC}" in answer.text
    assert "100%" in answer.text
    assert 'class="passage"' in answer.text


def test_markup_is_taken_for_a_page(browser):
    answer = post_check(browser, text="<html><body><p>this service has no reader of pages</body>")
    assert answer.status_code >= 400
    assert "Web pages are not taken here" in answer.text


def test_text_that_is_nowhere_is_said_to_be_nowhere(browser):
    answer = post_check(browser, text="Nobody has ever written these few particular words before.")
    assert "Nothing like it is stored" in answer.text


def test_nothing_to_check_is_told(browser):
    answer = post_check(browser, text="  ")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_check_stores_nothing_and_needs_its_form(browser, seeded):
    archive = seeded.extensions["isnad"].archive
    before = archive.summary().articles
    post_check(browser, text="A text that is looked at and forgotten. " * 5)
    assert archive.summary().articles == before
    assert browser.post("/check", data={"text": "x"}).status_code == 403

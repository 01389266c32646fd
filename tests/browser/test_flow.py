"""A story comes in, is looked at, compared, judged, and the judgement is taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

STORY = {
    "en": [
        "The keepers of the northern light counted forty storms this winter, more than in any year "
        "since the tower was built, and the lamp went out only once, for eleven minutes.",
        "Their log, kept in pencil because ink freezes, goes to the museum of the harbour in May.",
    ],
    "ar": [
        "أحصى حراس المنارة الشمالية أربعين عاصفة هذا الشتاء، وهو عدد لم يُسجَّل في أي عام منذ بناء "
        "البرج، ولم ينطفئ المصباح إلا مرة واحدة مدة إحدى عشرة دقيقة.",
        "وسينتقل سجلهم المكتوب بقلم الرصاص، لأن الحبر يتجمد، إلى متحف الميناء في شهر مايو.",
    ],
}


LIVE = {"en": "live", "ar": "مباشر"}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_from_ingest_to_undo(visit, service, language):
    live = visit(language)
    live.go("/")
    expect(live.page.locator("#live-state")).to_have_text(LIVE[language])
    body = "\n\n".join(STORY[language] * 2)
    first, second = f"flow-{language}-1", f"flow-{language}-2"
    for id_, outlet, day in ((first, "Light Post", 1), (second, "Storm Daily", 2)):
        article = {"id": id_, "outlet": outlet, "title": f"Lighthouse {language}", "body": body,
                   "published": f"2026-05-0{day}T08:00:00Z"}  # fmt: skip
        assert service.ask("POST", "/v1/articles", article)[0] == 201
    expect(live.page.locator("[data-live] .fresh a").first).to_have_text(f"Lighthouse {language}")
    live.check()
    live.page.close()
    window = visit(language)
    page = window.page
    window.go(f"/clusters?title=Lighthouse+{language}")
    window.follow(page.locator("main a[href^='/clusters/']").first)
    cluster = window.path
    assert page.locator(f"#members a[href='/articles/{second}']").count() == 1

    window.follow(page.locator("#members a[href^='/compare']"))
    assert page.locator(".row.same").count() >= 1
    page.go_back()

    assert not page.locator("form:has(input[value='cannot_link']) button").first.is_visible()
    page.locator("details.confirm summary").first.click()
    window.check_access()
    window.follow(page.locator("form:has(input[value='cannot_link']) button").first)
    assert page.locator("[role=status] a").get_attribute("href") == f"/articles/{second}"
    assert page.locator(f"#members a[href='/articles/{second}']").count() == 0
    window.check_access()

    window.follow(page.locator("[role=status] form[action$='/withdraw'] button"))
    window.go(cluster)
    assert page.locator(f"#members a[href='/articles/{second}']").count() == 1
    window.check()
    for id_ in (first, second):
        assert service.ask("DELETE", f"/v1/articles/{id_}")[0] == 204

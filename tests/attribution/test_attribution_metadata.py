"""Declared metadata: a claim only where it points away from the page itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.attribution import load_extractor
from dedupe.attribution.metadata import registrable_domain
from dedupe.models import Article, AttributionKind, ClaimRole, Trust

BODY = "The bridge is closed until further notice."
PAGE = "https://www.meadow-news.co.uk/2024/bridge"


def read(metadata=None, body=BODY, url=PAGE, outlet=None, authors=()):
    article = Article("a", outlet, url, "", body, authors=tuple(authors), metadata=metadata or {})
    return load_extractor().extract([article])[0]


@pytest.mark.parametrize(
    ("metadata", "source", "trust"),
    [
        ({"canonical": "https://tinwhistle.com/bridge"}, "tinwhistle.com", Trust.CANONICAL),
        (
            {"meta": {"syndication-source": ["https://tinwhistle.com/b"]}},
            "tinwhistle.com",
            Trust.CANONICAL,
        ),
        (
            {"meta": {"original-source": ["https://tinwhistle.com/b"]}},
            "tinwhistle.com",
            Trust.METADATA,
        ),
        ({"meta": {"source": ["Tin Whistle"]}}, "Tin Whistle", Trust.METADATA),
        ({"meta": {"dcterms.source": ["Tin Whistle"]}}, "Tin Whistle", Trust.METADATA),
        ({"dc_source": "Tin Whistle"}, "Tin Whistle", Trust.METADATA),
        (
            {"json_ld": [{"isBasedOn": "https://tinwhistle.com/b"}]},
            "tinwhistle.com",
            Trust.CANONICAL,
        ),
        (
            {"json_ld": [{"isBasedOn": {"url": "https://tinwhistle.com/b"}}]},
            "tinwhistle.com",
            Trust.CANONICAL,
        ),
        ({"json_ld": {"sourceOrganization": {"name": "Tin Whistle"}}}, "Tin Whistle", Trust.RIGHTS),
        ({"json_ld": [{"copyrightHolder": {"name": "Tin Whistle"}}]}, "Tin Whistle", Trust.RIGHTS),
        (
            {"feed_source": {"name": "Tin Whistle", "url": "https://tinwhistle.com/rss"}},
            "Tin Whistle",
            Trust.FEED,
        ),
        (
            {"trackers": ["https://counter.theconversation.com/content/1/count.gif"]},
            "The Conversation",
            Trust.TRACE,
        ),
        (
            {"trackers": ["https://tinwhistle.com/?republication-pixel=true&post=3"]},
            "tinwhistle.com",
            Trust.TRACE,
        ),
    ],
)
def test_each_item_gives_a_claim_with_its_own_trust(metadata, source, trust):
    found = read(metadata)
    assert found.original_source == source
    assert found.claims[0].trust is trust
    assert (found.claims[0].start, found.claims[0].end) == (None, None)
    assert found.claims[0].quote


@pytest.mark.parametrize(
    "metadata",
    [
        {"canonical": "https://meadow-news.co.uk/2024/bridge"},
        {"canonical": "https://amp.meadow-news.co.uk/2024/bridge"},
        {"canonical": "/2024/bridge"},
        {"canonical": "https://tinwhistle.com/"},
        {"meta": {"syndication-source": ["https://news.meadow-news.co.uk/b"]}},
        {"meta": {"source": ["Meadow News"]}, "site_name": "Meadow News"},
        {
            "json_ld": [
                {"copyrightHolder": {"name": "Meadow News"}, "publisher": {"name": "Meadow News"}}
            ]
        },
        {"feed_source": {"name": "Meadow News", "url": "https://www.meadow-news.co.uk/rss"}},
        {"trackers": ["https://www.meadow-news.co.uk/?republication-pixel=true"]},
        {"json_ld": [{"citation": "https://tinwhistle.com/b", "sdPublisher": {"name": "Tin"}}]},
        {"meta": {"is-wirestory": ["false"]}},
        {
            "json_ld": [
                {
                    "copyrightHolder": {"name": "Meadow News Ltd."},
                    "publisher": {"name": "Meadow News, Inc."},
                }
            ]
        },
        {"json_ld": [{"copyrightHolder": {"name": "Ann Hale"}, "author": {"name": "Ann Hale"}}]},
        *({"json_ld": [{"sourceOrganization": {"name": name}}]} for name in ("N/A", "-", "none")),
        *({"json_ld": [{"sourceOrganization": {"@id": key}}]} for key in ("#src", "_:b0")),
    ],
)
def test_what_points_to_the_page_itself_states_nothing(metadata):
    assert read(metadata) is None


def test_an_organisation_that_wrote_and_holds_is_another():
    tin = {"@type": "Organization", "name": "Tin Whistle"}
    found = read({"json_ld": [{"author": tin, "copyrightHolder": tin}]})
    assert found.original_source == "Tin Whistle"


@pytest.mark.parametrize(
    ("metadata", "url"),
    [
        ({"canonical": "//tinwhistle.com/b"}, "https://tinwhistle.com/b"),
        (
            {"trackers": ["https://tinwhistle.com/?republication-pixel=true&post=3"]},
            "https://tinwhistle.com/",
        ),
        (
            {"trackers": ["//counter.theconversation.com/content/1/count.gif"]},
            "https://theconversation.com/",
        ),
        (
            {"feed_source": {"name": "Tin", "url": "https://tinwhistle.com/rss"}},
            "https://tinwhistle.com/rss",
        ),
    ],
)
def test_the_address_of_a_source_can_be_opened(metadata, url):
    assert read(metadata).source_url == url


def test_a_feed_of_the_entrys_own_domain_is_no_source():
    feed = {"name": "Other Name", "url": "https://feeds.meadow-news.co.uk/atom"}
    assert read({"feed_source": feed}) is None
    assert read({"feed_source": feed}, url=None).original_source == "Other Name"


def test_without_an_address_of_its_own_a_page_cannot_point_elsewhere():
    assert read({"canonical": "https://tinwhistle.com/b"}, url=None) is None


def test_two_sites_under_one_public_suffix_are_two_sites():
    found = read({"canonical": "https://tin-whistle.co.uk/b"})
    assert found.original_source == "tin-whistle.co.uk"


def test_an_amp_cache_is_no_republisher():
    url = "https://tinwhistle-com.cdn.ampproject.org/c/s/tinwhistle.com/b"
    assert read({"canonical": "https://tinwhistle.com/b"}, url=url) is None


@pytest.mark.parametrize(
    "metadata",
    [
        {"meta": {"source": ["新华社"]}},
        {"json_ld": [{"author": {"@type": "Organization", "name": "Reuters"}}]},
        {"json_ld": [{"author": [{"name": "Ann Hale"}, {"name": "AFP"}]}]},
        {"meta": {"author": ["dpa"]}},
        {
            "trackers": [
                "https://analytics.apnewsregistry.com/analytics/v2/image.svc/AP/RWS/x/MAI/1"
            ]
        },
        {"item_license": ["#APRights"]},
    ],
)
def test_agencies_in_metadata_are_agency_credits(metadata):
    found = read(metadata)
    assert found.kind is AttributionKind.AGENCY_BYLINE
    assert found.agencies


def test_an_agency_in_the_author_field_is_credited():
    found = read(authors=["واس", "Ann Hale"])
    assert found.agencies == ("واس",)


@pytest.mark.parametrize(
    ("author", "source", "agencies"),
    [
        ("Jane Roe, Associated Press", "Associated Press", ("Associated Press",)),
        ("Reuters Staff", "Reuters", ("Reuters",)),
        ("واس ـ جدة", "واس", ("واس",)),
        ("Par Le Figaro avec AFP", "Le Figaro", ("AFP",)),
        ("المرفأ - وكالات:", None, ("وكالات",)),
    ],
)
def test_an_agency_in_a_byline_in_the_author_field_is_credited(author, source, agencies):
    found = read(authors=[author])
    assert (found.kind, found.original_source) == (AttributionKind.AGENCY_BYLINE, source)
    assert found.agencies == agencies


def test_people_in_the_author_field_are_not():
    assert read(authors=["Ann Hale", "AA Milne"]) is None


def test_wire_story_marks_say_agency_without_a_name():
    found = read({"meta": {"is-wirestory": ["true"]}})
    assert found.kind is AttributionKind.AGENCY_BYLINE
    assert found.original_source is None


def test_credit_text_is_read_with_the_rules_for_texts():
    found = read({"json_ld": [{"creditText": "This article first appeared on Tin Whistle."}]})
    assert found.original_source == "Tin Whistle"
    assert found.claims[0].trust is Trust.RIGHTS


def test_a_sentence_in_the_text_is_trusted_more_than_metadata():
    body = f"{BODY}\nThis article first appeared on Quarry Journal."
    found = read({"canonical": "https://tinwhistle.com/b"}, body=body)
    assert found.original_source == "Quarry Journal"
    assert {claim.name for claim in found.claims} == {"Quarry Journal", "tinwhistle.com"}


def test_a_canonical_is_trusted_more_than_a_bare_label():
    found = read({"canonical": "https://tinwhistle.com/b"}, body=f"{BODY}\nSource: Quarry Journal")
    assert found.original_source == "tinwhistle.com"


def test_a_translated_work_is_a_translation():
    found = read({"json_ld": [{"translationOfWork": {"url": "https://tinwhistle.com/b"}}]})
    assert found.kind is AttributionKind.TRANSLATION


@pytest.mark.parametrize("url", ["http://[::1", "https://", "//", "http://%", "x" * 5000, "a//b"])
def test_broken_addresses_are_no_error(url):
    body = "Done.\nThis article first appeared on Tin Whistle."
    assert read({"canonical": url, "trackers": [url]}, body=body, url=url) is not None
    assert read({"canonical": url, "trackers": [url]}, body=body) is not None


def test_claims_of_metadata_have_source_roles():
    found = read({"canonical": "https://tinwhistle.com/b"})
    assert [claim.role for claim in found.claims] == [ClaimRole.SOURCE]
    assert found.source_url == "https://tinwhistle.com/b"


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just("https://a.b/c"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "url", "@id", "author", "isBasedOn", "source"]), inner
        )
    ),
    max_leaves=8,
)
KEYS = ["canonical", "site_name", "meta", "json_ld", "trackers", "item_license", "feed_source",
        "dc_source"]  # fmt: skip


@given(st.dictionaries(st.sampled_from(KEYS), json, max_size=5))
def test_metadata_of_any_shape_is_read_without_an_error(metadata):
    read(metadata)


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.bbc.co.uk/news", "bbc.co.uk"),
        ("http://sub.example.com", "example.com"),
        ("example.com.sa", "example.com.sa"),
        ("https://www.meadow.example/a", "meadow.example"),
        ("https://10.0.0.1/a", None),
        ("not an address", None),
        ("", None),
        ("http://" + "a" * 3000, None),
        ("http://[::1", None),
    ],
)
def test_registrable_domains(url, domain):
    assert registrable_domain(url) == domain

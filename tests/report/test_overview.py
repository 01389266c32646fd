"""Who republishes whom, who credits: counted over clusters, in a stable order."""

from __future__ import annotations

import random

import pytest

from dedupe.report.overview import Flow, Overview, find_source, tell_standing


@pytest.fixture
def overview(result):
    counted = Overview()
    for cluster in result.found:
        counted.add(cluster)
    return counted


def test_flow_leads_from_the_origin_to_each_carrier_but_itself(overview):
    flows = overview.list_flows()
    assert Flow("stated", "صحيفة الميناء", "بوابة الساحل", 1, 1, 0) in flows
    assert Flow("stated", "صحيفة الميناء", "شبكة نور", 1, 0, 1) in flows
    assert all(flow.source != flow.carrier for flow in flows)


def test_agency_credit_counts_as_credit(overview):
    assert Flow("stated", "northwire", "The Daily Quay", 1, 1, 0) in overview.list_flows()


def test_unknown_origin_gives_no_flow(overview):
    assert not [f for f in overview.list_flows() if f.carrier in ("Valley Post", "Hill Post")]


def test_an_earliest_article_is_not_counted_as_a_stated_origin(overview, unstated):
    overview.add(unstated)
    assert tell_standing(unstated) == "earliest"
    assert overview.standings["earliest"] == 1
    assert overview.list_flows("earliest") == [Flow("earliest", "Hill Post", "Lake Post", 1, 0, 1)]
    assert overview.list_flows()[-1].basis == "earliest"


def test_outlet_record_counts_every_member_once(overview, result):
    records = overview.list_outlets()
    assert sum(r.articles for r in records) == sum(c.size for c in result.found)
    for record in records:
        parts = record.original + record.credited + record.agency + record.uncredited
        assert parts + record.unclear == record.articles


def test_order_of_clusters_does_not_change_the_lists(overview, result):
    shuffled = list(result.found)
    random.Random(5).shuffle(shuffled)
    other = Overview()
    for cluster in shuffled:
        other.add(cluster)
    assert other.list_flows() == overview.list_flows()
    assert other.list_outlets() == overview.list_outlets()
    assert other.standings == overview.standings


def test_standings_tell_where_originals_are(overview):
    assert overview.standings == {"inside": 1, "outside": 1, "earliest": 0, "unknown": 1}


def test_source_is_named_as_the_original_writes_it(result):
    arabic, english, unknown = result.found
    assert find_source(arabic) == "صحيفة الميناء"
    assert find_source(english) == "northwire"
    assert find_source(unknown) is None
    assert tell_standing(english) == "outside"

"""Language and names of outlets -> the Jinja environment of the report and the service's pages."""

from __future__ import annotations

from datetime import timedelta

from jinja2 import Environment, PackageLoader, StrictUndefined

from dedupe.report.display import clean, format_gap, format_time
from dedupe.report.overview import NameOutlet
from dedupe.report.pictures import draw_chain, draw_spread, list_appearances, list_links
from dedupe.report.reportable import UiLanguage
from dedupe.report.views import draw_flow, draw_record, list_claims, make_anchor
from dedupe.report.wording import Wording

__all__ = ["make_environment"]

_MARKS = 60  # articles drawn on one of ten thousand cards


def make_environment(language: UiLanguage, name_outlet: NameOutlet) -> Environment:
    """Make an environment that escapes all; `t` holds the words of the language."""
    environment = Environment(
        loader=PackageLoader("dedupe.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    wording = Wording(language)
    messages = wording.messages
    units = (messages["days"], messages["hours"], messages["minutes"])

    def show_gap(gap: timedelta, _t: object = None) -> str:
        return format_gap(gap, units)

    environment.globals |= {
        "t": messages,
        "language": language,
        "direction": "rtl" if language == "ar" else "ltr",
        "spread_of": lambda cluster: draw_spread(list_appearances(cluster), language, _MARKS),
        "chain_of": lambda chain: draw_chain(list_links(list(map(name_outlet, chain))), language),
    }
    environment.filters |= {
        "anchor": make_anchor,
        "counted": wording.count,
        "counted_plain": wording.count_plain,
        "day": wording.day,
        "distinct_claims": list_claims,
        "fill": wording.fill,
        "flow_bar": draw_flow,
        "gap": show_gap,
        "line": clean,
        "moment": format_time,
        "number": "{:,}".format,
        "outlet": name_outlet,
        "percent": "{:.2%}".format,
        "record_bar": draw_record,
        "share": "{:.1%}".format,
        "tell": wording.tell,
        "when": wording.when,
        "whole_percent": "{:.0%}".format,
    }
    return environment

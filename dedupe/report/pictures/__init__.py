"""Data -> pictures: SVG made here, without script, style or address, for both themes.

Every function gives a `Picture`: `svg` (safe markup, put it into a page as it is), `caption`, and
the same as a table (`head`, `rows`) for who cannot see it. The macro `figure(picture, t)` of
`templates/pictures.html.j2` writes all of it; the page needs `pictures.css` beside its own style.

    draw_spark(steps, first, last, language)                   a row's small bars over time
    draw_spread(list_appearances(cluster), language)           members in time, one lane an outlet
    draw_chain(list_links(provenance.chain), language)         source → carrier → carrier
    draw_chain([ChainLink(source, carrier)], language)         the same with branches
    draw_network([NetworkFlow(source, carrier, articles, credited, uncredited)], language, limit)
    draw_series(periods, {kind: counts}, {kind: words}, caption, language)   stacked bars over time

`language` is that of the page: in Arabic a picture runs from right to left. Names may be any text:
they are cleaned, cut to the room there is, and written in the direction of their first letter.
All are pure: the same data gives the same bytes.
"""

from __future__ import annotations

from dedupe.report.pictures.canvas import Picture
from dedupe.report.pictures.chain import ChainLink, draw_chain, list_links
from dedupe.report.pictures.network import NetworkFlow, draw_network
from dedupe.report.pictures.series import draw_series
from dedupe.report.pictures.spread import Appearance, draw_spark, draw_spread, list_appearances

__all__ = [
    "Appearance",
    "ChainLink",
    "NetworkFlow",
    "Picture",
    "draw_chain",
    "draw_network",
    "draw_series",
    "draw_spark",
    "draw_spread",
    "list_appearances",
    "list_links",
]

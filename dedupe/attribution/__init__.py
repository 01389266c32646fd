"""Articles -> declared origins: what a text itself and its page say about where it comes from.

What the parts are, in the order of the work:

- rules: `rule_files` reads `languages/*.toml` into `rules`, `syntax` compiles their patterns,
  `vocabulary` and `name_words` hold the words for what no rule reads, `stored` keeps it all
- what is worth a look: `prefilter` and `search` find anchors, `edges` and `layouts` lines laid out
  as credits, `mastheads` names alone on a line
- the text: `markup`, `folding` and `view` spell it plainly and know the way back
- notices: `apply` runs rules where they may match, `interpret` and `slot_values` read a match,
  `credibility`, `citations`, `captions` and `asides` doubt it, `extents` says where it ends
- credits, which no rule reads: `credits` and `credit_ends` of known agencies, `loose`, `openings`,
  `datelines`, `bylines`, `brackets`, `stamps`, `excerpts` and `signoffs` by their layouts,
  `releases` and `subjects` of who issued a text
- names: `name_starts`, `name_ends` and `names` cut them, `name_kinds` and `newcomers` say whose
  they are, `agencies` and `outlets` (`outlet_*`) know them
- the answer: `metadata` reads the page's fields, `assemble` weighs all that was found
"""

from dedupe.attribution.extract import Extractor
from dedupe.attribution.loading import load_extractor

__all__ = ["Extractor", "load_extractor"]

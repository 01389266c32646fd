"""Clusters -> where their texts come from: an article, an outlet outside the corpus, or unknown."""

from dedupe.provenance.carriers import Carrier, ResolvedOutlet, Resolver, Verdict
from dedupe.provenance.decision import decide_provenance

__all__ = ["Carrier", "ResolvedOutlet", "Resolver", "Verdict", "decide_provenance"]

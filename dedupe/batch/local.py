"""Inputs -> duplicate report on one machine: columns all the way, no object per article.

Read, attribute and fingerprint (processes) -> current revisions -> keys to candidates (sort and
runs) -> prefilter and verification (threads; the kernels release the GIL) -> clusters. Articles are
numbered by the hash of their id, so neither the order of the input nor the number of processes can
change a result. Objects are made at the end, for clusters and matches that are asked for.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.answers import Judgement
from dedupe.attribution import Extractor
from dedupe.batch.against import Previous, identify_addition, open_previous
from dedupe.batch.checkpoint import Checkpoint, Stage, identify_run
from dedupe.batch.gather import gather_articles
from dedupe.batch.grouping import group_keys
from dedupe.batch.judgements import Decided, place_judgements
from dedupe.batch.recut import cut_learned, with_boilerplate
from dedupe.batch.result import Result, Verified
from dedupe.batch.spool import Spool
from dedupe.batch.verification import hash_compared, judge_candidates
from dedupe.batch.workers import process_context, usable_processors
from dedupe.candidates import (
    Candidates,
    distinct,
    find_candidates,
)
from dedupe.clustering import choose_links, find_clusters
from dedupe.config import Config
from dedupe.matching import (
    RELATIONS,
    TEMPLATE,
    UNITING,
    Judged,
)
from dedupe.models import Reject, Summary
from dedupe.readers import Part, ReadOptions, plan

__all__ = ["RunOptions", "cluster_labels", "run", "run_parts"]

Progress = Callable[[str, int, int | None], None]
_NO_LIMIT = 1 << 62


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run; nothing here but `learn`, `compare` and `judgements` changes a result.

    `learn` learns boilerplate from the input first, which makes the configuration another one;
    `jobs` processes (0: one a usable processor); clusters below `min_size` are not reported;
    `keep_matches` keeps where words stand, for spans, and `keep_candidates` the unverified pairs;
    `progress(stage, done, total)` is called now and then; `work_dir` holds the temporary files;
    `keep_dir` holds them for good: a run killed there goes on at its last finished stage.
    Without `compare` it ends when all is read, cut and fingerprinted: no pair, no cluster of two.
    `against` is the `keep_dir` of a finished run that the inputs are added to, with what that run
    learned: nothing is learned anew. `judgements` are what people decided; they are heeded where
    clusters are made and kept by no stage.
    """

    jobs: int = 0
    min_size: int = 2
    keep_matches: bool = False
    keep_candidates: bool = False
    learn: bool = False
    compare: bool = True
    progress: Progress | None = None
    work_dir: Path | None = None
    keep_dir: Path | None = None
    against: Path | None = None
    judgements: tuple[Judgement, ...] = ()


@dataclass(slots=True)
class _Clock:
    """Wall seconds by stage."""

    progress: Progress | None
    seconds: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    def tell(self, stage: str, done: int, total: int | None) -> None:
        if self.progress:
            self.progress(stage, done, total)

    def finish(self, stage: str) -> None:
        now = time.monotonic()
        self.seconds[stage] = round(now - self.started, 3)
        self.started = now


def run(
    inputs: Sequence[str],
    read: ReadOptions,
    config: Config,
    options: RunOptions,
    extractor: Extractor | None = None,
) -> Result:
    """Find the clusters of all articles in `inputs`; use the result as a context manager.

    Raises InputMissing, InputUnreadable, FormatUnknown or FieldUnknown before anything is read.
    """
    return run_parts(plan(inputs, read), read, config, options, extractor)


def run_parts(
    parts: Sequence[Part],
    read: ReadOptions,
    config: Config,
    options: RunOptions,
    extractor: Extractor | None = None,
) -> Result:
    """`run` over inputs planned already, by who reads them again: a pipe is read but once."""
    jobs = options.jobs or usable_processors()
    previous, spans = None, options.keep_matches
    if options.against is not None:
        previous = open_previous(options.against, config, spans=spans)
        spans = previous.spans
    run_id = identify_run(parts, read, config, spans=spans, learn=options.learn)
    if previous is not None:
        run_id = identify_addition(run_id, previous)
    checkpoint = Checkpoint(options.keep_dir, run_id)
    with ExitStack() as undo:  # of a run that fails; of one that succeeds the result has all
        undo.callback(checkpoint.close)
        folder = options.keep_dir or Path(tempfile.mkdtemp(prefix="isnad-", dir=options.work_dir))
        if options.keep_dir is None:
            undo.callback(shutil.rmtree, folder, ignore_errors=True)
        done = checkpoint.load("read")
        spool = _open_spool(folder, checkpoint, previous, begun=done is not None)
        undo.callback(spool.close)
        result = _run_in(
            spool, done, parts, read, config, options, jobs, extractor, checkpoint, previous
        )
        undo.pop_all()
    return result


# long: the stages in their order, with what each takes and leaves
def _run_in(
    spool: Spool,
    done: Stage | None,
    parts: Sequence[Part],
    read: ReadOptions,
    config: Config,
    options: RunOptions,
    jobs: int,
    extractor: Extractor | None,
    checkpoint: Checkpoint,
    previous: Previous | None,
) -> Result:
    clock = _Clock(options.progress)
    if previous:
        config = with_boilerplate(config, previous.boilerplate)
    if done is None:
        spans = checkpoint.spans
        done = gather_articles(
            parts, read, config, extractor, spool, jobs, clock.tell, previous, spans=spans
        )
        if previous is not None:  # what the next run added to this one has to know, too
            done[1]["boilerplate"] = previous.boilerplate
        elif options.learn:
            known = cut_learned(done[0], spool, config, spans=spans)
            done[1]["boilerplate"] = known.tolist()
        checkpoint.save("read", *done)
    articles, told = done
    config = with_boilerplate(config, told.get("boilerplate", ()))
    clock.finish("read")
    kept = checkpoint if options.compare else Checkpoint(None, {})  # not compared is not finished
    with ThreadPoolExecutor(jobs) as threads:
        candidates = _keep_candidates(
            kept,
            lambda: (
                _find_candidates(articles, spool, config, threads, clock)
                if options.compare
                else Candidates(np.empty(0, np.uint64), 0, 0)
            ),
        )
        clock.finish("candidates")
        corpus = hash_compared(articles, candidates, spool)
        judged, aligned = _keep_verdicts(
            kept,
            lambda: judge_candidates(
                previous, articles, corpus, candidates, spool, config, threads, clock.tell
            ),
        )
        clock.finish("verify")
    clock.tell("cluster", 0, None)
    decided = place_judgements(options.judgements, articles, spool.column("records"))
    labels = cluster_labels(len(articles["id_hash"]), judged, decided)
    clock.finish("cluster")
    sizes = np.bincount(labels, minlength=len(labels))
    clustered = sizes[labels] >= max(1, options.min_size)
    kinds = Counter(judged.relation.tolist())
    return Result(
        summary=Summary(
            **told["summary"],
            candidates=len(candidates.pairs),
            verified=aligned,
            matches={r.value: kinds[c] for c, r in enumerate(RELATIONS) if kinds[c]},
            clusters=int((sizes >= max(1, options.min_size)).sum()),
            clustered=int(clustered.sum()),
            capped_keys=candidates.capped,
            skipped_keys=candidates.skipped,
            seconds=clock.seconds,
            config_id=config.config_id,
        ),
        rejects=[Reject(**reject) for reject in told["rejects"]],
        verified=Verified(articles, corpus, judged, labels),
        candidate_pairs=candidates.pairs if options.keep_candidates else None,
        spool=spool,
        config=config,
        min_size=max(1, options.min_size),
        checkpoint=checkpoint,
        decided=decided,
    )


def _open_spool(
    folder: Path, checkpoint: Checkpoint, previous: Previous | None, *, begun: bool
) -> Spool:
    if previous and not begun:
        previous.copy_columns(folder)
    kept = checkpoint.folder is not None
    return Spool(
        folder,
        process_context(),
        keep=kept,
        filled=begun or previous is not None,
        states=kept or previous is not None,
    )


def _keep_candidates(checkpoint: Checkpoint, find: Callable[[], Candidates]) -> Candidates:
    done = checkpoint.load("candidates")
    if done is not None:
        return Candidates(done[0]["pairs"], **done[1])
    found = find()
    limits = {"capped": found.capped, "skipped": found.skipped}
    checkpoint.save("candidates", {"pairs": found.pairs}, limits)
    return found


def _keep_verdicts(
    checkpoint: Checkpoint, verify: Callable[[], tuple[Judged, int]]
) -> tuple[Judged, int]:
    done = checkpoint.load("verify")
    if done is not None:
        return Judged(**done[0]), int(done[1]["aligned"])
    judged, aligned = verify()
    arrays = {name: getattr(judged, name) for name in Judged.__dataclass_fields__}
    checkpoint.save("verify", arrays, {"aligned": aligned})
    return judged, aligned


def _find_candidates(
    articles: dict[str, NDArray[Any]],
    spool: Spool,
    config: Config,
    threads: ThreadPoolExecutor,
    clock: _Clock,
) -> Candidates:
    count = len(articles["id_hash"])
    clock.tell("candidates", 0, None)
    numbers = np.arange(count, dtype=np.uint32)
    bits = max(1, count.bit_length())
    banded = articles["band_first"] >= 0
    firsts, counts = articles["band_first"][banded], np.full(int(banded.sum()), config.bands)
    families = [
        ("bands", firsts, counts, numbers[banded], _NO_LIMIT),
        (
            "passages",
            articles["passage_first"],
            articles["passage_count"].astype(np.int64),
            numbers,
            config.passage_limit,
        ),
    ]

    def search(family: tuple[str, Any, Any, NDArray[np.uint32], int]) -> Candidates:
        name, firsts, counts, owners, limit = family
        ranges = group_keys(spool.column(name), firsts, counts, owners, bits, spool.folder, name)
        return find_candidates(ranges, bits, config.bucket_cap, limit)

    return _merge(list(threads.map(search, families)))


def _merge(found: Sequence[Candidates]) -> Candidates:
    pairs = distinct(np.concatenate([part.pairs for part in found]))
    return Candidates(
        pairs, sum(part.capped for part in found), sum(part.skipped for part in found)
    )


def cluster_labels(count: int, judged: Judged, decided: Decided | None = None) -> NDArray[np.int64]:
    """The cluster of each of `count` articles: int64[n], the lowest number in it."""
    decided = decided or Decided()
    told = judged.select(np.isin(judged.relation, (*UNITING, TEMPLATE)))
    template = told.relation == TEMPLATE
    used = choose_links(count, told.left, told.right, told.probability, template, told.slot_places)
    links = told.select(used)
    return find_clusters(
        count,
        links.left,
        links.right,
        links.probability,
        decided.together,
        decided.apart,
    )

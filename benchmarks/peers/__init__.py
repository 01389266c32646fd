"""One module a peer; each runs in its own process, in the peers' environment.

`python -m benchmarks.peers.NAME sign|cluster --variant V …` prints one JSON object. A module
imports only the standard library, numpy and its peer, never `dedupe`: what it costs is its own.
"""

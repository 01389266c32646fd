# Isnad in a container: locked packages, an unprivileged user, a root file system that may be read-only.
#
#   docker build --tag isnad .
#   docker volume create isnad
#   docker run --rm --volume isnad:/var/lib/isnad isnad key create desk --scope read --scope write
#   docker run --read-only --tmpfs /tmp:size=2g --volume isnad:/var/lib/isnad --publish 127.0.0.1:8080:8080 isnad
#   docker run --rm --read-only --tmpfs /tmp --volume "$PWD:/data:ro" isnad report /data
#
# It serves by default, and only with a key: its address can be reached from outside.
# Two folders are written, both volumes: NUMBA_CACHE_DIR holds compiled kernels, made below for the
# processor of the builder (another one compiles its own at first use, in seconds; where nothing can
# be written they are compiled in memory), /var/lib/isnad is the working folder, with archive and keys.

ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /source
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN pip install --require-hashes -r requirements/build.txt \
 && pip wheel --require-hashes --no-build-isolation --wheel-dir /wheels -r requirements/runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY dedupe dedupe
COPY service service
RUN pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheels .
# Bytecode that does not look at file times, and source times without fractions of a second: image
# layers may lose those, and Numba would then take its cache for stale. Compiled rules are kept beside
# the bytecode, where the user of the image cannot write.
RUN python -m venv --without-pip /opt/isnad \
 && pip --python /opt/isnad/bin/python install --no-index --no-deps --no-compile /wheels/*.whl \
 && find /opt/isnad -name '*.py' -exec touch --date=2026-01-01T00:00:00Z {} + \
 && /opt/isnad/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/isnad/lib \
 && NUMBA_CACHE_DIR=/tmp/kernels /opt/isnad/bin/python -P -c 'import dedupe.attribution as a; a.load_extractor()'

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="isnad" \
      org.opencontainers.image.description="Find republished news articles and say where they come from" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 isnad \
 && useradd --uid 10001 --gid 10001 --home-dir /var/lib/isnad --create-home --shell /usr/sbin/nologin isnad \
 && install --directory --owner=isnad --group=isnad /var/cache/isnad
COPY --from=build /opt/isnad /opt/isnad
ENV PATH=/opt/isnad/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    NUMBA_CACHE_DIR=/var/cache/isnad \
    ISNAD_DATA=/var/lib/isnad \
    ISNAD_HOST=0.0.0.0
USER 10001:10001
WORKDIR /var/lib/isnad
RUN --mount=type=bind,source=seeds,target=/seeds isnad report /seeds/*.txt /seeds/*.jsonl >/dev/null
VOLUME ["/var/cache/isnad", "/var/lib/isnad"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 CMD ["isnad", "ready"]
ENTRYPOINT ["isnad"]
CMD ["serve"]

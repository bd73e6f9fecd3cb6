# One image with four programs: `docker run IMAGE ingest`, `worker`, `relay`, or `operator migrate up`.
#   docker build --build-arg VERSION="$(git rev-parse HEAD)" --tag whatsapp-handler .
#   --build-arg KAFKA=yes   the relay's sink for Apache Kafka too (docs/kafka.md)
# Proved without an engine by `make check-image`, which carries these very instructions out.

FROM swift:6.3-bookworm AS build
ARG KAFKA=
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libcurl4-openssl-dev libhiredis-dev libpq-dev libsnappy-dev libssl-dev pkg-config ${KAFKA:+librdkafka-dev} \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src

# What is not ours is fetched again only when this changes.
COPY Package.swift ./
RUN swift package resolve

COPY Benchmarks Benchmarks
COPY Tests Tests
COPY Sources Sources
COPY scripts/build-release scripts/build-release
COPY release.json ./
# The commit is in the programs themselves, so that /health says what really runs.
ARG VERSION=
ARG RAILWAY_GIT_COMMIT_SHA=
RUN revision=$(printf '%.12s' "${VERSION:-$RAILWAY_GIT_COMMIT_SHA}" | tr -cd 'A-Za-z0-9.-') \
    && sed -i "s/revision = \"\"/revision = \"$revision\"/" Sources/Common/Process/Build.swift
RUN mkdir /programs \
    && for program in ingest worker relay operator; do \
        scripts/build-release ${KAFKA:+--traits Kafka} --product "$program" \
        && strip -o "/programs/$program" ".build/release/$program" || exit 1; \
    done

FROM debian:bookworm-slim
ARG KAFKA=
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates libcurl4 libhiredis0.14 libpq5 libsnappy1v5 libssl3 ${KAFKA:+librdkafka1} \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin app
WORKDIR /app
COPY migrations /app/migrations
COPY deploy/healthcheck /usr/local/bin/healthcheck
COPY --from=build /programs/ /usr/local/bin/

ARG VERSION=
ARG RAILWAY_GIT_COMMIT_SHA=
LABEL org.opencontainers.image.title="whatsapp-handler" \
    org.opencontainers.image.description="The WhatsApp front door of a Delay Repay service: ingest, worker, relay, operator" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.revision="${VERSION:-$RAILWAY_GIT_COMMIT_SHA}"
ENV APP_ENV=production PORT=3000 MIGRATIONS_DIR=/app/migrations
USER 10001:10001
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["healthcheck"]
CMD ["ingest"]

# syntax=docker/dockerfile:1
# cvescan: command line, server and runner in one image.
#   docker build -t cvescan .
#   docker run --rm -v cvescan:/var/lib/cvescan cvescan scan image.tar

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund --ignore-scripts && npm rebuild esbuild
COPY tools/build.mjs tools/build.mjs
COPY src src
RUN node tools/build.mjs && chmod 755 dist/cvescan.js

FROM node:24-bookworm-slim
# git: some feeds are repositories.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git tini \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 cvescan \
 && useradd --uid 10001 --gid cvescan --no-create-home --home-dir /var/lib/cvescan --shell /usr/sbin/nologin cvescan \
 && mkdir -p /etc/cvescan /var/lib/cvescan \
 && chown cvescan:cvescan /var/lib/cvescan
COPY --from=build /src/dist /opt/cvescan
COPY --chmod=755 ship/cvescan /usr/local/bin/cvescan
COPY ship/health.mjs /opt/cvescan/health.mjs
COPY package.json LICENSE /opt/cvescan/

# The advisory database is /var/lib/cvescan itself; caches and the state of an embedded server lie below it.
ENV XDG_DATA_HOME=/var/lib \
    XDG_CACHE_HOME=/var/lib/cvescan/cache \
    XDG_STATE_HOME=/var/lib/cvescan/state \
    CVESCAN_RUNNER_HEARTBEAT=/tmp/cvescan-heartbeat
VOLUME /var/lib/cvescan
USER 10001:10001
WORKDIR /var/lib/cvescan
EXPOSE 6060 6061

# SIGINT lets running jobs come to their end: give it as long as a job may take (docker stop --time).
STOPSIGNAL SIGINT
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["node", "/opt/cvescan/health.mjs"]
ENTRYPOINT ["tini", "--", "cvescan"]
CMD ["--help"]

# syntax=docker/dockerfile:1
# Written without a container engine at hand: never built or run so far. Try it before relying on it.

FROM python:3.13-slim-bookworm AS packages
WORKDIR /build
RUN python -m venv /opt/titik
COPY requirements/base.txt ./
# Wheels whose hashes are in the lock, nothing else: no compiler, nothing built here.
RUN /opt/titik/bin/python -m pip install --no-cache-dir --require-hashes --no-deps --only-binary :all: -r base.txt
COPY scripts/titik /opt/titik/bin/titik
RUN chmod 755 /opt/titik/bin/titik

FROM node:24-bookworm-slim AS pages
WORKDIR /build
COPY web/package.json web/package-lock.json web/
RUN cd web && npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY web/build.mjs web/
COPY web/src web/src
RUN mkdir -p app/pages && node web/build.mjs

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin titik \
    && install -d -o titik -g titik -m 0700 /var/lib/titik
COPY --from=packages /opt/titik /opt/titik
WORKDIR /srv/titik
COPY migrations migrations
COPY app app
COPY --from=pages /build/app/pages/static app/pages/static
RUN /opt/titik/bin/python -m compileall -q app migrations
ENV PATH=/opt/titik/bin:$PATH \
    PYTHONPATH=/srv/titik \
    PYTHONUNBUFFERED=1 \
    TITIK_DATA_DIR=/var/lib/titik
USER titik
EXPOSE 8000
# Whether this process lives: a database that is away for a while is no reason to start it anew.
# Python, because the image has no curl. urlopen raises, and so ends with 1, for every status from 400 on.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
# In exec form, so that SIGTERM reaches the service and requests are finished.
ENTRYPOINT ["titik"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]

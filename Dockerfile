# syntax=docker/dockerfile:1

# The minor version and the Debian release are pinned; building anew brings their security patches.
FROM python:3.13-slim-trixie AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /src

# First what changes seldom. The environment that is shipped has neither pip nor the build back end.
COPY requirements/ requirements/
RUN python -m venv --without-pip /opt/acr-janitor \
 && pip --python /opt/acr-janitor/bin/python install --require-hashes --requirement requirements/run.txt \
 && pip install --require-hashes --requirement requirements/build.txt

COPY . .
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
 && pip --python /opt/acr-janitor/bin/python install --no-deps --no-index /dist/*.whl


FROM python:3.13-slim-trixie

ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="acr-janitor" \
      org.opencontainers.image.description="A Slack app that cleans up Azure Container Registry together with the people who own the images" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"

# The root file system can be read-only: all that the app writes is its database, in the volume.
ENV PATH=/opt/acr-janitor/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

# A number, so that Kubernetes can see by runAsNonRoot that it is not root.
RUN groupadd --system --gid 10001 acr-janitor \
 && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/acr-janitor --shell /usr/sbin/nologin acr-janitor \
 && install --directory --owner 10001 --group 10001 --mode 0750 /var/lib/acr-janitor
COPY --from=build /opt/acr-janitor /opt/acr-janitor

USER 10001:10001
# The default database is var/acr-janitor.db below this; DATABASE_URL or the settings file name another one.
WORKDIR /var/lib/acr-janitor
VOLUME /var/lib/acr-janitor
EXPOSE 3000

# http.client rather than urllib: a proxy in the environment must not answer for the app.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PORT') or 3000), timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]

ENTRYPOINT ["acr-janitor"]
CMD ["run"]

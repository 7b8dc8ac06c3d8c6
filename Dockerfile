# One image for web, worker, beat and the one-shot migration; docker-compose.yml says which command each runs.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# Files of the portal belong to root: a process that is broken into cannot change its own code.
RUN useradd --system --uid 10001 --home-dir /srv/portal --shell /usr/sbin/nologin portal \
 && mkdir -p /srv/portal /srv/static /data \
 && chown portal: /data
WORKDIR /srv/portal

COPY requirements.txt ./
RUN python -m pip install --require-hashes --only-binary :all: -r requirements.txt

COPY . ./
# Translations and static files are made here once. The values only let Django start: nothing is connected to.
RUN python -m cluster_portal.ops.catalogues \
 && SECRET_KEY=only-while-the-image-is-built-0000000000000000 \
    DATABASE_URL=postgresql://nobody@localhost/nothing STATIC_ROOT=/srv/static \
    python manage.py collectstatic --noinput --verbosity 0

USER portal
VOLUME /data
ENV PORTAL_DATA=/data STATIC_ROOT=/srv/static WEB_BIND=0.0.0.0:8000 PROMETHEUS_MULTIPROC_DIR=/tmp/portal-metrics
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "--config", "python:cluster_portal.ops.gunicorn", "cluster_portal.wsgi:application"]

# syntax=docker/dockerfile:1
# Patron's image, for server, worker and commands alike:
#   docker build -t patron .
#   docker run --rm --env-file patron.env -v patron:/data patron patron db upgrade   # and before each new version
#   docker run --rm -it --env-file patron.env -v patron:/data patron patron client create …   # README: In production
#   docker run -d --stop-timeout 90 --read-only --tmpfs /tmp --env-file patron.env -v patron:/data -p 127.0.0.1:8000:8000 patron

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/patron
COPY requirements.lock .
RUN /opt/patron/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY app app
COPY representations representations
COPY migrations migrations
RUN /opt/patron/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --create-home patron
COPY --from=build /opt/patron /opt/patron
ENV PATH=/opt/patron/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PATRON_DATABASE_URL=sqlite:////data/patron.sqlite3
WORKDIR /data
VOLUME /data
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["patron", "serve", "--host", "0.0.0.0"]

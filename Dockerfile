FROM python:3.13-slim AS build
WORKDIR /app
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt
COPY . ./
# The key signs nothing: this step only gathers files, and the variable ends with it.
RUN SECRET_KEY=gathering-static-files-needs-no-secret ALLOWED_HOSTS=localhost \
    python -m moviedb collectstatic --no-input --verbosity 0 \
    && python -m compileall -q asgi.py catalog moviedb server settings \
    && printf '#!/bin/sh\nexec python -m moviedb "$@"\n' > /venv/bin/moviedb && chmod 755 /venv/bin/moviedb

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data --create-home moviedb
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data HOST=0.0.0.0 PORT=8000
WORKDIR /app
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=2); c.request('GET', '/livez'); sys.exit(c.getresponse().status != 200)"]
# The Procfile's command: its `exec` makes the server the container's first process, so that SIGTERM reaches it.
CMD ["sh", "-c", "exec uvicorn asgi:application --host 0.0.0.0 --port ${PORT:-8000} --workers 1 --lifespan on --timeout-graceful-shutdown 20 --no-server-header --no-access-log --no-proxy-headers --loop server.loop:new_loop --http server.http:Protocol --ws websockets-sansio"]

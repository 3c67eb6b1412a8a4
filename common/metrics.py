"""One registry per program, given to every service as an argument.

Names: prefix `classroom_`, base units, counters end in `_total`, labels are closed
sets, never ids.
"""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client import disable_created_metrics as _disable_created

Registry = CollectorRegistry

# `_created` series double every counter and nobody here reads them.
_disable_created()  # type: ignore[no-untyped-call]


def metrics_route(registry: Registry) -> web.RouteDef:
    """`GET /metrics` in the Prometheus text format."""

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(registry),
            headers={"Content-Type": CONTENT_TYPE_LATEST},
        )

    return web.get("/metrics", metrics)

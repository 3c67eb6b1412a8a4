"""The HTTP interface of the solver's work."""

import asyncio

from aiohttp import web

from common.clock import Clock
from common.http import Call, Nothing, Router
from scheduler.edition.desk import Desk
from scheduler.edition.job_views import ExplainOrder, JobView, SolveOrder
from scheduler.edition.job_words import job_view
from scheduler.edition.jobs import JobId
from scheduler.edition.present import board_changes
from scheduler.edition.solving import Solving
from scheduler.edition.store import Editions
from scheduler.edition.values import EditionId
from scheduler.edition.views import BoardChanges

_PLANNING = ("timetabler",)
_LOOK_S = 1.0
_HEARTBEAT_S = 10.0


class JobsApi:
    def __init__(
        self, solving: Solving, editions: Editions, desk: Desk, clock: Clock
    ) -> None:
        self._solving = solving
        self._editions = editions
        self._desk = desk
        self._clock = clock
        self.closed = False
        """Streams end soon after this is set."""

    def add_to(self, router: Router) -> None:
        for name, body, handler in (
            ("solve", SolveOrder, self.solve_edition),
            ("explain", ExplainOrder, self.explain_edition),
        ):
            router.post(
                f"/editions/{{id}}/{name}",
                roles=_PLANNING,
                body=body,
                returns=JobView,
                status=202,
            )(handler)
        router.get("/jobs/{id}", roles=(), returns=JobView)(self.get_job)
        router.get(
            "/jobs/{id}/stream",
            roles=(),
            returns=JobView,
            media_type="text/event-stream",
        )(self.stream_job)
        router.post("/jobs/{id}/stop", roles=_PLANNING, returns=JobView)(self.stop_job)
        router.post("/jobs/{id}/take", roles=_PLANNING, returns=BoardChanges)(
            self.take_job
        )

    async def solve_edition(self, call: Call[SolveOrder, Nothing]) -> JobView:
        """Lets the solver place lessons; the answer is one change of the draft."""
        job = await self._solving.ask(
            EditionId(call.path["id"]),
            "solve",
            call.body.seconds,
            keep=call.body.keep,
            by=call.person.name,
        )
        return await self._view(job.id)

    async def explain_edition(self, call: Call[ExplainOrder, Nothing]) -> JobView:
        """Looks for a few rules that cannot all hold, when lessons find no place."""
        job = await self._solving.ask(
            EditionId(call.path["id"]),
            "explain",
            call.body.seconds,
            keep=None,
            by=call.person.name,
        )
        return await self._view(job.id)

    async def get_job(self, call: Call[Nothing, Nothing]) -> JobView:
        """How a job stands."""
        return await self._view(JobId(call.path["id"]))

    async def stop_job(self, call: Call[Nothing, Nothing]) -> JobView:
        """Ends a job with the best it has found."""
        job = await self._solving.stop(JobId(call.path["id"]))
        return await self._view(job.id)

    async def take_job(self, call: Call[Nothing, Nothing]) -> BoardChanges:
        """Takes an offered answer into the draft as it is now, as one change."""
        by = call.person.name
        id = JobId(call.path["id"])
        picture, edition, step = await self._solving.take(id, by)
        now = await self._desk.advance(picture, edition, step)
        return board_changes(now, step, await self._editions.last(edition))

    async def stream_job(self, call: Call[Nothing, Nothing]) -> web.StreamResponse:
        """The job as server-sent events (`event: job`): first as it is, then on every
        change, until it has ended."""
        id = JobId(call.path["id"])
        view = await self._view(id)
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(call.request)
        try:
            await response.write(b"retry: 2000\n\n")
            await self._tell(response, view)
            while view.state in ("queued", "running") and not self.closed:
                view = await self._next(response, view)
        except ConnectionError:
            pass
        return response

    async def _next(self, response: web.StreamResponse, told: JobView) -> JobView:
        """Waits for something new and tells it, or says that we are still here."""
        silent_from = self._clock.mono_s()
        while not self.closed:
            await self._solving.wait_for_change(_LOOK_S)
            view = await self._view(JobId(told.id))
            if view != told:
                await self._tell(response, view)
                # A search that finds something every few milliseconds is told slower.
                await asyncio.sleep(0.1)
                return view
            if self._clock.mono_s() - silent_from > _HEARTBEAT_S:
                await response.write(b": still here\n\n")
                silent_from = self._clock.mono_s()
        return told

    @staticmethod
    async def _tell(response: web.StreamResponse, view: JobView) -> None:
        await response.write(f"event: job\ndata: {view.model_dump_json()}\n\n".encode())

    async def _view(self, id: JobId) -> JobView:
        return job_view(*await self._solving.get(id))

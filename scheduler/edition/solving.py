"""Runs the solver's work, one job at a time on this machine, and keeps what it finds.

A job is a row that outlives us: whoever asks is told from the row. The program that
runs a job says so every second; a job of which nobody has said so for a while was
interrupted, and what it had found by then can still be taken.
"""

import asyncio
import os
from collections import deque
from collections.abc import Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from typing import Any

from common import log
from common.clock import Clock
from common.errors import ConflictError, NotFoundError, UnavailableError
from common.ids import CourseId, new_id
from scheduler.edition.child import Child
from scheduler.edition.desk import Desk
from scheduler.edition.errors import not_a_draft
from scheduler.edition.job_store import JobStore
from scheduler.edition.job_views import JobKind, Keep, Taken
from scheduler.edition.jobs import Job, JobId, answered, is_worse, without_clashes
from scheduler.edition.near import asked_problem, kept_of
from scheduler.edition.picture import Picture
from scheduler.edition.store import Editions
from scheduler.edition.values import (
    Draft,
    Edition,
    EditionId,
    Label,
    Step,
    step_between,
)
from scheduler.edition.worker import Order

SEEN_EVERY_S = 2.0
SILENT_S = 12.0
_MOST_WORKERS = 8
_MEMORY_BYTES = 4 * 1024**3
_BY = "求解 solver"
_log = log.get("solver")


class Solving:
    def __init__(
        self, jobs: JobStore, editions: Editions, desk: Desk, clock: Clock
    ) -> None:
        self._jobs = jobs
        self._editions = editions
        self._desk = desk
        self._clock = clock
        self._queue: deque[Job] = deque()
        self._asked = asyncio.Event()
        self._changed = asyncio.Condition()
        self._running: Job | None = None
        self._child: Child | None = None
        self._begun_s = 0.0

    # ---- asking -------------------------------------------------------------------

    async def ask(
        self,
        id: EditionId,
        kind: JobKind,
        seconds: float,
        *,
        keep: Keep | None,
        by: str,
    ) -> Job:
        """Raises NotFoundError, ConflictError(`edition_not_draft`, `job_running`),
        UnavailableError(`no_solver`)."""
        if find_spec("ortools") is None:
            raise UnavailableError(
                "no_solver",
                zh="这台服务器没有安装求解器，请安装 tongke[solver]",
                en="this server has no solver; install tongke[solver]",
            )
        edition = await self._editions.get(id)
        if edition.state != "draft":
            raise not_a_draft(edition)
        now = self._clock.now()
        job = Job(
            id=JobId(new_id("job")),
            edition=id,
            kind=kind,
            revision=edition.revision,
            state="queued",
            seconds=seconds,
            keep=keep,
            asked_by=by,
            asked_at=now,
            seen_at=now,
        )
        await self._jobs.add(job)
        self._queue.append(job)
        self._asked.set()
        return job

    async def get(self, id: JobId) -> tuple[Job, int]:
        """The job, and how many are ahead of it. Raises NotFoundError."""
        running = self._running
        if running is not None and running.id == id:
            return self._now(running), 0
        waiting = [job.id for job in self._queue]
        ahead = waiting.index(id) + (running is not None) if id in waiting else 0
        return await self._jobs.get(id), ahead

    async def stop(self, id: JobId) -> Job:
        """Ends it with the best it has; one that waits does not begin. Raises
        NotFoundError; one that has ended stays as it is."""
        waiting = next((job for job in self._queue if job.id == id), None)
        if waiting is not None:
            self._queue.remove(waiting)
            await self._end(waiting, state="stopped")
        elif self._running is not None and self._running.id == id:
            self._running = replace(self._running, stop_asked=True)
            if self._child is not None:
                self._child.stop()
        else:
            job = await self._jobs.get(id)
            if job.is_open:
                await self._jobs.note(id, stop_asked=True)
        return (await self.get(id))[0]

    async def wait_for_change(self, timeout_s: float) -> None:
        """Until some job here moves on, or the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait()

    async def take(self, id: JobId, by: str) -> tuple[Picture, Edition, Step]:
        """An offered answer as a change of the draft as it is now; the picture before
        it, and the edition after. Raises ConflictError(`nothing_offered`,
        `edition_changed`, `edition_not_draft`), NotFoundError."""
        job, _ = await self.get(id)
        if job.answer != "offered":
            raise ConflictError(
                "nothing_offered",
                zh="这个任务没有等待采用的结果",
                en="this job has no answer that waits to be taken",
            )
        picture = await self._desk.picture(job.edition)
        edition, step = await self._apply(job, picture, by)
        await self._jobs.take(id, "taken")
        return picture, edition, step

    def _now(self, job: Job) -> Job:
        """With the time it has taken until now."""
        if job.progress is None or job.state != "running":
            return job
        seconds = self._clock.mono_s() - self._begun_s
        return replace(job, progress={**job.progress, "seconds": round(seconds, 1)})

    # ---- doing --------------------------------------------------------------------

    async def run(self) -> None:
        """For ever: the jobs that were asked for here, one after the other."""
        while True:
            await self._interrupt_silent()
            while self._queue:
                await self._one(self._queue.popleft())
            self._asked.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(SILENT_S / 2):
                    await self._asked.wait()

    async def stay_seen(self) -> None:
        """For ever: says which jobs are going on here, hears who wants them to stop."""
        while True:
            await asyncio.sleep(SEEN_EVERY_S)
            mine = [job.id for job in self._queue]
            running = self._running
            if running is not None:
                mine.append(running.id)
            if not mine:
                continue
            try:
                if running is not None:
                    await self._note(running)
                for id in await self._jobs.seen(mine, self._clock.now()):
                    await self.stop(id)
            except Exception:  # the outermost loop of this task
                _log.exception("jobs_not_seen")

    async def close(self) -> None:
        """What runs or waits here is interrupted, with what it has found."""
        for job in (self._running, *self._queue):
            if job is not None:
                await self._interrupt(job)
        self._queue.clear()

    async def _interrupt_silent(self) -> None:
        mine = {job.id for job in self._queue}
        since = self._clock.now() - timedelta(seconds=SILENT_S)
        try:
            for job in await self._jobs.silent(since):
                if job.id not in mine:
                    await self._interrupt(job)
        except Exception:  # the outermost loop of the runner's task
            _log.exception("jobs_not_swept")

    async def _interrupt(self, job: Job) -> None:
        answer = "offered" if job.best else ""
        await self._end(
            job, state="interrupted", reason="restarted", answer=answer, best=job.best
        )

    async def _one(self, job: Job) -> None:
        self._running = job
        try:
            await self._begin(job)
        except (NotFoundError, ConflictError):
            await self._end(self._running, state="failed", reason="edition_gone")
        except Exception:  # the outermost frame of a job
            _log.exception("job_failed", job=job.id)
            answer = "offered" if self._running.best else ""
            await self._end(
                self._running,
                state="failed",
                reason="worker_died",
                answer=answer,
                best=self._running.best,
            )
        finally:
            self._running = self._child = None
            await self._tell()

    async def _begin(self, job: Job) -> None:
        picture = await self._desk.picture(job.edition)
        edition = picture.draft.edition
        if edition.state != "draft":
            raise not_a_draft(edition)
        self._running = job = replace(job, state="running", revision=edition.revision)
        await self._jobs.note(job.id, state="running", revision=edition.revision)
        await self._tell()
        self._child = Child(_order(job, picture))
        self._begun_s = self._clock.mono_s()
        ended: dict[str, Any] = {}
        async with aclosing(self._child.lines()) as lines:
            async for line in lines:
                ended = self._hear(line)
                if ended:
                    break
                await self._tell()
                if "best" in line:
                    await self._note(self._running)
        await self._finish(ended)

    async def _note(self, job: Job) -> None:
        """What a kill of this process may not take."""
        if job.state == "running":
            await self._jobs.note(job.id, progress=job.progress, best=job.best)

    def _hear(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """What the worker says; its last word is returned."""
        job = self._running
        assert job is not None
        if "progress" in line:
            self._running = replace(job, progress=line["progress"])
        elif "best" in line:
            self._running = replace(job, best=line["best"])
        elif "answer" in line:
            answer = line["answer"]
            best = answer["rows"] if answer["rows"] else None
            self._running = replace(job, progress=answer["progress"], best=best)
            return {"outcome": answer["outcome"]}
        elif "rules" in line:
            return {"rules": line["rules"], "minimal": line["minimal"]}
        elif "failed" in line:
            return {"reason": line["failed"]}
        return {}

    async def _finish(self, ended: dict[str, Any]) -> None:
        job = self._running
        assert job is not None
        stopped = job.stop_asked
        fields: dict[str, Any] = {"best": job.best, "progress": job.progress, **ended}
        if not ended and not stopped:
            fields["reason"] = "worker_died"
        if fields.get("reason"):
            fields["answer"] = "offered" if job.best else ""
            await self._end(job, state="failed", **fields)
            return
        state = "stopped" if stopped else "done"
        if job.kind == "solve" and job.best:
            fields["answer"], fields["reason"] = await self._offer(job)
            state = state if fields["answer"] else "failed"
        await self._end(job, state=state, **fields)

    async def _offer(self, job: Job) -> tuple[Taken, str]:
        """Takes the answer into the draft if that is still what was solved, and no
        better than the answer. Whether it was taken, and why not."""
        try:
            picture = await self._desk.picture(job.edition)
            if picture.draft.edition.state != "draft":
                return "", "edition_gone"
            if picture.draft.edition.revision != job.revision:
                return "offered", ""
            if await asyncio.to_thread(_is_worse, job, picture):
                return "offered", "worse"
            edition, step = await self._apply(job, picture, _BY)
        except (ConflictError, NotFoundError):
            return "offered", ""
        await self._desk.advance(picture, edition, step)
        return "taken", ""

    async def _apply(self, job: Job, picture: Picture, by: str) -> tuple[Edition, Step]:
        draft = picture.draft
        kept = kept_of(picture, job.keep)
        rows = answered(picture.frame.problem, draft, kept, job.places)
        if draft.edition.revision != job.revision:
            after = Picture(picture.frame, Draft(draft.edition, rows), picture)
            rows = without_clashes(after, kept)
        step = step_between(draft.rows, rows)
        if not step:
            return draft.edition, step
        edition = await self._editions.change(
            draft.edition.id,
            draft.edition.revision,
            step,
            _label(step),
            by=by,
            at=self._clock.now(),
        )
        return edition, step

    async def _end(self, job: Job, **fields: Any) -> None:  # noqa: ANN401 - columns
        _log.info("- job", job=job.id, state=fields.get("state"))
        await self._jobs.end(job.id, ended_at=self._clock.now(), **fields)
        await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def _is_worse(job: Job, picture: Picture) -> bool:
    draft = picture.draft
    kept = kept_of(picture, job.keep)
    rows = answered(picture.frame.problem, draft, kept, job.places)
    return is_worse(
        Picture(picture.frame, Draft(draft.edition, rows), picture), picture
    )


def _order(job: Job, picture: Picture) -> Order:
    problem = asked_problem(picture, job.keep)
    # A search that is stopped early then has what the draft has.
    start = frozenset(p for p in picture.placements if p.stream in problem.stream_by_id)
    return Order(
        kind=job.kind,
        problem=problem,
        start=start,
        seconds=job.seconds,
        workers=min(_MOST_WORKERS, os.cpu_count() or 1),
        memory_bytes=_MEMORY_BYTES,
    )


def _label(step: Step) -> Label:
    come, gone = _counted(step.come), _counted(step.gone)
    moved = sum(min(n, gone.get(course, 0)) for course, n in come.items())
    new, lost = len(step.come) - moved, len(step.gone) - moved
    return Label(
        f"求解：排入 {new} 节，移动 {moved} 节，移出 {lost} 节",
        f"solver: {new} placed, {moved} moved, {lost} taken off",
    )


def _counted(rows: tuple[Any, ...]) -> dict[CourseId, int]:
    found: dict[CourseId, int] = {}
    for row in rows:
        found[row.course] = found.get(row.course, 0) + 1
    return found

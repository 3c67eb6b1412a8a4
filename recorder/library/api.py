"""`/library/v1`: search, play, download, correct."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aiohttp import hdrs, web
from pydantic import BaseModel, Field, field_validator

from common.clock import Clock
from common.errors import NotFoundError
from common.http import Call, Nothing, Router
from recorder import playlist
from recorder.library.downloads import Downloads, DownloadState
from recorder.library.model import Change, Correction, FacetValues, Page, Resource
from recorder.library.serve import attachment, send
from recorder.library.shelf import Shelf
from recorder.library.store import LibraryStore, Wanted
from recorder.manifest import Gap, Manifest, gaps


class ResourceQuery(BaseModel):
    q: str = Field(default="", max_length=200)
    subject: str = ""
    grade: str = ""
    stage: str = ""
    teacher: str = ""
    school: str = ""
    kind: str = ""
    state: str = ""
    since: date | None = Field(default=None, alias="from")
    until: date | None = Field(default=None, alias="to")
    """The last day, included."""
    page: int = Field(default=1, ge=1, le=100_000)

    @field_validator("since", "until", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None


class VideoQuery(BaseModel):
    video: str | None = Field(default=None, max_length=200)
    """Id of the video track to show instead of the teacher's camera."""

    @field_validator("video", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None


class LiveAnswer(BaseModel):
    resource: str


class TrackGaps(BaseModel):
    track: str
    gaps: list[Gap]


Plain = Call[Nothing, Nothing]
WithVideo = Call[Nothing, VideoQuery]


class Library:
    """The handlers; `router` ties them to paths."""

    def __init__(
        self,
        store: LibraryStore,
        shelf: Shelf,
        downloads: Downloads,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._downloads = downloads
        self._clock = clock
        self._zone = zone

    def router(self) -> Router:
        router = Router("/library/v1", "同课资源库 Tongke resource library")
        everyone = {"roles": ()}
        one = "/resources/{id}"
        router.get("/resources", returns=Page, query=ResourceQuery, **everyone)(
            self.list_resources
        )
        router.get("/facets", returns=FacetValues, **everyone)(self.list_facets)
        router.get("/live/{session}", returns=LiveAnswer, **everyone)(self.find_live)
        router.get(one, returns=Resource, **everyone)(self.get_resource)
        router.patch(one, returns=Resource, body=Correction, roles=("librarian",))(
            self.correct_resource
        )
        router.get(one + "/changes", returns=list[Change], roles=("librarian",))(
            self.list_changes
        )
        router.get(one + "/gaps", returns=list[TrackGaps], **everyone)(self.list_gaps)
        self._media_routes(router, one)
        return router

    def _media_routes(self, router: Router, one: str) -> None:
        lists = {"media_type": playlist.MEDIA_TYPE, "query": VideoQuery, "roles": ()}
        router.get(one + "/master.m3u8", **lists)(self.master_playlist)
        track = one + "/tracks/{track}"
        router.get(track + "/index.m3u8", **lists)(self.media_playlist)
        media = {"media_type": "video/mp4", "roles": ()}
        router.get(track + "/{file}", **media)(self.media_file)
        router.get(one + "/download.mp4", query=VideoQuery, **media)(self.download)
        router.get(
            one + "/download", returns=DownloadState, query=VideoQuery, roles=()
        )(self.download_state)

    async def list_resources(self, call: Call[Nothing, ResourceQuery]) -> Page:
        """Search the library; newest lessons first."""
        query = call.query
        fields = query.model_dump(exclude={"since", "until"})
        until = query.until + timedelta(days=1) if query.until else None
        return await self._store.search(
            Wanted(
                **fields, since=self._midnight(query.since), until=self._midnight(until)
            )
        )

    def _midnight(self, day: date | None) -> float | None:
        if day is None:
            return None
        return datetime.combine(day, time(), self._zone).timestamp()

    async def list_facets(self, call: Plain) -> FacetValues:
        """What there is to filter by."""
        return await self._store.facets()

    async def find_live(self, call: Plain) -> LiveAnswer:
        """The library entry of a session, from the moment its recording runs."""
        found = await self._store.of_session(call.path["session"])
        if found is None:
            raise NotFoundError(
                "not_recorded", zh="这节课没有录像", en="this session is not recorded"
            )
        return LiveAnswer(resource=found.id)

    async def get_resource(self, call: Plain) -> Resource:
        """One lesson."""
        return await self._store.get(call.path["id"])

    async def correct_resource(self, call: Call[Correction, Nothing]) -> Resource:
        """Correct what the timetable filled in; who did it is written down."""
        who = call.who.name if call.who else ""
        now_s = self._clock.wall_us() / 1e6
        return await self._store.correct(call.path["id"], call.body, who, now_s)

    async def list_changes(self, call: Plain) -> list[Change]:
        """Who changed what, newest first."""
        await self._store.get(call.path["id"])
        return await self._store.changes(call.path["id"])

    async def list_gaps(self, call: Plain) -> list[TrackGaps]:
        """What is missing of each track, and why."""
        manifest = await self._manifest(call.path["id"])
        return [
            TrackGaps(track=name, gaps=gaps(track, manifest.outages, manifest.end_us))
            for name, track in manifest.tracks.items()
        ]

    async def _manifest(self, resource: str) -> Manifest:
        return await self._shelf.manifest(await self._store.get(resource))

    async def master_playlist(self, call: WithVideo) -> web.Response:
        """HLS: the teacher's camera (or `video`) with every sound."""
        manifest = await self._manifest(call.path["id"])
        return _playlist(playlist.master_playlist(manifest, call.query.video))

    async def media_playlist(self, call: WithVideo) -> web.Response:
        """HLS: one track."""
        resource = await self._store.get(call.path["id"])
        track = await self._shelf.track(resource, call.path["track"])
        manifest = await self._shelf.manifest(resource)
        return _playlist(playlist.media_playlist(manifest, track, call.query.video))

    async def media_file(self, call: Plain) -> web.StreamResponse:
        """One segment or init segment; never changes."""
        resource = await self._store.get(call.path["id"])
        track, name = call.path["track"], call.path["file"]
        data = await self._shelf.media(resource, track, name)

        async def read(start: int, length: int) -> bytes:
            return data[start : start + length]

        return await send(
            call.request,
            len(data),
            read,
            content_type="video/mp4",
            headers={hdrs.CACHE_CONTROL: "private, max-age=86400, immutable"},
        )

    async def download_state(self, call: WithVideo) -> DownloadState:
        """How far the MP4 is; asking starts the work."""
        manifest = await self._manifest(call.path["id"])
        return await self._downloads.state(manifest, call.query.video)

    async def download(self, call: WithVideo) -> web.StreamResponse:
        """The MP4 (H.264 + AAC); 202 with the progress while it is being made."""
        resource = await self._store.get(call.path["id"])
        manifest = await self._shelf.manifest(resource)
        state = await self._downloads.state(manifest, call.query.video)
        if state.state != "ready":
            status = 202 if state.state == "preparing" else 503
            headers = {hdrs.RETRY_AFTER: "2"}
            return web.json_response(state.model_dump(), status=status, headers=headers)
        path = self._downloads.path(manifest, call.query.video)

        async def read(start: int, length: int) -> bytes:
            return await self._shelf.objects.get_range(path, start, length)

        return await send(
            call.request,
            state.bytes,
            read,
            content_type="video/mp4",
            headers={
                hdrs.CONTENT_DISPOSITION: attachment(_file_title(resource), ".mp4")
            },
        )


def _file_title(resource: Resource) -> str:
    day = datetime.fromtimestamp(resource.starts_at).strftime("%Y%m%d")
    return f"{resource.subject} {resource.title} {resource.teacher} {day}"


def _playlist(text: str) -> web.Response:
    return web.Response(
        text=text,
        content_type=playlist.MEDIA_TYPE,
        headers={hdrs.CACHE_CONTROL: "no-cache"},
    )

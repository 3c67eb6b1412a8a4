"""A district to try things with: Chuzhou 滁州 and its teaching points of 2019.

The teaching points are the named ones of the city's published plan for 2018-2022
(附件1); centre schools, teachers, bells and courses are examples. The files are in
the formats that anybody may import, and come in through the same door.
"""

from pathlib import Path

from common.ids import CourseId, SiteRoomId
from scheduler.importer.read import Upload
from scheduler.importer.run import ImportReport, import_files
from scheduler.store import Catalogue

FOLDER = Path(__file__).parent
DEMO_COURSE = CourseId("music-3")
"""三年级音乐, one master room and three teaching points."""
DEMO_MASTER = SiteRoomId("dingyuan-master-1")
DEMO_ROOMS = (
    SiteRoomId("nianjiagang-huli-room"),
    SiteRoomId("nianjiagang-feixi-room"),
    SiteRoomId("qingluo-baigang-room"),
)


def sample_uploads() -> list[Upload]:
    files = [*sorted(FOLDER.glob("organisation/*.csv")), FOLDER / "timetable.toml"]
    return [Upload(file.name, file.read_bytes()) for file in files]


async def load_sample(catalogue: Catalogue) -> ImportReport:
    """Adds or replaces the sample rows; loading twice changes nothing."""
    return await import_files(catalogue, sample_uploads())

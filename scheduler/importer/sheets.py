"""Which sheets and headings are understood: one sheet for each kind of row."""

import re
from collections.abc import Mapping

from scheduler.catalogue.availability import ClosedTime, LocalLesson, SchoolDay, Travel
from scheduler.catalogue.bells import BellSchedule, Period
from scheduler.catalogue.calendar import CalendarDay, Term
from scheduler.catalogue.course import KIND_ZH, Course, CourseRoom, Slot
from scheduler.catalogue.kinds import BY_VALUE
from scheduler.catalogue.organisation import (
    ClassGroup,
    Device,
    District,
    School,
    SiteRoom,
    Teacher,
)
from scheduler.catalogue.value import Value
from scheduler.catalogue.wishes import SubjectTime, Weighting
from scheduler.importer.fields import (
    Choice,
    read_bandwidth,
    read_day,
    read_number,
    read_starts_cell,
    read_time,
    read_weekday,
    read_weekdays,
    read_weeks,
    read_yes_or_no,
)
from scheduler.importer.sheet import Column, Sheet


def _sheet(value: type[Value], *columns: Column) -> Sheet:
    return Sheet(BY_VALUE[value], columns)


_SCHOOL_KINDS = {"中心校": "centre", "学校": "school", "教学点": "teaching_point"}
_ROOM_KINDS = {"主讲教室": "master", "接收教室": "receiving", "两用": "both"}
_DEVICE_KINDS = {
    "教室终端": "agent",
    "摄像机": "camera",
    "麦克风": "microphone",
    "音箱": "speaker",
    "显示屏": "display",
    "录播机": "recorder",
    "其他": "other",
}
_LESSON_KINDS: dict[str, str] = {zh: kind for kind, zh in KIND_ZH.items()}
_DAY_KINDS = {"放假": "holiday", "调休": "make_up"}

_ID = Column("id", ("编号", "代码"))
_NAME = Column("name", ("名称", "姓名", "说明"))
_SCHOOL = Column("school", ("学校", "学校编号"))
_DISTRICT = Column("district", ("区县", "区县编号"))
_COURSE = Column("course", ("课程", "课程编号"))
_FIRST = Column("first_day", ("开始日期",), read_day)
_LAST = Column("last_day", ("结束日期",), read_day)
_START = Column("start_minute", ("开始时间", "开始"), read_time, key="start")
_END = Column("end_minute", ("结束时间", "结束"), read_time, key="end")
_WEEKDAY = Column("weekday", ("星期",), read_weekday)
_WEEKDAYS = Column("weekdays", ("星期", "适用星期"), read_weekdays)
_WEEKS = Column("weeks", ("周次",), read_weeks)
_PERIOD = Column("period", ("节次",), read_number)
_TEACHER = Column("teacher", ("教师", "教师编号"))
_CLASS = Column("class_group", ("班级", "班级编号"))
_ROOM = Column("site_room", ("教室", "教室编号"))
_TERM = Column("term", ("学期", "学期编号"))
_TITLE = Column("title", ("课程名称", "名称"))

SHEETS: tuple[Sheet, ...] = (
    _sheet(
        District,
        _ID,
        _NAME,
        Column("parent", ("上级", "上级区县")),
        Column("zone", ("时区",)),
        Column("media_seats", ("媒体席位",), read_number),
    ),
    _sheet(
        School,
        _ID,
        _DISTRICT,
        _NAME,
        Column("kind", ("类别",), Choice(_SCHOOL_KINDS)),
        Column("centre", ("中心校", "中心校编号")),
        Column("uplink_bps", ("上行带宽",), read_bandwidth, key="uplink"),
    ),
    _sheet(
        SiteRoom,
        _ID,
        _SCHOOL,
        _NAME,
        Column("kind", ("类别",), Choice(_ROOM_KINDS)),
        Column("uplink_bps", ("上行带宽",), read_bandwidth, key="uplink"),
        Column("downlink_bps", ("下行带宽",), read_bandwidth, key="downlink"),
    ),
    _sheet(
        Device,
        _ID,
        _ROOM,
        _NAME,
        Column("kind", ("类别",), Choice(_DEVICE_KINDS)),
        Column("model", ("型号",)),
        Column("serial", ("序列号",)),
    ),
    _sheet(Teacher, _ID, _SCHOOL, _NAME),
    _sheet(
        ClassGroup,
        _ID,
        _SCHOOL,
        _NAME,
        Column("grade", ("年级",)),
        Column("pupils", ("人数", "学生数"), read_number),
    ),
    _sheet(
        BellSchedule,
        _ID,
        _SCHOOL,
        _NAME,
        _FIRST,
        _LAST,
        _WEEKDAYS,
    ),
    _sheet(
        Period,
        Column("bell_schedule", ("作息表", "作息表编号")),
        Column("number", ("节次",), read_number),
        _NAME,
        _START,
        _END,
    ),
    _sheet(
        Term,
        _ID,
        _DISTRICT,
        _NAME,
        Column("week_1", ("第一周周一", "第一周"), read_day),
        _FIRST,
        _LAST,
    ),
    _sheet(
        CalendarDay,
        _DISTRICT,
        Column("day", ("日期",), read_day),
        Column("kind", ("类别",), Choice(_DAY_KINDS)),
        _SCHOOL,
        Column("runs_week", ("执行周次",), read_number),
        Column("runs_weekday", ("执行星期",), read_weekday),
        _NAME,
    ),
    _sheet(
        Course,
        _ID,
        _TERM,
        Column("kind", ("类别", "课堂形式"), Choice(_LESSON_KINDS)),
        _TITLE,
        Column("stage", ("学段",)),
        Column("subject", ("学科",)),
        Column("grade", ("年级",)),
        Column("textbook", ("教材版本", "版本")),
        Column("volume", ("册次",)),
        Column("teacher", ("主讲教师", "教师")),
        Column("master_room", ("主讲教室",)),
        Column("master_class", ("主讲班级",)),
        Column("lessons_a_week", ("周课时",), read_number),
        Column("lesson_minutes", ("课长", "每节分钟"), read_number),
        _WEEKS,
        Column("displaces_local", ("占用本地课",), read_yes_or_no),
        Column("common_starts", ("约定时间",), read_starts_cell),
    ),
    _sheet(
        CourseRoom,
        _COURSE,
        Column("site_room", ("接收教室", "教室")),
        Column("class_group", ("班级", "接收班级")),
    ),
    _sheet(
        Slot,
        _ID,
        _COURSE,
        _WEEKDAY,
        _WEEKS,
        _PERIOD,
        _START,
        _END,
    ),
    _sheet(
        SchoolDay,
        _ID,
        _SCHOOL,
        _WEEKDAYS,
        _START,
        _END,
    ),
    _sheet(
        Travel,
        Column("from_school", ("起点", "起点学校")),
        Column("to_school", ("终点", "终点学校")),
        Column("minutes", ("分钟", "路程分钟"), read_number),
    ),
    _sheet(
        LocalLesson,
        _ID,
        _TITLE,
        _WEEKDAY,
        _WEEKS,
        _PERIOD,
        _START,
        _END,
        _TEACHER,
        _CLASS,
        _ROOM,
        _TERM,
    ),
    _sheet(
        ClosedTime,
        _ID,
        Column("title", ("原因", "说明")),
        _SCHOOL,
        _ROOM,
        _TEACHER,
        _CLASS,
        _WEEKDAYS,
        _START,
        _END,
        _WEEKS,
        _FIRST,
        _LAST,
        _TERM,
    ),
    _sheet(
        SubjectTime,
        _ID,
        _DISTRICT,
        Column("subject", ("学科",)),
        _START,
        _END,
        Column("cost", ("代价",), read_number),
    ),
    _sheet(
        Weighting,
        _DISTRICT,
        Column("misfit", ("跨本地节次",), read_number),
        Column("edge", ("首末节",), read_number),
        Column("spread", ("相邻两天",), read_number),
        Column("gap", ("教师空堂",), read_number),
        Column("load", ("负载不均",), read_number),
        Column("move", ("改动已发布",), read_number),
    ),
)


def find_sheet(name: str) -> Sheet | None:
    """By table name, collection path or Chinese name, with or without a number, a
    date or the like around it: `school`, `schools`, `03-学校`, `学校2026`."""
    plain = re.sub(r"[\d\s._()（）-]+", " ", name.lower()).strip().replace(" ", "_")
    return _NAMES.get(plain)


_NAMES: Mapping[str, Sheet] = {
    name: sheet
    for sheet in SHEETS
    for name in (
        sheet.kind.name,
        sheet.kind.path.replace("-", "_"),
        sheet.kind.zh,
        sheet.kind.zh + "表",
    )
}

"""Words of the timetable for people who read files. Pure."""

from scheduler.catalogue.course import LessonKind

KIND_ZH: dict[LessonKind, str] = {
    "delivery": "专递课堂",
    "master_teacher": "名师课堂",
    "famous_school": "名校网络课堂",
    "city_wide": "同上一堂课",
}

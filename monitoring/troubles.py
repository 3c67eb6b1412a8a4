"""What is wrong with a room or a lesson, and what to do, in one sentence: pure.

Thresholds are the promises of the product: freezes under 1 %, concealed sound under
2 %, everybody in within 60 s of the bell; trouble is said at several times that, so
that the wall shows what a person should act on.
"""

from typing import Literal

from common.protocol.base import Message
from common.protocol.events import QualityReported
from monitoring import quality
from monitoring.collect import Agent, Seat, Watched

JOIN_GRACE_S = 60.0
REPORT_SILENT_S = 30.0
FROZEN_RATIO = 0.05
CONCEALED_RATIO = 0.10

Severity = Literal["critical", "warning"]


class Trouble(Message):
    """`code` is stable; `zh` and `en` say what is wrong, why, and what to do."""

    severity: Severity
    code: str
    zh: str
    en: str


def span_zh(seconds: float) -> str:
    seconds = max(0, round(seconds))
    return f"{seconds} 秒" if seconds < 60 else f"{seconds // 60} 分钟"


def span_en(seconds: float) -> str:
    seconds = max(0, round(seconds))
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min"


def room_trouble(
    agent: Agent | None, seat: Seat | None, lesson: Watched | None, now: float
) -> Trouble | None:
    """The worst trouble of one classroom. `lesson`: the one it is due in, if any."""
    present = seat is not None and seat.present
    if lesson is None or lesson.facts is None:
        return _check_failed(agent, "warning")
    if not present:
        return _absent(agent, seat, lesson, lesson.facts.starts_at, now)
    if seat is not None and lesson.state == "live":
        return _in_lesson(seat, lesson.since, now) or _check_failed(agent, "warning")
    return _check_failed(agent, "critical")


def _check_failed(agent: Agent | None, severity: Severity) -> Trouble | None:
    failed = [c for c in agent.checks if not c.ok] if agent and agent.online else []
    if not failed:
        return None
    return Trouble(
        severity=severity,
        code="check_failed",
        zh=f"自检未通过：{'；'.join(c.zh for c in failed)}",
        en=f"self-check failed: {'; '.join(c.en for c in failed)}",
    )


def _absent(
    agent: Agent | None,
    seat: Seat | None,
    lesson: Watched,
    starts_at: float,
    now: float,
) -> Trouble | None:
    late_s = now - starts_at
    due_zh = f"已上课 {span_zh(late_s)}" if late_s > 0 else f"{span_zh(-late_s)}后上课"
    due_en = (
        f"the lesson began {span_en(late_s)} ago"
        if late_s > 0
        else f"the lesson begins in {span_en(-late_s)}"
    )
    if lesson.state == "ending":
        return None
    if seat is not None and seat.left_by_will:
        return Trouble(
            severity="critical",
            code="left_lesson",
            zh=f"{span_zh(now - seat.at)}前离开了课堂（{due_zh}）：请联系该教室",
            en=f"left the lesson {span_en(now - seat.at)} ago ({due_en}): "
            "call the room",
        )
    if seat is not None and lesson.state == "live":
        return Trouble(
            severity="critical",
            code="dropped_out",
            zh=f"{span_zh(now - seat.at)}前掉线，正在自动重连；不恢复请检查该教室网络",
            en=f"dropped out {span_en(now - seat.at)} ago, reconnecting by itself; "
            "if it does not come back, check the room's network",
        )
    if agent is None or not agent.online:
        return Trouble(
            severity="critical",
            code="offline_in_lesson",
            zh=f"教室离线，{due_zh}：请检查该教室的电源和网络",
            en=f"the room is offline and {due_en}: check its power and network",
        )
    failed = _check_failed(agent, "critical")
    if failed is not None:
        return failed
    if late_s <= JOIN_GRACE_S:
        return None
    return Trouble(
        severity="critical",
        code="not_joined",
        zh=f"教室在线但没有进入课堂，{due_zh}：请远程重启该教室的终端",
        en=f"the room is online but not in the lesson, {due_en}: restart its agent",
    )


def _in_lesson(seat: Seat, live_since: float, now: float) -> Trouble | None:
    heard = seat.quality
    if heard is None or now - heard.at > REPORT_SILENT_S:
        since = now - (heard.at if heard else max(seat.at, live_since))
        if since <= REPORT_SILENT_S:
            return None
        return Trouble(
            severity="warning",
            code="no_report",
            zh=f"{span_zh(since)}没有质量报告，画面声音情况不明：请到教室确认",
            en=f"no quality report for {span_en(since)}: picture and sound unknown, "
            "ask the room",
        )
    report = heard.report
    if report.video_frames == 0 and report.audio_samples == 0:
        return Trouble(
            severity="critical",
            code="no_media",
            zh="连接着，但没有画面也没有声音：请检查该教室网络是否拦截了媒体端口",
            en="connected, but neither picture nor sound arrives: check whether the "
            "room's network blocks the media port",
        )
    return _thin(heard)


def _thin(heard: QualityReported) -> Trouble | None:
    """A line that is too thin for the lesson, and how one notices."""
    signs_zh, signs_en = [], []
    if heard.degraded:
        # The SFU says it for the room's own screen, in both languages at once.
        zh, _, en = heard.degraded.partition(" / ")
        signs_zh.append(zh)
        signs_en.append(en or zh)
    frozen = quality.freeze_ratio(heard.report)
    if frozen > FROZEN_RATIO:
        signs_zh.append(f"画面卡顿 {frozen:.0%}")
        signs_en.append(f"picture frozen {frozen:.0%}")
    concealed = quality.concealed_ratio(heard.report)
    if concealed > CONCEALED_RATIO:
        signs_zh.append(f"声音断续 {concealed:.0%}")
        signs_en.append(f"sound broken {concealed:.0%}")
    if not signs_zh:
        return None
    why_zh, why_en = _line(heard)
    return Trouble(
        severity="warning",
        code="thin_line",
        zh=f"{'，'.join(signs_zh)}（{why_zh}）：请检查该教室网络，停掉其他下载",
        en=f"{', '.join(signs_en)} ({why_en}): check the room's network, "
        "stop other downloads there",
    )


def _line(heard: QualityReported) -> tuple[str, str]:
    zh, en = [], []
    if heard.loss_ratio is not None:
        zh.append(f"丢包 {heard.loss_ratio:.1%}")
        en.append(f"loss {heard.loss_ratio:.1%}")
    if heard.rtt_ms is not None:
        zh.append(f"往返 {heard.rtt_ms:.0f} ms")
        en.append(f"round trip {heard.rtt_ms:.0f} ms")
    if heard.estimate_bps is not None:
        zh.append(f"可用带宽 {heard.estimate_bps / 1e6:.1f} Mbit/s")
        en.append(f"{heard.estimate_bps / 1e6:.1f} Mbit/s available")
    if not zh:
        return "原因未测到", "cause not measured"
    return "，".join(zh), ", ".join(en)


def lesson_trouble(
    lesson: Watched, missing: list[str], master_present: bool, now: float
) -> Trouble | None:
    """`missing`: names of the booked classrooms that are not in."""
    if lesson.state == "failed":
        return Trouble(
            severity="critical",
            code="lesson_failed",
            zh=f"课没有上成：{lesson.reason or '原因不明'}",
            en=f"the lesson failed: {lesson.reason or 'cause unknown'}",
        )
    if lesson.facts is None or lesson.state in ("ended", "cancelled"):
        return _recording_trouble(lesson)
    late_s = now - lesson.facts.starts_at
    if lesson.state != "ending" and late_s > JOIN_GRACE_S:
        if lesson.state != "live":
            return Trouble(
                severity="critical",
                code="not_started",
                zh=f"已过上课铃 {span_zh(late_s)} 仍未开始：请看主讲教室",
                en=f"{span_en(late_s)} after the bell and not live: "
                "look at the master classroom",
            )
        if not master_present:
            return Trouble(
                severity="critical",
                code="master_absent",
                zh="主讲教室不在课堂里：请联系主讲教师",
                en="the master classroom is not in the lesson: call the teacher",
            )
    return _recording_trouble(lesson) or _missing_trouble(lesson, missing, late_s)


def _recording_trouble(lesson: Watched) -> Trouble | None:
    recording = lesson.recording
    if recording is None or recording.state not in ("trouble", "failed"):
        return None
    cause_zh = recording.reason or "原因不明"
    cause_en = recording.reason or "cause unknown"
    return Trouble(
        severity="critical",
        code=f"recording_{recording.state}",
        zh=f"录制异常（{cause_zh}），课照常上：请检查磁盘空间和存储",
        en=f"recording is in trouble ({cause_en}), the lesson goes on: "
        "check disk space and storage",
    )


def _missing_trouble(
    lesson: Watched, missing: list[str], late_s: float
) -> Trouble | None:
    if lesson.state != "live" or not missing or late_s <= JOIN_GRACE_S:
        return None
    return Trouble(
        severity="warning",
        code="rooms_missing",
        zh=f"{len(missing)} 个教室没有到：{'、'.join(missing)}",
        en=f"{len(missing)} rooms are missing: {', '.join(missing)}",
    )

"""How work of the solver stands, in words. Pure."""

from scheduler.edition.job_views import (
    NEAR,
    JobView,
    ProgressView,
    RuleView,
)
from scheduler.edition.jobs import Job
from scheduler.words import Words


def job_view(job: Job, ahead: int = 0) -> JobView:
    words = job_words(job, ahead)
    rules = [RuleView.model_validate(dict(rule)) for rule in job.rules or ()]
    return JobView(
        id=job.id,
        kind=job.kind,
        edition=job.edition,
        revision=job.revision,
        state=job.state,
        ahead=ahead,
        seconds=job.seconds,
        keep=job.keep,
        asked_by=job.asked_by,
        asked_at=job.asked_at.timestamp(),
        ended_at=job.ended_at.timestamp() if job.ended_at else None,
        progress=ProgressView.model_validate(job.progress) if job.progress else None,
        outcome=job.outcome,
        answer=job.answer,
        rules=rules,
        minimal=job.minimal,
        zh=words.zh,
        en=words.en,
    )


def job_words(job: Job, ahead: int = 0) -> Words:
    if job.state == "queued" and not ahead:
        return Words("马上开始", "about to begin")
    if job.state == "queued":
        return Words(
            f"排队中，前面还有 {ahead} 个任务", f"waiting behind {ahead} other jobs"
        )
    if job.state == "running":
        return _WORK[job.kind]
    if job.state in ("failed", "interrupted"):
        why = _REASONS.get(job.reason, _REASONS["worker_died"])
        kept = _OFFER if job.answer == "offered" else Words("", "")
        return Words(why.zh + kept.zh, why.en + kept.en)
    if job.kind == "explain":
        return _explained(job)
    found = _found(job)
    why = _OFFER_WORSE if job.reason == "worse" else _OFFER_CHANGED
    then = why if job.answer == "offered" else Words("", "")
    return Words(found.zh + then.zh, found.en + then.en)


_WORK = {
    "solve": Words("正在排课", "placing lessons"),
    "explain": Words("正在查找矛盾", "looking for what contradicts"),
}
_OFFER = Words(
    "；已找到的最好结果还在，可以采用",
    "; the best timetable so far is kept and can be taken",
)
_OFFER_CHANGED = Words(
    "；求解期间草稿有改动，请决定是否采用",
    "; the draft was changed meanwhile, decide whether to take it",
)
_OFFER_WORSE = Words(
    "；草稿现在的排法更好，没有改动，要换可以采用",
    "; what the draft has is better and stays, the answer can still be taken",
)
_REASONS = {
    "out_of_memory": Words(
        "求解需要的内存超过限制，已停止；请分年级排，或换内存更大的机器",
        "the solver needed more memory than it may have; solve in parts or on a "
        "larger machine",
    ),
    "worker_died": Words(
        "求解程序意外结束，草稿没有改动；请再试一次",
        "the solver ended unexpectedly, the draft was not changed; try again",
    ),
    "restarted": Words(
        "服务器重新启动，任务中断；草稿没有改动，请再试一次",
        "the server was restarted and the job with it; the draft was not changed, "
        "try again",
    ),
    "edition_gone": Words(
        "这个版本已删除或发布，没有用求解的结果",
        "the edition is gone or published; no answer was used",
    ),
}


def _found(job: Job) -> Words:
    progress = job.progress or {}
    placed, out = progress.get("placed", 0), progress.get("unplaced", 0)
    if job.best is None and job.state == "stopped":
        return Words(
            "停止时还没有找到课表，草稿没有改动",
            "stopped before anything was found; the draft was not changed",
        )
    if not placed and not out:
        return Words("没有要排的课，请先添加课程", "no lesson to place; add courses")
    if job.outcome == "optimal" and job.keep in NEAR:
        return Words(
            f"{placed} 节全部排好，并已证明移动的课不能再少",
            f"all {placed} lessons placed; proven that no fewer can move",
        )
    if job.outcome == "optimal":
        return Words(
            f"{placed} 节全部排好；已证明：保留的课不动时没有代价更小的课表",
            f"all {placed} lessons placed; proven optimal with what was kept",
        )
    if job.outcome == "impossible":
        return Words(
            f"已证明无法全部排上：排好 {placed} 节，剩 {out} 节；"
            "点“为什么排不下？”看矛盾",
            f"proven impossible as a whole: {placed} placed, {out} left; ask why it "
            "does not fit",
        )
    if out:
        return Words(
            f"排好 {placed} 节，还有 {out} 节没有排上；再给些时间或移开一些课",
            f"{placed} placed, {out} left; give it more time or move some lessons",
        )
    return Words(
        f"{placed} 节全部排好；时间更长也许还能更好",
        f"all {placed} lessons placed; with more time it may get better",
    )


def _explained(job: Job) -> Words:
    if job.state == "stopped":
        return Words("已停止，没有结论", "stopped without a conclusion")
    if not job.rules:
        return Words(
            "没有找到矛盾：可能没有，也可能时间不够",
            "no contradiction found: there may be none, or the time was too short",
        )
    count = len(job.rules)
    return Words(
        f"这 {count} 条规则不能同时满足，请放宽其中一条",
        f"these {count} rules cannot all hold; relax one of them",
    )

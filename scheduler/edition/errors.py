"""What can stand against a change of an edition, in sentences."""

from common.errors import ConflictError
from scheduler.edition.values import Edition

_STATE_ZH = {"published": "已发布", "past": "历史"}


def edition_changed(edition: Edition) -> ConflictError:
    return ConflictError(
        "edition_changed",
        zh="这个版本刚被别人改过，请刷新后再改",
        en="somebody else changed this edition; reload and try again",
        more={"revision": edition.revision},
    )


def not_a_draft(edition: Edition) -> ConflictError:
    return ConflictError(
        "edition_not_draft",
        zh=f"“{edition.name}”是{_STATE_ZH[edition.state]}版本，不能再改；"
        "请复制成草稿再改",
        en=f"{edition.name} is {edition.state} and stays as it is; copy it to a draft",
    )


def job_running() -> ConflictError:
    return ConflictError(
        "job_running",
        zh="这个版本有任务在进行，请等它结束或先停止它",
        en="a job of this edition is running; wait for it or stop it",
    )

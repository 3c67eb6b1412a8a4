"""Which services there are, imported only when one is wanted.

A command such as `tongke scheduler` must not pay for loading the media engine.
"""

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import cast

from tongke.house import ServiceFactory

_CLASSES = {
    "sfu": ("sfu.app", "SfuService"),
    "scheduler": ("scheduler.app", "SchedulerService"),
    "recorder": ("recorder.app", "RecorderService"),
    "monitoring": ("monitoring.app", "MonitoringService"),
}
NAMES = tuple(_CLASSES)


def factories(names: Iterable[str] = NAMES) -> Mapping[str, ServiceFactory]:
    return {name: _load(name) for name in names}


def _load(name: str) -> ServiceFactory:
    module, attribute = _CLASSES[name]
    return cast(ServiceFactory, getattr(import_module(module), attribute))

"""Which services there are, imported only when one is wanted.

A command such as `tongke scheduler` must not pay for loading the media engine.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from importlib import import_module
from typing import cast

from common.bus import Bus
from common.clock import Clock
from common.config import Config
from common.metrics import Registry
from tongke.house import Service, ServiceFactory

_CLASSES = {
    "sfu": ("sfu.app", "SfuService"),
    "scheduler": ("scheduler.app", "SchedulerService"),
    "recorder": ("recorder.app", "RecorderService"),
    "monitoring": ("monitoring.app", "MonitoringService"),
}
NAMES = tuple(_CLASSES)


def factories(names: Iterable[str] = NAMES) -> Mapping[str, ServiceFactory]:
    return {name: partial(_make, name) for name in names}


def _make(
    name: str, config: Config, bus: Bus, clock: Clock, registry: Registry
) -> Service:
    """Imports only here: a house that is refused its data directory says so at once,
    before the seconds that the media engine and the database take to load."""
    module, attribute = _CLASSES[name]
    factory = cast(ServiceFactory, getattr(import_module(module), attribute))
    return factory(config, bus, clock, registry)

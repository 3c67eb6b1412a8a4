"""Microphones through ALSA.

The libasound inside the PyAV wheel looks for its configuration and plug-ins in a
folder of the machine it was built on, so every open fails until it is pointed at a
file of ours (`asound.conf` beside this file) and at the distribution's plug-ins.
"""

import os
import sysconfig
from pathlib import Path

from classroom_agent.devices.av_input import AvAudioSource, AvInput

_OUR_CONFIG = Path(__file__).with_name("asound.conf")


class AlsaMicrophone(AvAudioSource):
    """`device`: an ALSA name such as `plughw:1,0`. `config`: a file that replaces
    ours, process-wide from the first open on."""

    def __init__(self, device: str, config: Path | None = None) -> None:
        self._config = config or _OUR_CONFIG
        super().__init__(
            AvInput(
                device,
                "alsa",
                {"sample_rate": "48000", "channels": "1"},
                label_zh="麦克风",
                label_en="the microphone",
            )
        )

    def open(self) -> None:
        os.environ["ALSA_CONFIG_PATH"] = str(self._config)
        triplet = sysconfig.get_config_var("MULTIARCH") or "x86_64-linux-gnu"
        os.environ.setdefault("ALSA_PLUGIN_DIR", f"/usr/lib/{triplet}/alsa-lib")
        super().open()

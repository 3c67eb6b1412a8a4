"""IP cameras: RTSP over TCP, because UDP loses packets on school switches."""

from urllib.parse import urlsplit, urlunsplit

from classroom_agent.devices.av_input import AvInput, AvVideoSource


class RtspCamera(AvVideoSource):
    """Reconnecting is the capture thread's job: any loss is a DeviceLost here."""

    def __init__(self, url: str, timeout_s: float = 5.0) -> None:
        super().__init__(
            AvInput(
                url,
                "rtsp",
                {
                    "rtsp_transport": "tcp",
                    "allowed_media_types": "video",
                    "timeout": str(int(timeout_s * 1e6)),
                    "fflags": "nobuffer",
                    "flags": "low_delay",
                    "analyzeduration": "1000000",
                },
                label_zh="网络摄像机",
                label_en="the IP camera",
                shown=without_password(url),
                timeout_s=timeout_s,
            )
        )


def without_password(url: str) -> str:
    """For logs and screens: `rtsp://admin:***@10.0.0.9/1`."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{host}"))

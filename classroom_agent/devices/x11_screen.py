"""The teacher's or the room's desktop: an X11 display or a part of it."""

from classroom_agent.devices.av_input import AvInput, AvVideoSource


class X11Screen(AvVideoSource):
    def __init__(
        self, display: str, width: int, height: int, fps: int, x: int = 0, y: int = 0
    ) -> None:
        super().__init__(
            AvInput(
                f"{display}+{x},{y}",
                "x11grab",
                {
                    "video_size": f"{width}x{height}",
                    "framerate": str(fps),
                    "draw_mouse": "1",
                },
                label_zh="屏幕",
                label_en="the screen",
            )
        )

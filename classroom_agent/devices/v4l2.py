"""USB cameras and HDMI capture sticks: Video4Linux2."""

from classroom_agent.devices.av_input import AvInput, AvVideoSource


class V4l2Camera(AvVideoSource):
    """`input_format`: `mjpeg` is what most USB cameras need for 720p and more."""

    def __init__(
        self, device: str, width: int, height: int, fps: int, input_format: str
    ) -> None:
        options = {
            "video_size": f"{width}x{height}",
            "framerate": str(fps),
            # Kernel stamps are monotonic; FFmpeg turns them into wall clock.
            "timestamps": "abs",
        }
        if input_format:
            options["input_format"] = input_format
        super().__init__(
            AvInput(
                device,
                "v4l2",
                options,
                label_zh="摄像头",
                label_en="the camera",
            )
        )

"""FFmpeg's WHIP muxer as a publisher: `python -m tests.flow.whip_publisher URL TOKEN
DIRECTORY`, until its input is closed.

A process of its own: the muxer connects with the interpreter's lock held. It brings
its own P-256 certificate, because the curve that its TLS library picks is refused.
"""

import datetime
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

FPS = 25


def certificate(directory: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "whip")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = directory / "whip.crt", directory / "whip.key"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    return cert_file, key_file


def _wait_for_end_of_input(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def main(url: str, token: str, directory: Path) -> None:
    cert_file, key_file = certificate(directory)
    options = {
        "authorization": token,
        "cert_file": str(cert_file),
        "key_file": str(key_file),
    }
    output = av.open(url, "w", format="whip", options=options)
    video = output.add_stream("libx264", rate=FPS)
    video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
    video.options = {
        "profile": "baseline",
        "preset": "ultrafast",
        "tune": "zerolatency",
        "g": str(FPS),
        "bf": "0",
    }
    audio = output.add_stream("libopus", rate=48_000, layout="stereo")
    stop = threading.Event()
    threading.Thread(target=_wait_for_end_of_input, args=(stop,), daemon=True).start()
    started = time.monotonic()
    for index in range(10_000):
        if stop.is_set():
            break
        picture = np.full((180, 320, 3), index % 256, dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = index, Fraction(1, FPS)
        for packet in video.encode(frame):
            output.mux(packet)
        samples = np.zeros((1, 2 * 1920), dtype=np.int16)
        sound = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
        sound.sample_rate, sound.pts = 48_000, index * 1920
        for packet in audio.encode(sound):
            output.mux(packet)
        time.sleep(max(0.0, started + (index + 1) / FPS - time.monotonic()))
    output.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))

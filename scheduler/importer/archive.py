"""ZIP files from outside, opened with suspicion. Pure: nothing is written to disk.

Every refusal happens before a part is unpacked, by what the directory says, and while
unpacking, by what really comes out; a directory may lie.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from scheduler.importer.fault import Fault
from scheduler.importer.texts import BadFileError

MAX_PARTS = 2_000
MAX_BYTES = 200_000_000
MAX_RATIO = 200
"""Unpacked to packed, for archives of more than `_RATIO_FROM` bytes. Repetitive sheets
of real schools reach 40 (measured on 10 000 equal rows)."""
_RATIO_FROM = 20_000_000
_CHUNK = 1 << 16
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1


def is_zip(data: bytes) -> bool:
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def bad(file: str, zh: str, en: str, value: str = "") -> BadFileError:
    return BadFileError(Fault(file=file, value=value, zh=zh, en=en))


@dataclass
class Archive:
    """The parts of a checked ZIP by name; names differ in more than case."""

    file: str
    parts: dict[str, zipfile.ZipInfo]
    _zip: zipfile.ZipFile
    _left: int = MAX_BYTES

    def __contains__(self, name: str) -> bool:
        return name.lower() in self.parts

    def names(self) -> list[str]:
        return [readable_name(info) for info in self.parts.values()]

    def chunks(self, name: str) -> Iterator[bytes]:
        """The unpacked part, piece by piece. Raises BadFileError."""
        info = self.parts.get(name.lower())
        if info is None:
            raise damaged(self.file, f"no part {name}")
        try:
            with self._zip.open(info) as stream:
                while chunk := stream.read(_CHUNK):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise _too_large(self.file)
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as e:
            raise damaged(self.file, str(e)) from e

    def read(self, name: str) -> bytes:
        """Raises BadFileError."""
        return b"".join(self.chunks(name))


def open_archive(file: str, data: bytes) -> Archive:
    """Raises BadFileError naming what is wrong with the file."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise damaged(file, str(error)) from error
    if len(infos) > MAX_PARTS:
        raise bad(
            file,
            f"压缩包里有 {len(infos)} 个文件，最多 {MAX_PARTS} 个；请只打包表格",
            f"{len(infos)} entries in the archive, at most {MAX_PARTS}",
        )
    for info in infos:
        _check_entry(file, info)
    unpacked = sum(info.file_size for info in infos)
    if unpacked > MAX_BYTES:
        raise _too_large(file)
    if unpacked > max(_RATIO_FROM, MAX_RATIO * len(data)):
        raise bad(
            file,
            f"压缩比异常（展开后是原来的 {unpacked // len(data)} 倍），疑似压缩炸弹，"
            "没有打开；请用 Excel 或 WPS 重新保存",
            f"suspicious: unpacks to {unpacked // len(data)} times its size, was not "
            "opened; save it again in Excel",
        )
    parts = {readable_name(info).lower(): info for info in infos}
    if len(parts) != len(infos):
        raise damaged(file, "two entries of one name")
    return Archive(file, parts, archive)


def readable_name(info: zipfile.ZipInfo) -> str:
    """Names that Windows packed without saying so are GB18030, not code page 437."""
    if info.flag_bits & _UTF8_NAME or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename


def _check_entry(file: str, info: zipfile.ZipInfo) -> None:
    name = readable_name(info)
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        raise bad(
            file,
            "压缩包里有指向别处的路径，没有打开；请重新打包",
            "an entry points outside of the archive, was not opened",
            name[:80],
        )
    if info.flag_bits & _ENCRYPTED:
        raise password(file)
    if info.compress_type not in _METHODS:
        raise bad(
            file,
            "压缩方式不受支持；请用 Excel 或 WPS 重新保存为 .xlsx",
            "unsupported compression; save it again as .xlsx",
            name[:80],
        )


def resolve(part: str, target: str) -> str:
    """A relationship's target as a part name (ECMA-376 part 2 §6.2)."""
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


def password(file: str) -> BadFileError:
    return bad(
        file,
        "文件有打开密码；请在 Excel 或 WPS 里去掉密码后再导入",
        "the file is protected by a password; remove it first",
    )


def damaged(file: str, detail: str) -> BadFileError:
    return bad(
        file,
        "文件损坏或没有传完；请重新保存后再导入",
        f"the file is damaged ({detail[:80]}); save it again",
    )


def _too_large(file: str) -> BadFileError:
    most = MAX_BYTES // 1_000_000
    return bad(
        file,
        f"展开后超过 {most} MB，没有打开；请分成几个文件",
        f"unpacks to more than {most} MB, was not opened; split it",
    )

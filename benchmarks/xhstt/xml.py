"""XML from outside, parsed once: what is missing or unknown is a named `ParseError`."""

from collections.abc import Iterator, Mapping
from typing import TypeVar
from xml.etree.ElementTree import Element
from xml.etree.ElementTree import ParseError as SyntaxFault

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from common.errors import ParseError

T = TypeVar("T")
MAX_BYTES = 64 * 1024 * 1024
"""The largest public archive, all 25 instances in one file, is below 50 MB."""


def wrong(en: str, zh: str) -> ParseError:
    return ParseError("bad_xhstt", zh=zh, en=en)


def parse(data: bytes) -> Element:
    """Raises ParseError: too large, not XML, or with a DTD (entities, bombs)."""
    if len(data) > MAX_BYTES:
        raise wrong(
            f"file is larger than {MAX_BYTES} bytes", "文件太大，请拆分后再读取"
        )
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise ParseError(
            "hostile_xml",
            zh="文件含有 DTD 或实体声明，已拒绝读取；请删除后重试",
            en="file declares a DTD or entities and was refused; remove them",
        ) from error
    except SyntaxFault as error:
        raise wrong(
            f"not well-formed XML: {error}", f"不是完好的 XML：{error}"
        ) from error
    return root


def at(element: Element) -> str:
    return f"<{element.tag} {element.get('Id') or element.get('Reference') or ''}>"


def child(element: Element, tag: str) -> Element:
    found = element.find(tag)
    if found is None:
        raise wrong(f"{at(element)} has no <{tag}>", f"{at(element)} 缺少 <{tag}>")
    return found


def children(element: Element, path: str) -> Iterator[Element]:
    """The elements at `path`, none if a part of it is absent."""
    return iter(element.findall(path))


def attribute(element: Element, name: str) -> str:
    value = element.get(name)
    if not value:
        raise wrong(f"{at(element)} has no {name}", f"{at(element)} 缺少属性 {name}")
    return value


def text(element: Element, tag: str) -> str:
    return (child(element, tag).text or "").strip()


def number(element: Element, tag: str, default: int | None = None) -> int:
    """Raises ParseError unless a whole number from 0 to a million."""
    if default is not None and element.find(tag) is None:
        return default
    written = text(element, tag)
    if not (written.isascii() and written.isdigit() and len(written) <= 7):
        raise wrong(
            f"{at(element)}: <{tag}> is not a whole number: {written[:40]!r}",
            f"{at(element)}：<{tag}> 不是整数：{written[:40]!r}",
        )
    return int(written)


def flag(element: Element, tag: str) -> bool:
    written = text(element, tag).lower()
    if written not in ("true", "false"):
        raise wrong(
            f"{at(element)}: <{tag}> is neither true nor false",
            f"{at(element)}：<{tag}> 应为 true 或 false",
        )
    return written == "true"


def pick(known: Mapping[str, T], element: Element) -> T:
    """What `element` refers to."""
    reference = attribute(element, "Reference")
    if reference not in known:
        raise wrong(
            f"{at(element)} refers to nothing in this instance",
            f"{at(element)} 所引用的对象不存在",
        )
    return known[reference]

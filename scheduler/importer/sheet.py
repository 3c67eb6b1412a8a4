"""A sheet as it is understood: the headings that mean each field of a kind of row."""

from dataclasses import dataclass

from scheduler.catalogue.kinds import Kind
from scheduler.importer.fields import Reader, read_text


@dataclass(frozen=True)
class Column:
    """`field` of the value; `zh` are the Chinese headings that mean it, best first;
    `key` the heading in English where it is not the field's name."""

    field: str
    zh: tuple[str, ...]
    read: Reader = read_text
    key: str = ""

    def is_called(self, heading: str) -> bool:
        plain = heading.strip().lower()
        return plain in (self.key or self.field, *self.zh)


@dataclass(frozen=True)
class Sheet:
    kind: Kind
    columns: tuple[Column, ...]

    def heading(self, field: str) -> str:
        """What a template calls the field."""
        return next((c.zh[0] for c in self.columns if c.field == field), field)

    @property
    def required(self) -> list[Column]:
        fields = self.kind.value.model_fields
        return [c for c in self.columns if fields[c.field].is_required()]

    def column(self, heading: str) -> Column | None:
        return next((c for c in self.columns if c.is_called(heading)), None)

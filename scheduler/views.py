"""What the models of the HTTP interfaces have in common."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """What comes in; a field nobody knows is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sentence(BaseModel):
    zh: str
    en: str

"""The installation: its random name and the namespace of its identifiers, both fixed at the first start."""

import uuid
from dataclasses import dataclass

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import Base
from trace.errors import NotFoundError


class Instance(Base):
    """The single row that names this installation."""

    __tablename__ = "instance"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(36))
    id_url: Mapped[str] = mapped_column(String(200))


@dataclass(frozen=True)
class Namespace:
    """Makes our own identifiers below `ID_URL` (`design.md`, Identity)."""

    id_url: str

    def lot(self, party: str, code: str) -> str:
        """Return the identifier of a lot without a GS1 key."""
        return f"{self.id_url}/id/lot/{party}/{code}"

    def plot(self, code: str) -> str:
        """Return the identifier of a plot."""
        return f"{self.id_url}/id/plot/{code}"

    def party(self, code: str) -> str:
        """Return the identifier of a party."""
        return f"{self.id_url}/id/party/{code}"

    def record(self, kind: str, code: str) -> str:
        """Return the identifier of a business record: a certificate, a run, a shipment."""
        return f"{self.id_url}/id/{kind}/{code}"

    def word(self, scheme: str, code: str) -> str:
        """Return the identifier of a word that the EPCIS vocabulary lacks."""
        return f"{self.id_url}/voc/{scheme}-{code}"

    @property
    def outside(self) -> str:
        """Return what stands for every supplier who is no party here."""
        return self.word("party", "outside")

    @property
    def vocabulary(self) -> str:
        """Return what the prefix `chasu:` stands for in our event documents."""
        return f"{self.id_url}/voc/"


def found_instance(session: Session, id_url: str) -> Instance:
    """Return the installation's row, writing it at the very first start; `id_url` counts only then."""
    row: Instance | None = session.get(Instance, 1)
    if row is None:
        row = Instance(id=1, name=str(uuid.uuid4()), id_url=id_url.rstrip("/"))
        session.add(row)
        session.flush()
    return row


def get_instance(session: Session) -> Instance:
    """Return the installation's row. Raises `NotFoundError` before the first start."""
    row: Instance | None = session.scalar(select(Instance))
    if row is None:
        raise NotFoundError(what="instance")
    return row


def get_namespace(session: Session) -> Namespace:
    """Return the maker of our identifiers; a session asks once, since they never change."""
    if "namespace" not in session.info:
        session.info["namespace"] = Namespace(get_instance(session).id_url)
    names: Namespace = session.info["namespace"]
    return names


def lock_instance(session: Session) -> None:
    """Make whoever else asks for this lock wait until this transaction ends; nothing else waits for it."""
    session.execute(select(Instance.id).with_for_update())

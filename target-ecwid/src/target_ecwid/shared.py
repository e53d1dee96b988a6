"""What the sinks of a run have in common, as a sink sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ecwid_api.client import Client
    from ecwid_api.entity import Entity
    from target_ecwid.journal import Journal
    from target_ecwid.matching import Matcher
    from target_ecwid.outcomes import Ledger
    from target_ecwid.publisher import Publisher
    from target_ecwid.references import References
    from target_ecwid.settling import Item
    from target_ecwid.stream_settings import Job
    from target_ecwid.uploads import Upload


class Waiting(Protocol):
    """A sink whose records may wait for those of others."""

    job: Job

    def again(self, items: Sequence[Item]) -> None:
        """Take records in that have waited."""
        ...

    def drain(self) -> None:
        """Publish what there is."""
        ...


class Shared(Protocol):
    """What a run's sinks share.

    Attributes:
        client: The store's.
        publisher: Sends requests.
        journal: What must be known after a crash.
        ledger: Outcomes on disk.
        references: Keys that objects got.
        public_config: The settings without secrets.
        batch_size: How many records go together.
        dry_run: Whether nothing is written.
        skips_invalid: Whether the run goes on after a record that breaks its schema.
        tracks_versions: Whether it has to be known which objects the input had.
    """

    client: Client
    publisher: Publisher
    journal: Journal
    ledger: Ledger
    references: References
    public_config: Mapping[str, Any]
    batch_size: int
    dry_run: bool
    skips_invalid: bool
    tracks_versions: bool

    @property
    def check_interrupted(self) -> Callable[[], None]:
        """Raises if the run is to end."""
        ...

    def matcher(self, entity: Entity) -> Matcher:
        """Finds the objects of an entity; all streams of the entity share it."""
        ...

    def publishes(self, entity: str) -> bool:
        """Whether a stream of this run has had to do with an entity."""
        ...

    def wait(self, sink: Waiting, item: Item) -> bool:
        """Let a record wait for what it refers to; False if too many do already."""
        ...

    def has_uploaded(self, upload: Upload) -> bool:
        """Whether a file need not go again."""
        ...

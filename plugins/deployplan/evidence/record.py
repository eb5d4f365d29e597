"""Where is what a run left behind, and which runs are there?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deployplan.clock import Clock
from deployplan.evidence import folder as files
from deployplan.evidence.active import ActiveRuns
from deployplan.evidence.archive import Tombstones
from deployplan.evidence.ends import Ends
from deployplan.evidence.entry import Bond
from deployplan.evidence.error import RecordError
from deployplan.evidence.event import Event
from deployplan.evidence.folder import Folder, open_folder
from deployplan.evidence.ledger import Ledger
from deployplan.evidence.naming import quote_name, unquote_name
from deployplan.evidence.segment import salvage, segments
from deployplan.evidence.verification import Verification, verify
from deployplan.evidence.waiting import WaitingRuns

RUNS, APART, PEOPLE, REHEARSALS = "runs", "apart", "people", "rehearsals"


class RunRecord:
    """What one run left behind: its folder, and the ledger in it."""

    def __init__(
        self, root: str | Folder, plan: str, run_id: str, *, key: bytes | None = None, clock: Clock | None = None
    ) -> None:
        """Use the record of run `run_id` of `plan` in the store at `root`; it need not exist yet."""
        self.folder: Folder = open_folder(root) / RUNS / quote_name(plan) / quote_name(run_id)
        self.plan = plan
        self.run_id = run_id
        self._key = key
        self._clock = clock

    @classmethod
    def at(cls, folder: Folder, *, key: bytes | None = None, clock: Clock | None = None) -> RunRecord:
        """Return the record in `folder`: of the run that its place in a store names, elsewhere of what it says."""
        plan, run_id = unquote_name(folder.parent.name) or "?", unquote_name(folder.name)
        if folder.parent.parent.name != RUNS and folder.parent.name != PEOPLE:
            for entry in salvage(folder)[:1]:
                told = entry.bond or Bond(str(entry.facts.get("plan", plan)), str(entry.facts.get("run", run_id)))
                plan, run_id = told.plan, told.run
        if folder.parent.name == PEOPLE:
            plan, run_id = run_id, ""
        record = cls(folder, plan or PEOPLE, run_id or "?", key=key, clock=clock)
        record.folder, record.plan, record.run_id = folder, plan, run_id
        return record

    def ledger(self, *, key: bytes | None = None, clock: Clock | None = None) -> Ledger:
        """Return the run's ledger, ready to be appended to; key and clock default to the record's own."""
        return self._ledger(self.folder, key, clock)

    def apart(self, *, key: bytes | None = None, clock: Clock | None = None) -> Ledger:
        """Return the ledger of what came when the run was over: it decides nothing, and no seal is behind it."""
        return self._ledger(self.folder / APART, key, clock)

    def note(self, event: Event) -> None:
        """Record what decides nothing: in the run's ledger, or apart when that is sealed. Raises as the ledger does."""
        if self.ledger().keep_unless_sealed(event) is None:
            self.apart().keep(event)

    def _ledger(self, folder: Folder, key: bytes | None, clock: Clock | None) -> Ledger:
        known: dict[str, Any] = {"key": key or self._key, "clock": clock or self._clock}
        return Ledger(folder, **known, plan=self.plan, run_id=self.run_id)

    def verify(self, *, key: bytes | None = None, expected_head: str | None = None) -> Verification:
        """Check the run's ledger, and that it is this run's and not a copy of another one's."""
        bond = Bond(self.plan, self.run_id)
        return verify(self.folder, key or self._key, expected_head=expected_head, bond=bond)

    @property
    def name(self) -> str:
        """Return what people call it: `plan/run id`; `people/plan` when it is of no run."""
        return f"{self.plan}/{self.run_id}" if self.run_id else f"{PEOPLE}/{self.plan}"

    def __repr__(self) -> str:
        return f"RunRecord({self.plan!r}, {self.run_id!r}, folder={str(self.folder)!r})"


class Records:
    """The record store: snapshots, runs, and which run of a plan is under way.

    Its root is a local folder or any fsspec URL::

        active/<plan>.json               the run under way and its digest
        waiting/<plan>.json              the run that waits for its window, or has started in it
        snapshots/<plan>/<digest>.json   the merged plan that was approved
        runs/<plan>/<run id>/            the run's ledger, one segment an entry; one for all when it is over
        ends/<time>-<product>-<run>.json how a run ended, and with which entry; older ones together in few files
        archived/<plan>/<run id>.json    where a run was archived to
        people/<plan>/                   the ledger of what people did to a plan of which no run was under way
        rehearsals/<plan>/<id>/          the ledger of a rehearsal; it is no run of the plan
    """

    def __init__(self, root: str | Folder, *, key: bytes | None = None, clock: Clock | None = None) -> None:
        """Use the store at `root`, which need not exist yet; `key` signs and checks the ledgers."""
        self.root = open_folder(root)
        self._key = key
        self._clock = clock
        self._active = ActiveRuns(self.root / "active")
        self.waiting = WaitingRuns(self.root / "waiting")
        self.ends = Ends(self.root / "ends", key)
        self.tombstones = Tombstones(self.root / "archived")

    def run(self, plan: str, run_id: str) -> RunRecord:
        """Return the record of a run, whether or not it has one yet."""
        return RunRecord(self.root, plan, run_id, key=self._key, clock=self._clock)

    def holds(self, record: RunRecord) -> bool:
        """Whether this is the record in its place in this store, and not a copy elsewhere."""
        return bool(record.run_id) and str(record.folder) == str(self.run(record.plan, record.run_id).folder)

    def runs(self, plan: str | None = None) -> tuple[RunRecord, ...]:
        """Return every run that left a record, by plan and run id; of one plan when it is given."""
        root = self.root / RUNS
        plans = _folders(root) if plan is None else [quote_name(plan)]
        found = [(unquote_name(name), unquote_name(run)) for name in plans for run in _folders(root / name)]
        return tuple(self.run(name, run) for name, run in sorted(found))

    def find(self, text: str) -> RunRecord:
        """Return the run that `text` means: a run id, `plan/run id`, a plan with one run, or a folder with a ledger.

        Besides, `people/plan` is what people did to a plan while none of its runs was under way.
        RecordError when there is no such run or more than one; it lists what there is.
        """
        if (folder := _ledger_folder(text)) is not None:
            return RunRecord.at(folder, key=self._key, clock=self._clock)
        runs = self.runs()
        found = [run for run in runs if text in (run.run_id, f"{run.plan}/{run.run_id}")]
        found = found or [run for run in runs if text == run.plan]
        if len(found) == 1:
            return found[0]
        if found:
            raise RecordError(f"{text!r} means {len(found)} runs: {_listed(found)}")
        if text in (people := [f"{PEOPLE}/{plan}" for plan in self.plans_with_people()]):
            folder = self.people(text.removeprefix(f"{PEOPLE}/")).folder
            return RunRecord.at(folder, key=self._key, clock=self._clock)
        listed = "runs are " + _listed(runs) if runs else "no runs yet"
        besides = f"; besides there is {f'{PEOPLE}/{text}'}" if f"{PEOPLE}/{text}" in people else ""
        raise RecordError(f"no run {text!r} in {self.root}; {listed}{besides}")

    def people(self, plan: str) -> Ledger:
        """Return the ledger of what people did to a plan while none of its runs was under way; it decides nothing."""
        return Ledger(self.root / PEOPLE / quote_name(plan), key=self._key, clock=self._clock, plan=plan)

    def plans_with_people(self) -> tuple[str, ...]:
        """Return the plans of which there is such a ledger."""
        return tuple(sorted(map(unquote_name, _folders(self.root / PEOPLE))))

    def rehearsal(self, plan: str, name: str) -> Ledger:
        """Return the ledger of one rehearsal of a plan, whether or not it has one yet."""
        folder = self.root / REHEARSALS / quote_name(plan) / quote_name(name)
        return Ledger(folder, key=self._key, clock=self._clock, plan=plan, run_id=name)

    def rehearsals(self, plan: str) -> tuple[Ledger, ...]:
        """Return the ledgers of all rehearsals of a plan, by name."""
        names = _folders(self.root / REHEARSALS / quote_name(plan))
        return tuple(self.rehearsal(plan, unquote_name(name)) for name in sorted(names))

    def save_snapshot(self, plan: str, digest: str, text: str) -> None:
        """Keep the merged plan that has this digest; saving it again is fine."""
        folder, name = self._snapshots(plan), f"{quote_name(digest)}.json"
        content = text.encode()
        try:
            files.create(folder, name, content)
        except FileExistsError:
            # Same digest, other bytes: what the digest does not cover (controls, freezes) has moved on.
            if files.read_file(folder, name) != content:
                files.replace(folder, name, content)

    def snapshot(self, plan: str, digest: str) -> str:
        """Return a snapshot's text; RecordError when there is none."""
        folder = self._snapshots(plan)
        try:
            return files.read_file(folder, f"{quote_name(digest)}.json").decode()
        except (FileNotFoundError, NotADirectoryError):
            kept = [name.removesuffix(".json") for name in _folders(folder)]
            known = f"digests are {', '.join(kept)}" if kept else "the plan has none"
            raise RecordError(f"no snapshot of plan {plan!r} with digest {digest}; {known}") from None

    def first_index(self, environment: str, product: str) -> bytes:
        """Return the index of a product's ends that the first format kept; FileNotFoundError when there is none."""
        return files.read_file(self.root / "history" / quote_name(environment), f"{quote_name(product)}.json")

    def open_run(self, plan: str, run_id: str, digest: str) -> None:
        """Note that this run is under way; AlreadyActive when another one is.

        The same run again is fine, also with a new digest: it is then reviewed anew.
        """
        self._active.open(plan, run_id, digest)

    def close_run(self, plan: str, run_id: str) -> None:
        """Note that this run is over; nothing happens when another one, or none, is under way."""
        self._active.close(plan, run_id)
        self.waiting.remove(plan, run_id)

    def active(self, plan: str) -> tuple[str, str] | None:
        """Return run id and digest of the plan's run under way, if any; costs one small read."""
        run = self._active.of(plan)
        return None if run is None else (run.run_id, run.digest)

    def active_plans(self) -> dict[str, tuple[str, str]]:
        """Return run id and digest by plan for the runs under way; costs a listing and a small read for each."""
        return {plan: (run.run_id, run.digest) for plan, run in self._active.all().items()}

    def _snapshots(self, plan: str) -> Folder:
        return self.root / "snapshots" / quote_name(plan)


def _folders(folder: Folder) -> list[str]:
    return [name for name in files.list_names(folder) if not name.startswith(".")]


def _ledger_folder(text: str) -> Folder | None:
    """Return the folder `text` names when a ledger lies in it; a run's record may be read anywhere it was copied to."""
    if "/" not in text and not Path(text).is_dir():
        return None
    folder = open_folder(text)
    folder = folder.resolve() if isinstance(folder, Path) else folder
    return folder if segments(folder) else None


def _listed(runs: tuple[RunRecord, ...] | list[RunRecord], most: int = 10) -> str:
    shown = ", ".join(f"{run.plan}/{run.run_id}" for run in runs[-most:])
    return f"{shown} and {len(runs) - most} earlier ones" if len(runs) > most else shown

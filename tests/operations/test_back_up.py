"""A backup is one whole state of the installation, whatever happens while it is made, and a restore brings it back."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geostead.backups.folder import BackupFolder
from geostead.errors import BackupDamaged, InvalidParameter, SnapshotDamaged, Unavailable
from geostead.model.job import DownloadOrder, Job, JobStatus, LoadOperation
from geostead.model.limits import PROFILES
from geostead.operations import back_up as module
from geostead.operations.back_up import BackupReport, back_up
from geostead.operations.check_files import check_files
from geostead.operations.create_account import create_account
from geostead.operations.delete_account import delete_account
from geostead.operations.expire import expire
from geostead.operations.restore import restore
from geostead.operations.services import Services
from geostead.operations.start_download import start_download
from geostead.wiring.installation import scratch_catalog
from tests.installations import Installation, new_services
from tests.interleaving import meanwhile
from tests.uploads import pipe_upload

MOMENTS = [
    *((step, 0, after) for step in ("needed_files", "copy_to") for after in (False, True)),
    ("needed_files", 1, True),
]
"""A step of the catalog, which call of it, and whether something happens after that call or before."""


def flip_last_byte(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


DAMAGES: dict[str, Callable[[Path], None]] = {"flip": flip_last_byte, "truncate": truncate, "delete": Path.unlink}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "backup"


@pytest.fixture
def new(tmp_path: Path, installation: Installation) -> Iterator[Installation]:
    """An installation without accounts, in a folder of its own; its key is the one of the other."""
    (tmp_path / "new").mkdir()
    services = new_services(tmp_path / "new", installation.clock)
    services.catalog.migrate()
    yield Installation(services, installation.clock, installation.key)
    services.catalog.close()


def backed_up(installation: Installation, folder: Path) -> BackupReport:
    return back_up(installation.services, BackupFolder(folder), scratch_catalog, ignore)


def restored(new: Installation, folder: Path) -> None:
    restore(new.services, BackupFolder(folder), ignore)


def ignore(_done: int, _total: int) -> None:
    """Show no progress."""


def download(installation: Installation, name: str) -> Job:
    """Order a download of the published version; it is pending."""
    versions = installation.versions(name)
    assert versions.published is not None
    return start_download(
        installation.services, installation.key, versions.data_source.access_id, name, versions.published.job_id
    )


def is_clean(services: Services) -> bool:
    return check_files(services, ignore).faults == ()


def test_a_restored_installation_is_the_one_that_was_backed_up(
    installation: Installation, new: Installation, folder: Path
) -> None:
    for count in (1, 2, 3):
        installation.load("Places", pipe_upload(count))
    installation.load("Places", pipe_upload(4), LoadOperation.COMPLETE_STAGING)
    failing = installation.load("Others", pipe_upload(5, bad_rows=2))
    written = download(installation, "Places")
    installation.run_all()
    backed_up(installation, folder)

    restored(new, folder)

    places = new.versions("Places")
    assert places == installation.versions("Places")
    assert [len(new.ids_of(version)) for version in places.every] == [3, 4, 2, 1]
    assert new.log_of(failing) == installation.log_of(failing)
    output = new.job(written.id).output
    assert output is not None
    with new.services.blobs.open(output) as ours, installation.services.blobs.open(output) as theirs:
        assert ours.read() == theirs.read()
    assert is_clean(new.services)
    assert new.left_behind() == set()


def test_jobs_that_were_pending_run_after_a_restore_those_that_were_running_too(
    installation: Installation, new: Installation, folder: Path
) -> None:
    installation.load("Places", pipe_upload(1))
    ordered = download(installation, "Places")
    accepted = [installation.accept_load("Places", pipe_upload(count)) for count in (2, 3)]
    installation.services.catalog.claim("a worker that lives on", 3600.0)
    backed_up(installation, folder)

    restored(new, folder)
    new.run_all()

    assert {new.job(job.id).status for job in [ordered, *accepted]} == {JobStatus.COMPLETED}
    assert len(new.entity_ids(accepted[-1])) == 3
    assert isinstance(ordered.order, DownloadOrder)


def test_only_new_files_are_copied_into_an_earlier_backup_and_old_ones_go(
    installation: Installation, new: Installation, folder: Path
) -> None:
    for count in range(1, 5):
        installation.load("Places", pipe_upload(count, bad_rows=1))
    first = backed_up(installation, folder)
    installation.load("Places", pipe_upload(5))

    second = backed_up(installation, folder)

    assert (first.copied, second.copied) == (8, 1)
    assert len(first.contents.snapshots - second.contents.snapshots) == 1
    assert {path.name for path in (folder / "snapshots").iterdir()} == second.contents.snapshots
    assert len(list(folder.glob("catalog-*"))) == 1
    restored(new, folder)
    assert [len(new.ids_of(version)) for version in new.versions("Places").every] == [5, 4, 3, 2]


def test_a_backup_that_is_up_to_date_copies_nothing_but_the_catalog(installation: Installation, folder: Path) -> None:
    installation.load("Places", pipe_upload(1, bad_rows=1))
    first = backed_up(installation, folder)
    second = backed_up(installation, folder)
    assert second.copied == 0
    assert second.contents.blobs == first.contents.blobs != {}


def test_what_somebody_deleted_from_a_backup_is_copied_again(
    installation: Installation, new: Installation, folder: Path
) -> None:
    job = installation.load("Places", pipe_upload(1, bad_rows=1))
    backed_up(installation, folder)
    shutil.rmtree(folder / "blobs")
    shutil.rmtree(folder / "snapshots")

    report = backed_up(installation, folder)
    assert (report.copied, report.mended) == (2, 2)
    restored(new, folder)
    assert is_clean(new.services)
    assert len(new.entity_ids(job)) == 1


class TestWhatHappensMeanwhile:
    """Loads are accepted and end, versions are dropped, while the backup takes its steps."""

    @pytest.mark.parametrize("moment", MOMENTS, ids=str)
    def test_every_version_of_a_restored_data_source_is_whole(
        self,
        installation: Installation,
        new: Installation,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        moment: tuple[str, int, bool],
    ) -> None:
        step, number, after = moment
        installation.load("Places", pipe_upload(1))
        installation.accept_load("Places", pipe_upload(2))

        def replace_everything() -> None:
            installation.run_all()
            for count in range(3, 8):
                installation.load("Places", pipe_upload(count))
            expire(installation.services)
            installation.accept_load("Places", pipe_upload(9))

        interrupt(installation, monkeypatch, step, [number], replace_everything, after=after)
        backed_up(installation, folder)
        restored(new, folder)

        assert is_clean(new.services)
        published = new.versions("Places").published
        assert len(new.ids_of(published)) in (1, 7)
        new.run_all()
        assert len(new.ids_of(new.versions("Places").published)) in (2, 9)

    def test_an_upload_that_goes_while_the_catalog_is_copied_is_saved_with_the_first_copy(
        self, installation: Installation, new: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        accepted: list[Job] = []
        listed = interrupt(
            installation,
            monkeypatch,
            "needed_files",
            [1],  # the passes over the files are done
            lambda: accepted.append(installation.accept_load("Places", pipe_upload(2))),
        )
        copied = interrupt(installation, monkeypatch, "copy_to", [0], installation.run_all, after=True)
        backed_up(installation, folder)

        assert (copied.calls, listed.calls) == (1, 2)
        restored(new, folder)
        new.run_all()
        assert len(new.entity_ids(accepted[0])) == 2

    def test_data_sources_that_never_hold_still_end_the_backup_and_leave_the_earlier_one(
        self, installation: Installation, new: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        installation.load("Places", pipe_upload(1))
        backed_up(installation, folder)
        monkeypatch.setattr(module, "MAX_TAKES", 3)
        accept_and_run = {
            False: lambda: installation.accept_load("Places", pipe_upload(2)),
            True: installation.run_all,
        }
        for after, happens in accept_and_run.items():
            interrupt(installation, monkeypatch, "copy_to", range(99), happens, after=after)

        with pytest.raises(Unavailable, match="faster than they can be copied; gave up after 3"):
            backed_up(installation, folder)

        restored(new, folder)
        assert len(new.ids_of(new.versions("Places").published)) == 1

    def test_a_backup_that_is_broken_off_leaves_the_earlier_one_and_the_next_goes_on_with_what_it_copied(
        self, installation: Installation, new: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        installation.load("Places", pipe_upload(1))
        backed_up(installation, folder)
        installation.load("Places", pipe_upload(2))

        with monkeypatch.context() as patch:
            interrupt(installation, patch, "copy_to", [0], break_off)
            with pytest.raises(KeyboardInterrupt):
                backed_up(installation, folder)

        assert backed_up(installation, folder).copied == 0
        restored(new, folder)
        assert len(new.ids_of(new.versions("Places").published)) == 2


def break_off() -> None:
    raise KeyboardInterrupt


class Interrupted:
    """Counts the calls of a step of the catalog."""

    calls = 0


def interrupt(
    installation: Installation,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    at: range | list[int],
    happens: Callable[[], object],
    *,
    after: bool = False,
) -> Interrupted:
    """Let something happen right before or after the calls of a catalog's method with these numbers."""
    catalog = installation.services.catalog
    original, seen = getattr(catalog, step), Interrupted()

    def interrupted(*arguments: object) -> object:
        number, seen.calls = seen.calls, seen.calls + 1
        if number in at and not after:
            happens()
        result = original(*arguments)
        if number in at and after:
            happens()
        return result

    monkeypatch.setattr(catalog, step, interrupted)
    return seen


class TestFaultsOfTheInstallation:
    """A backup is as good as it can be, and says what it lacks."""

    def test_what_is_damaged_is_left_out_and_named(
        self, installation: Installation, new: Installation, folder: Path, tmp_path: Path
    ) -> None:
        whole, damaged = (installation.load(name, pipe_upload(3)) for name in ("Whole", "Damaged"))
        version = installation.versions("Damaged").published
        assert version is not None
        flip_last_byte(tmp_path / "snapshots" / version.snapshot_id / "entities.arrow")

        report = backed_up(installation, folder)

        assert report.contents.missing == (version.snapshot_id,)
        restored(new, folder)
        assert len(new.entity_ids(whole)) == 3
        (fault,) = check_files(new.services, ignore).faults
        assert (fault.file.data_source_name, fault.file.job_id) == ("Damaged", damaged.id)

    def test_what_the_earlier_backup_has_stays_whole_when_it_is_damaged_later(
        self, installation: Installation, new: Installation, folder: Path, tmp_path: Path
    ) -> None:
        job = installation.load("Places", pipe_upload(3))
        backed_up(installation, folder)
        (entities,) = tmp_path.glob("snapshots/*/entities.arrow")
        flip_last_byte(entities)

        assert backed_up(installation, folder).contents.missing == ()
        restored(new, folder)
        assert len(new.entity_ids(job)) == 3


class TestRefusals:
    """Nothing is written where it does not belong."""

    def test_a_folder_of_something_else_is_refused_and_stays_as_it_is(
        self, installation: Installation, tmp_path: Path
    ) -> None:
        installation.load("Places", pipe_upload(1))
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(InvalidParameter, match="a new or empty folder, or one with an earlier backup"):
            backed_up(installation, tmp_path)
        assert sorted(tmp_path.rglob("*")) == before

    def test_an_installation_without_accounts_is_no_backup(self, new: Installation, folder: Path) -> None:
        with pytest.raises(InvalidParameter, match="without accounts"):
            backed_up(new, folder)

    def test_the_backup_of_another_installation_is_not_replaced(
        self, installation: Installation, new: Installation, folder: Path
    ) -> None:
        backed_up(installation, folder)
        create_account(new.services, "owner", PROFILES["basic"])
        with pytest.raises(InvalidParameter, match="another installation"):
            backed_up(new, folder)
        delete_account(new.services, "owner")
        restored(new, folder)
        assert [account.name for account in new.services.catalog.list_accounts()] == ["owner"]
        assert backed_up(new, folder).copied == 0

    def test_two_backups_do_not_share_a_folder_at_once(self, installation: Installation, folder: Path) -> None:
        with BackupFolder(folder).writing(), pytest.raises(Unavailable, match="another backup or restore"):
            backed_up(installation, folder)

    def test_a_backup_is_not_changed_while_it_is_restored(self, installation: Installation, folder: Path) -> None:
        backed_up(installation, folder)
        with BackupFolder(folder).reading(), pytest.raises(Unavailable, match="another backup or restore"):
            backed_up(installation, folder)

    def test_an_installation_with_an_account_takes_no_backup_in(self, installation: Installation, folder: Path) -> None:
        backed_up(installation, folder)
        with pytest.raises(InvalidParameter, match="data folder: found 'one with the account owner'"):
            restored(installation, folder)

    def test_a_folder_without_a_whole_backup_cannot_be_restored(self, new: Installation, folder: Path) -> None:
        with pytest.raises(InvalidParameter, match="a folder that 'geostead backup' has completed"):
            restored(new, folder)
        with BackupFolder(folder).writing():
            pass
        with pytest.raises(InvalidParameter, match="a folder that 'geostead backup' has completed"):
            restored(new, folder)


class TestADamagedBackup:
    """It is found out, nothing is restored by halves, and a mended one can be restored into the same folder."""

    @pytest.mark.parametrize("file", ["catalog-*", "blobs/logs/*", "snapshots/*/entities.arrow", "backup.json"])
    @pytest.mark.parametrize("damage", DAMAGES)
    def test_is_not_restored(
        self, installation: Installation, new: Installation, folder: Path, file: str, damage: str
    ) -> None:
        job = installation.load("Places", pipe_upload(3, bad_rows=1))
        backed_up(installation, folder)
        (path,) = folder.glob(file)
        whole = path.read_bytes()
        DAMAGES[damage](path)

        with pytest.raises((BackupDamaged, SnapshotDamaged, InvalidParameter), match=re.escape(str(folder)[:60])):
            restored(new, folder)
        assert new.services.catalog.list_accounts() == []

        path.write_bytes(whole)
        restored(new, folder)
        assert len(new.entity_ids(job)) == 3
        assert is_clean(new.services)

    @pytest.mark.parametrize(
        "file", ["blobs/logs/*", "snapshots/*/entities.arrow", "snapshots/*/fragments.bin", "snapshots/*/manifest.json"]
    )
    @pytest.mark.parametrize("damage", DAMAGES)
    def test_is_mended_by_the_next_backup_which_says_so(
        self, installation: Installation, new: Installation, folder: Path, file: str, damage: str
    ) -> None:
        job = installation.load("Places", pipe_upload(3, bad_rows=1))
        backed_up(installation, folder)
        installation.load("Others", pipe_upload(1))
        (path,) = folder.glob(file)
        DAMAGES[damage](path)

        report = backed_up(installation, folder)

        assert (report.copied, report.mended, report.contents.missing) == (2, 1, ())
        assert backed_up(installation, folder).copied == 0
        restored(new, folder)
        assert len(new.entity_ids(job)) == 3
        assert is_clean(new.services)

    @pytest.mark.parametrize("file", ["blobs/logs/*", "snapshots/*/entities.arrow"])
    def test_that_cannot_be_mended_lacks_what_is_damaged_here_and_there_and_says_so(
        self, installation: Installation, new: Installation, folder: Path, tmp_path: Path, file: str
    ) -> None:
        whole = installation.load("Whole", pipe_upload(3))
        before = set(tmp_path.glob(file))
        installation.load("Damaged", pipe_upload(3, bad_rows=1))
        (path,) = set(tmp_path.glob(file)) - before
        backed_up(installation, folder)
        flip_last_byte(folder / path.relative_to(tmp_path))
        path.unlink()

        report = backed_up(installation, folder)

        assert (report.copied, len(report.contents.missing)) == (0, 1)
        restored(new, folder)
        assert len(new.entity_ids(whole)) == 3

    def test_what_a_backup_that_was_broken_off_left_damaged_is_copied_again(
        self, installation: Installation, new: Installation, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = installation.load("Places", pipe_upload(3))
        with monkeypatch.context() as patch:
            interrupt(installation, patch, "copy_to", [0], break_off)
            with pytest.raises(KeyboardInterrupt):
                backed_up(installation, folder)
        (path,) = folder.glob("snapshots/*/entities.arrow")
        flip_last_byte(path)

        assert backed_up(installation, folder).copied == 1
        restored(new, folder)
        assert len(new.entity_ids(job)) == 3


STEPS_OF_CHORES = (
    "catalog.forget_old",
    "blobs.unused",
    "snapshots.ids",
    "catalog.list_accounts",
    "catalog.used_blobs",
    "catalog.used_snapshots",
)


class TestBesideAServer:
    """A server that runs in the new folder does its chores at any moment of the restore, and takes nothing away."""

    @pytest.mark.parametrize("step", ["copy_from", "list_accounts"])
    def test_chores_that_begin_and_end_during_the_restore(
        self,
        installation: Installation,
        new: Installation,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        step: str,
    ) -> None:
        job = installation.load("Places", pipe_upload(3, bad_rows=1))
        backed_up(installation, folder)
        interrupt(new, monkeypatch, step, [0], lambda: expire(new.services))
        restored(new, folder)
        assert is_clean(new.services)
        assert len(new.entity_ids(job)) == 3

    @pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
    @pytest.mark.parametrize("step", STEPS_OF_CHORES)
    def test_a_restore_that_ends_during_the_chores(
        self,
        installation: Installation,
        new: Installation,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        step: str,
        after: bool,
    ) -> None:
        job = installation.load("Places", pipe_upload(3, bad_rows=1))
        backed_up(installation, folder)
        with monkeypatch.context() as patch:
            interrupt(new, patch, "copy_from", [0], break_off)
            with pytest.raises(KeyboardInterrupt):
                restored(new, folder)
        with monkeypatch.context() as patch:
            meanwhile(new.services, patch, step, lambda: restored(new, folder), after=after)
            expire(new.services)
        if not new.services.catalog.list_accounts():  # this step was not taken
            restored(new, folder)

        assert is_clean(new.services)
        assert len(new.entity_ids(job)) == 3

    def test_what_the_restore_is_writing_stays(self, new: Installation, tmp_path: Path) -> None:
        unfinished = tmp_path / "new" / "snapshots" / "a-1.unfinished"
        unfinished.mkdir(parents=True)
        expire(new.services)
        assert unfinished.is_dir()


def test_a_restore_that_was_killed_while_it_copied_can_be_run_again(
    installation: Installation, new: Installation, folder: Path, tmp_path: Path
) -> None:
    job = installation.load("Places", pipe_upload(3))
    backed_up(installation, folder)
    (snapshot,) = (folder / "snapshots").iterdir()
    unfinished = tmp_path / "new" / "snapshots" / f"{snapshot.name}.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "entities.arrow").write_bytes(b"half")
    restored(new, folder)
    assert len(new.entity_ids(job)) == 3
    assert not unfinished.exists()


def test_progress_counts_every_file_once(installation: Installation, folder: Path) -> None:
    for name in ("A", "B"):
        installation.load(name, pipe_upload(1, bad_rows=1))
    seen: list[tuple[int, int]] = []
    back_up(
        installation.services, BackupFolder(folder), scratch_catalog, lambda done, total: seen.append((done, total))
    )
    assert seen[-1] == (4, 4)
    assert seen == sorted(seen)

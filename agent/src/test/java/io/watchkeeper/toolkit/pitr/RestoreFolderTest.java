package io.watchkeeper.toolkit.pitr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.OtherProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in a restore's folder, however the restore ends. */
class RestoreFolderTest {

    @TempDir
    private Path home;

    private Path folder;

    @BeforeEach
    void hold() throws IOException {
        folder = Files.createDirectories(home.resolve("data"));
        Files.writeString(folder.resolve("PG_VERSION"), "old");
        Files.writeString(Files.createDirectory(folder.resolve("base")).resolve("1"), "old");
    }

    private void bringNew() throws IOException {
        Files.writeString(folder.resolve("PG_VERSION"), "new");
        Files.writeString(folder.resolve("extra"), "new");
    }

    private void assertOld() {
        assertThat(folder).isDirectoryNotContaining("glob:**/extra");
        assertThat(folder.resolve("PG_VERSION")).hasContent("old");
        assertThat(folder.resolve("base/1")).hasContent("old");
        assertThat(folder).isDirectoryNotContaining("glob:**/watchkeeper.*");
    }

    @Test
    void whatWasThereIsBackAfterAFailure() throws IOException {
        RestoreFolder restore = RestoreFolder.take(folder, "test");
        restore.setAside();
        bringNew();
        restore.putBack();
        restore.release();

        assertOld();
    }

    @Test
    void whatWasThereStaysWhenNothingWasBegun() throws IOException {
        RestoreFolder restore = RestoreFolder.take(folder, "test");
        restore.putBack();
        restore.release();

        assertOld();
    }

    @Test
    void whatIsWholeReplacesWhatWasThere() throws IOException {
        RestoreFolder restore = RestoreFolder.take(folder, "test");
        restore.setAside();
        bringNew();
        finish(restore);
        restore.release();

        assertThat(folder)
                .isDirectoryContaining("glob:**/extra")
                .isDirectoryNotContaining("glob:**/{base,watchkeeper.*}");
    }

    @Test
    void whatADeadRestoreHadSetAsideComesBackToo() throws IOException {
        Files.writeString(folder.resolve(RestoreFolder.MARKER), "");
        Path replaced = Files.createDirectory(folder.resolve(RestoreFolder.REPLACED));
        Files.move(folder.resolve("PG_VERSION"), replaced.resolve("PG_VERSION"));
        Files.move(folder.resolve("base"), replaced.resolve("base"));
        bringNew();

        RestoreFolder again = RestoreFolder.take(folder, "test");
        RestoreFolder.dropHalves(List.of(again));
        again.setAside();
        bringNew();
        again.putBack();
        again.release();

        assertOld();
    }

    @Test
    void whatADeadRestoreWasMovingIsStillOneWhole() throws IOException {
        Files.writeString(folder.resolve(RestoreFolder.MARKER), "");
        Path moving = Files.createDirectory(folder.resolve(RestoreFolder.MOVING));
        Files.move(folder.resolve("base"), moving.resolve("base"));

        RestoreFolder again = RestoreFolder.take(folder, "test");
        RestoreFolder.dropHalves(List.of(again));
        again.setAside();
        bringNew();
        again.putBack();
        again.release();

        assertOld();
    }

    @Test
    void halfARestoreIsNotKept() throws IOException {
        Files.writeString(folder.resolve(RestoreFolder.MARKER), "");

        RestoreFolder again = RestoreFolder.take(folder, "test");
        RestoreFolder.dropHalves(List.of(again));
        again.setAside();
        again.putBack();
        again.release();

        assertThat(folder).isEmptyDirectory();
    }

    /** The mark and the way to undo it are there; the process died before anything was moved. */
    @Test
    void whatWasOnlyMarkedIsStillWhole() throws IOException {
        RestoreFolder.take(folder, "test");
        folder = leftOf(folder);

        fail(RestoreFolder.take(folder, "test"));

        assertOld();
    }

    /** As tablespaces are while the directory's old cluster is set aside. */
    @Test
    void tablespacesThatWereOnlyMarkedAreStillWhole() throws IOException {
        Path tablespaces = Files.createDirectory(home.resolve("tablespaces"));
        Files.writeString(Files.createDirectory(tablespaces.resolve("16400")).resolve("1"), "old");
        RestoreFolder first = RestoreFolder.take(folder, "test");
        RestoreFolder.take(tablespaces, "test");
        first.setAside();
        folder = leftOf(folder);
        tablespaces = leftOf(tablespaces);

        fail(RestoreFolder.take(folder, "test"), RestoreFolder.take(tablespaces, "test"));

        assertOld();
        assertThat(tablespaces.resolve("16400/1")).hasContent("old");
        assertThat(tablespaces).isDirectoryNotContaining("glob:**/watchkeeper.*");
    }

    @Test
    void anotherRestoreIsToldThatItIsHeldAndLeavesNothing() throws IOException {
        RestoreFolder restore = RestoreFolder.take(folder, "test");
        assertThatThrownBy(() -> RestoreFolder.take(folder, "another"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("another restore");
        fail(restore);

        assertOld();
    }

    /** It died while it removed the old cluster: the new one is whole, and what is left of the old one is nothing. */
    @Test
    void whatIsBeingRemovedNeverComesBack() throws IOException {
        RestoreFolder restore = RestoreFolder.take(folder, "test");
        restore.setAside();
        bringNew();
        restore.retire();
        folder = leftOf(folder);
        Files.delete(folder.resolve(RestoreFolder.GONE).resolve("PG_VERSION"));

        fail(RestoreFolder.take(folder, "test"));

        assertThat(folder.resolve("PG_VERSION")).hasContent("new");
        assertThat(folder.resolve("extra")).hasContent("new");
        assertThat(folder).isDirectoryNotContaining("glob:**/{base,watchkeeper.*}");
    }

    @Test
    void whatCannotBeRemovedDoesNotUndoTheRestore() throws IOException {
        RestoreFolder restore = RestoreFolder.take(folder, "test");
        restore.setAside();
        bringNew();
        restore.retire();
        restore.end();
        restore.putBack();
        restore.release();

        assertThat(folder.resolve("PG_VERSION")).hasContent("new");
        assertThat(folder.resolve(RestoreFolder.GONE).resolve("PG_VERSION")).hasContent("old");
        assertThat(folder.resolve(RestoreFolder.MARKER)).doesNotExist();
    }

    /** The tablespaces of the directory's new cluster are its own, even when it died between the two. */
    @Test
    void theDirectoryDecidesForItsTablespaces() throws IOException {
        Path tablespaces = Files.createDirectory(home.resolve("tablespaces"));
        Files.writeString(tablespaces.resolve("1"), "old");
        RestoreFolder first = RestoreFolder.take(folder, "test");
        RestoreFolder second = RestoreFolder.take(tablespaces, "test");
        first.setAside();
        second.setAside();
        bringNew();
        Files.writeString(tablespaces.resolve("1"), "new");
        first.retire();
        folder = leftOf(folder);
        tablespaces = leftOf(tablespaces);

        fail(RestoreFolder.take(folder, "test"), RestoreFolder.take(tablespaces, "test"));

        assertThat(folder.resolve("PG_VERSION")).hasContent("new");
        assertThat(tablespaces.resolve("1")).hasContent("new");
        assertThat(tablespaces).isDirectoryNotContaining("glob:**/watchkeeper.*");
    }

    @Test
    void whatWasDecidedIsUndoneAsLongAsNothingIsRemoved() throws IOException {
        RestoreFolder restore = RestoreFolder.take(folder, "test");
        restore.setAside();
        bringNew();
        restore.retire();
        restore.putBack();
        restore.release();

        assertOld();
    }

    /** Where there is no room for both: what is left of the old one when it died is no cluster. */
    @Test
    void whatWasBeingEmptiedDoesNotComeBack() throws IOException {
        Path held = Files.createDirectory(folder.resolve("held"));
        Files.writeString(held.resolve("1"), "old");
        RestoreFolder restore = RestoreFolder.take(folder, "test");
        restore.empty();
        // As if it had died before it came to this one.
        Files.writeString(Files.createDirectory(held).resolve("1"), "old");
        folder = leftOf(folder);

        fail(RestoreFolder.take(folder, "test"));

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void rightsAreBackToo() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x--x"));
        RestoreFolder restore = RestoreFolder.take(folder, "test");
        restore.setAside();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        restore.putBack();
        restore.release();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwxr-x--x");
    }

    /** What a process that dies at this moment leaves. */
    private Path leftOf(Path original) throws IOException {
        Path left = home.resolve("left").resolve(original.getFileName());
        try (Stream<Path> all = Files.walk(original)) {
            for (Path one : all.toList()) {
                Path there = left.resolve(original.relativize(one));
                Files.createDirectories(there.getParent());
                Files.copy(one, there);
            }
        }
        return left;
    }

    private static void finish(RestoreFolder restore) throws IOException {
        restore.sync();
        restore.retire();
        restore.end();
        restore.removeRetired();
    }

    private static void fail(RestoreFolder... folders) throws IOException {
        RestoreFolder.dropHalves(List.of(folders));
        for (RestoreFolder one : folders) {
            one.setAside();
        }
        for (RestoreFolder one : folders) {
            one.putBack();
            one.release();
        }
    }

    @Test
    void itIsLockedUntilItIsReleased() throws IOException {
        RestoreFolder restore = RestoreFolder.take(folder, "test");
        restore.setAside();
        bringNew();
        finish(restore);

        assertThat(seenByAnother()).isEqualTo("locked");
        restore.release();
        assertThat(seenByAnother()).isEqualTo("free");
    }

    private String seenByAnother() {
        try (OtherProcess other = OtherProcess.start(
                Looker.class, folder.resolve(RestoreFolder.MARKER).toString())) {
            return other.readLine();
        }
    }

    /** In another process. */
    public static final class Looker {

        private Looker() {}

        public static void main(String[] arguments) throws IOException {
            boolean locked = LockFile.holder(Path.of(arguments[0])).isPresent();
            OtherProcess.readyUntilEndOfInput(locked ? "locked" : "free");
        }
    }
}

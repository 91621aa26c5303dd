package io.watchkeeper.toolkit.pitr;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.testing.OtherProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        restore.finish();
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
        again.setAside();
        again.putBack();
        again.release();

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void itIsLockedUntilItIsReleased() throws IOException {
        RestoreFolder restore = RestoreFolder.take(folder, "test");
        restore.setAside();
        bringNew();
        restore.finish();

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

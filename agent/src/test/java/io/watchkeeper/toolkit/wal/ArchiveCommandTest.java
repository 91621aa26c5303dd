package io.watchkeeper.toolkit.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The server archives its log itself. */
class ArchiveCommandTest {

    @Test
    void setsTheCommandOnceSeesItWorkSaysWhenItFailsAndPutsBackWhatWasThere() throws Exception {
        try (WalFleet fleet = new WalFleet(Map.of("archive_mode", "on"))) {
            Path folder = forTheServer(fleet);
            WalArchivePlan plan = plan(false);
            assertThat(fleet.archiver(null).describe(plan))
                    .extracting(action -> action.sql())
                    .anySatisfy(sql -> assertThat(sql)
                            .startsWith("ALTER SYSTEM SET archive_command = ")
                            .contains("archive-wal --compress gzip " + folder + " %p %f"));
            assertThat(fleet.ask("show archive_command")).isEmpty();

            WalArchiveResult first = fleet.archiver(null).archive(plan);
            assertThat(first.problem()).isEmpty();
            assertThat(first.notes()).contains("archive_command was set");
            String segment = fleet.fillSegment();
            WalFleet.soon().until(() -> fleet.isArchived(segment));
            WalArchiveResult again = fleet.archiver(null).archive(plan);
            assertThat(again.notes()).isEmpty();
            assertThat(again.receiving()).isTrue();
            assertThat(again.recoverableTo()).isNotNull();
            assertThat(again.missing()).isEmpty();

            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
            fleet.fillSegment();
            WalFleet.soon()
                    .until(() -> fleet.archiver(null).archive(plan).problem().isPresent());
            assertThat(fleet.archiver(null).archive(plan).problem().orElseThrow())
                    .hasMessageContaining("cannot archive 0000000")
                    .hasMessageContaining("16 MB of log wait")
                    .extracting(OperatorException::hint)
                    .asString()
                    .contains("must be able to write " + folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));

            fleet.archiver(null).end(plan);
            assertThat(fleet.ask("show archive_command")).isEmpty();
            assertThat(fleet.archiver(null).end(plan).notes()).isEmpty();
        }
    }

    @Test
    void leavesTheCommandOfSomebodyElseAlone() throws Exception {
        try (WalFleet fleet = new WalFleet(Map.of("archive_mode", "on", "archive_command", "'true'"))) {
            forTheServer(fleet);
            assertThatThrownBy(() -> fleet.archiver(null).archive(plan(false)))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("has an archive_command already: true");
            assertThat(fleet.archiver(null).archive(plan(true)).problem()).isEmpty();
            assertThat(fleet.ask("show archive_command")).contains("archive-wal");
            fleet.archiver(null).end(plan(true));
            assertThat(fleet.ask("show archive_command")).isEqualTo("true");
        }
    }

    @Test
    void saysWhatItNeedsWhereArchiveModeIsOffOrTheRoleMayNot() throws Exception {
        try (WalFleet fleet = WalFleet.create()) {
            assertThatThrownBy(() -> fleet.archiver(null).archive(plan(false)))
                    .isInstanceOfSatisfying(OperatorException.class, e -> {
                        assertThat(e).hasMessageContaining("archive_mode of 'shore' is off");
                        assertThat(e.hint())
                                .contains("ALTER SYSTEM SET archive_mode = on")
                                .contains("restart");
                    });
        }
    }

    private static WalArchivePlan plan(boolean replace) {
        WalArchivePlan usual = WalFleet.plan();
        return new WalArchivePlan(
                WalArchivePlan.Method.COMMAND,
                usual.slot(),
                usual.form(),
                usual.maxRetained(),
                null,
                usual.minFree(),
                usual.patience(),
                replace,
                null);
    }

    /** The server runs as a user of its own, which must get at the archive. */
    private static Path forTheServer(WalFleet fleet) throws Exception {
        Files.createDirectories(fleet.archive.folder());
        WalReceiverTest.run("chown", "-R", Files.getOwner(fleet.shore.data()).getName(), fleet.home.toString());
        return fleet.archive.folder();
    }
}

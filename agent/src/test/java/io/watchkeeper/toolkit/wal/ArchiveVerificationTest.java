package io.watchkeeper.toolkit.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.BackupVerifier;
import io.watchkeeper.toolkit.backup.BaseBackup;
import io.watchkeeper.toolkit.backup.BaseBackupFormat;
import io.watchkeeper.toolkit.backup.BaseBackupPlan;
import io.watchkeeper.toolkit.backup.IntegrityPlan;
import io.watchkeeper.toolkit.backup.IntegrityResult;
import io.watchkeeper.units.Bytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What receivers and base backups really write is sound, and no byte of it can change unnoticed. */
class ArchiveVerificationTest {

    @Test
    @Tag("campaign")
    void findsAnyByteThatFlippedInARealArchiveAndBackup() throws Exception {
        try (WalFleet fleet = WalFleet.create()) {
            BackupSettings settings = new BackupSettings(
                    fleet.home.resolve("repository"), null, fleet.home, null, "shore-1", Clock.systemUTC());
            fleet.archiveWell();
            new BaseBackup(fleet.database(), settings, Work.unattended("test"))
                    .run(BaseBackupPlan.USUAL.withFastCheckpoint(true).withFormat(BaseBackupFormat.TAR));
            String last = "";
            for (int i = 0; i < 3; i++) {
                last = fleet.fillSegment();
            }
            String newest = last;
            WalFleet.soon().until(() -> fleet.isArchived(newest));
            assertThat(verify(settings).failure()).isEmpty();

            List<Path> files = archived(fleet);
            assertThat(files).hasSizeGreaterThan(5);
            Random random = new Random(7);
            for (Path file : files) {
                byte[] whole = Files.readAllBytes(file);
                byte[] flipped = whole.clone();
                int at = random.nextInt(whole.length);
                flipped[at] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, flipped);
                assertThat(verify(settings).isSound())
                        .as("byte %d of %s", at, file)
                        .isFalse();
                Files.write(file, whole);
            }
            assertThat(verify(settings).failure()).isEmpty();
        }
    }

    private static IntegrityResult verify(BackupSettings settings) {
        return new BackupVerifier(settings.catalogue("shore"), Clock.systemUTC(), Work.unattended("test"))
                .verify(new IntegrityPlan(Bytes.gigabytes(1), null, null));
    }

    /** Segments and what is beside them; without the receiver's own notes and locks. */
    private static List<Path> archived(WalFleet fleet) throws Exception {
        try (Stream<Path> files = Files.list(fleet.archive.folder())) {
            return files.filter(file -> file.getFileName().toString().matches("[0-9A-F]{24}.*"))
                    .toList();
        }
    }
}

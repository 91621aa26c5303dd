package io.watchkeeper.toolkit.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.testing.FlakyLink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What takes long: a link that forgets its connections without a word, and many faults in no order. */
@Tag("campaign")
class WalCampaignTest {

    private static final int FAULTS = 25;

    @Test
    void noticesALinkThatForgotTheConnectionAndTakesTheSlotBack() throws Exception {
        try (WalFleet fleet = WalFleet.create();
                FlakyLink link = FlakyLink.to(fleet.shore)) {
            fleet.restartAgent(link.settings("shore", "postgres"));
            fleet.archiveWell();
            link.lose();
            String during = fleet.fillSegment();
            Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> fleet.isArchived(during));
            WalArchiveResult result = fleet.archiveWell();
            assertThat(result.gaps()).isEmpty();
            assertThat(result.starts()).isGreaterThan(1);
        }
    }

    /** Receiver, server and agent die at random while rows are written; then the primary is lost, and every row comes back. */
    @Test
    void losesNothingThroughFaultsInNoOrder() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (WalFleet fleet = WalFleet.create()) {
            String owner = Files.getOwner(fleet.shore.data()).getName();
            fleet.execute("create table t (n int)");
            Path base = Files.createDirectories(fleet.home.resolve("base"));
            WalProgramsTest.run("chown", owner, fleet.home.toString(), base.toString());
            fleet.archiveWell();
            WalProgramsTest.asOwner(
                    owner,
                    "pg_basebackup",
                    "--pgdata=" + base,
                    "--checkpoint=fast",
                    "--wal-method=none",
                    "--no-sync",
                    "--dbname=host=127.0.0.1 user=postgres port=" + fleet.shore.port());
            int rows = 0;
            for (int i = 0; i < FAULTS; i++) {
                int more = 1 + random.nextInt(5_000);
                fleet.execute("insert into t select generate_series(1, " + more + ")");
                rows += more;
                if (random.nextBoolean()) {
                    fleet.fillSegment();
                }
                switch (random.nextInt(4)) {
                    case 0 -> fleet.receiver().ifPresent(ProcessHandle::destroyForcibly);
                    case 1 -> {
                        fleet.shore.crash();
                        fleet.shore.start();
                    }
                    case 2 -> {
                        fleet.restartAgent(null);
                        fleet.archiver(null).archive(WalFleet.plan(Duration.ofMillis(random.nextInt(500))));
                    }
                    default -> fleet.execute("checkpoint");
                }
            }
            WalFleet.soon().until(() -> fleet.archive().problem().isEmpty());
            WalArchiveResult result = fleet.archiveWell();
            assertThat(result.gaps()).as("seed %d", seed).isEmpty();
            assertThat(result.missing()).as("seed %d", seed).isEmpty();

            fleet.shore.crash();
            fleet.restartAgent(null);
            WalProgramsTest.run("chown", "-R", owner, fleet.home.toString());
            assertThat(WalProgramsTest.recover(fleet.archive.folder(), owner, base, fleet.home.resolve("restored")))
                    .as("seed %d", seed)
                    .isEqualTo(Integer.toString(rows));
        }
    }
}

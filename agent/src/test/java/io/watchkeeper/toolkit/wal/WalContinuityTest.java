package io.watchkeeper.toolkit.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is missing in an archive, found by names alone. */
class WalContinuityTest {

    private static final long SIZE = WalSegment.USUAL_SIZE;

    @TempDir
    Path folder;

    private WalArchive archive;

    WalContinuityTest() {
        archive = new WalArchive(Path.of("/nowhere"));
    }

    @BeforeEach
    void makeArchive() throws IOException {
        archive = new WalArchive(folder);
        Files.createDirectories(archive.incoming());
    }

    @Test
    void archiveWithoutAnythingReachesNothing() {
        WalChain chain = from(1, 5);
        assertThat(chain.isWhole()).isFalse();
        assertThat(chain.missing()).containsExactly("000000010000000000000005");
        assertThat(chain.newest()).isNull();
        assertThat(chain.end()).isEqualTo(start(5));
    }

    @Test
    void whatIsBeingReceivedCountsAsTheEndOnly() throws IOException {
        segments(1, 5, 7);
        incoming("000000010000000000000008.partial");
        WalChain chain = from(1, 5);
        assertThat(chain.isWhole()).isTrue();
        assertThat(chain.newest()).isEqualTo("000000010000000000000008");
        assertThat(chain.end()).isEqualTo(start(8));

        segments(1, 9, 9);
        assertThat(from(1, 5).missing()).containsExactly("000000010000000000000008");
    }

    @Test
    void placeholderOfTheReceiverIsNoSegment() throws IOException {
        segments(1, 5, 5);
        incoming("000000010000000000000006");
        incoming("000000010000000000000006.start");
        assertThat(from(1, 5).newest()).isEqualTo("000000010000000000000005");
    }

    @Test
    void eachSegmentThatIsTakenAwayIsFound() throws IOException {
        segments(1, 3, 60);
        Random random = new Random(7);
        for (int i = 0; i < 20; i++) {
            int taken = 3 + random.nextInt(57);
            Path file = file(1, taken);
            Files.delete(file);
            WalChain chain = from(1, 3);
            assertThat(chain.missing()).containsExactly(new WalSegment(1, taken, SIZE).name());
            assertThat(chain.end()).isEqualTo(start(taken));
            Files.createFile(file);
        }
        assertThat(from(1, 3).isWhole()).isTrue();
    }

    @Test
    void followsTheLatestTimelineThatComesFromTheBackups() throws IOException {
        // 1 was left for 2 in segment 6, 2 for 4 in segment 8; 3 is another branch of 1, from segment 5.
        segments(1, 3, 7);
        segments(2, 6, 9);
        segments(4, 8, 10);
        segments(3, 5, 5);
        history(2, "1\t0/6800000\tno recovery target specified");
        history(3, "1\t0/5400000\tanother branch");
        history(4, "1\t0/6800000\tno recovery target specified", "", "2\t0/8800000\tagain");

        WalChain chain = from(1, 3);
        assertThat(chain.timeline()).isEqualTo(4);
        assertThat(chain.isWhole()).isTrue();
        assertThat(chain.newest()).isEqualTo("00000004000000000000000A");

        // Of the segment in which a timeline is left, the next one's file is read.
        Files.delete(file(2, 6));
        assertThat(from(1, 3).missing()).containsExactly("000000020000000000000006");
        Files.createFile(file(2, 6));

        // A backup from after the parting stays on the old timeline.
        WalChain left = WalContinuity.of(archive, SIZE).from(1, new Lsn(7 * SIZE + 100));
        assertThat(left.timeline()).isEqualTo(1);
        assertThat(left.isWhole()).isTrue();
    }

    @Test
    void timelineWithoutItsHistoryIsMissingIt() throws IOException {
        segments(1, 3, 6);
        segments(2, 6, 7);
        assertThat(from(1, 3).missing()).contains("00000002.history");
    }

    private WalChain from(long timeline, long segment) {
        return WalContinuity.of(archive, SIZE).from(timeline, start(segment));
    }

    private static Lsn start(long segment) {
        return new Lsn(segment * SIZE);
    }

    private void segments(long timeline, long first, long last) throws IOException {
        for (long number = first; number <= last; number++) {
            Files.createFile(file(timeline, number));
        }
    }

    private Path file(long timeline, long number) {
        return folder.resolve(new WalSegment(timeline, number, SIZE).name() + ".gz");
    }

    private void incoming(String name) throws IOException {
        Files.createFile(archive.incoming().resolve(name));
    }

    private void history(long timeline, String... lines) throws IOException {
        Files.writeString(folder.resolve(TimelineHistory.fileName(timeline)), String.join("\n", lines) + "\n");
    }
}

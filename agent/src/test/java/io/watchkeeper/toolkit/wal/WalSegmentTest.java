package io.watchkeeper.toolkit.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Lsn;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalSegmentTest {

    private static final long MB = 1L << 20;

    @Test
    void isCalledAsTheServerCallsIt() {
        WalSegment last = WalSegment.at(3, lsn("1/FFFFFFFF"), 16 * MB);

        assertThat(last.name()).isEqualTo("0000000300000001000000FF");
        assertThat(last.next().name()).isEqualTo("000000030000000200000000");
        assertThat(last.end()).isEqualTo(lsn("2/0"));
        assertThat(WalSegment.parse(last.name(), 16 * MB)).contains(last);
    }

    @Test
    void knowsOtherSizes() {
        WalSegment one = WalSegment.at(1, lsn("0/5000000"), MB);

        assertThat(one.name()).isEqualTo("000000010000000000000050");
        assertThat(WalSegment.parse("0000000100000000000000FF", 64 * MB)).isEmpty();
        assertThat(WalSegment.parse("00000001000000000000003F", 64 * MB)).isPresent();
        assertThat(WalSegment.parse("00000002.history", 16 * MB)).isEmpty();
    }

    @Test
    void followsATimelinesPast() {
        TimelineHistory third = TimelineHistory.parse(
                3, "1\t0/5000000\tno recovery target specified\n\n2\t0/9000000\tbefore 2024-10-28\n");

        assertThat(third.timelineAt(lsn("0/4FFFFFF"))).isEqualTo(1);
        assertThat(third.timelineAt(lsn("0/5000000"))).isEqualTo(2);
        assertThat(third.timelineAt(lsn("0/A000000"))).isEqualTo(3);
        assertThat(third.contains(2, lsn("0/9000000"))).isTrue();
        assertThat(third.contains(2, lsn("0/9000001"))).isFalse();
        assertThat(third.contains(4, lsn("0/1"))).isFalse();
    }

    @Test
    void findsFilesHoweverTheyAreStored(@TempDir Path folder) throws Exception {
        Path incoming = Files.createDirectory(folder.resolve("incoming"));
        for (String name : new String[] {
            "000000010000000000000001.gz",
            "000000010000000000000001.gz.sha256",
            "000000010000000000000002.zst.age",
            "00000002.history",
            "000000010000000000000003.partial",
            ".000000010000000000000004.tmp"
        }) {
            Files.writeString(folder.resolve(name), "x");
        }
        Files.writeString(incoming.resolve("000000020000000000000003.partial"), "x");
        WalArchive archive = new WalArchive(folder);

        assertThat(archive.files())
                .extracting(file -> file.kind() + " " + file.name() + file.compression() + file.encrypted())
                .containsExactlyInAnyOrder(
                        "SEGMENT 000000010000000000000001.gzfalse",
                        "SEGMENT 000000010000000000000002.zsttrue",
                        "HISTORY 00000002.historyfalse",
                        "PARTIAL 000000010000000000000003false",
                        "PARTIAL 000000020000000000000003false");
        assertThat(archive.find("000000010000000000000002")).isPresent();
        assertThat(archive.find("000000010000000000000003")).isEmpty();
    }

    private static Lsn lsn(String text) {
        return Lsn.parse(text).orElseThrow();
    }
}

package io.watchkeeper.toolkit.pgbackrest;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.toolkit.wal.WalSegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class SegmentListTest {

    private static final String HASH = "-a981fada269f1535c89a8a44952e66c94ab7f617.gz";

    @Test
    void findsWhatIsMissingBetweenTwoSegments() {
        SegmentList list = list(1, 2, 3, 5, 8);

        assertThat(list.gaps(List.of()))
                .extracting(SegmentList.Gap::toString)
                .containsExactly(
                        "000000010000000000000004",
                        "000000010000000000000006 to 000000010000000000000007 (2 segments)");
        assertThat(list.newest()).hasValue(new WalSegment(1, 8, WalSegment.USUAL_SIZE));
    }

    @Test
    void takesForExpiredWhatIsMissingFromOneBackupToTheNext() {
        SegmentList list = list(1, 2, 3, 6, 7);

        assertThat(list.gaps(List.of(backup(2, 3), backup(6, 6)))).isEmpty();
        assertThat(list.gaps(List.of(backup(2, 2), backup(6, 6)))).hasSize(1);
        assertThat(list.gaps(List.of(backup(2, 3), backup(7, 7)))).hasSize(1);
    }

    @Test
    void missesWhatABackupNeeds() {
        SegmentList list = list(1, 2, 4);

        assertThat(list.missing(backup(1, 2))).isEmpty();
        assertThat(list.missing(backup(2, 4)))
                .extracting(SegmentList.Gap::count)
                .containsExactly(1L);
        assertThat(list.missing(backup(4, 6)))
                .extracting(SegmentList.Gap::toString)
                .containsExactly("000000010000000000000005 to 000000010000000000000006 (2 segments)");
    }

    @Test
    void followsTheLogIntoANewTimeline() {
        List<String> whole = List.of(name(1, 4), name(1, 5), "00000002.history", name(2, 5), name(2, 6));
        List<String> torn = List.of(name(1, 4), name(2, 6), name(2, 7));

        assertThat(SegmentList.of(whole, WalSegment.USUAL_SIZE).gaps(List.of())).isEmpty();
        assertThat(SegmentList.of(torn, WalSegment.USUAL_SIZE).gaps(List.of()))
                .extracting(SegmentList.Gap::toString)
                .containsExactly("000000020000000000000005");
    }

    @Test
    void countsNeitherPartialSegmentsNorNotes() {
        List<String> names = List.of(
                name(1, 1),
                "0000000100000000/000000010000000000000002.partial" + HASH,
                "0000000100000000/000000010000000000000002.00000028.backup",
                name(1, 3));

        assertThat(SegmentList.of(names, WalSegment.USUAL_SIZE).gaps(List.of())).hasSize(1);
    }

    private static SegmentList list(int... numbers) {
        List<String> names = new ArrayList<>();
        for (int number : numbers) {
            names.add(name(1, number));
        }
        return SegmentList.of(names, WalSegment.USUAL_SIZE);
    }

    private static String name(int timeline, int number) {
        return String.format(Locale.ROOT, "%08X00000000/%s%s", timeline, segment(timeline, number), HASH);
    }

    private static String segment(int timeline, int number) {
        return new WalSegment(timeline, number, WalSegment.USUAL_SIZE).name();
    }

    static StanzaBackup backup(int first, int last) {
        return new StanzaBackup(
                "20261121-150621F",
                StanzaBackup.Type.FULL,
                1,
                1,
                null,
                null,
                segment(1, first),
                segment(1, last),
                Instant.EPOCH,
                Instant.EPOCH,
                1,
                1,
                1,
                1,
                false,
                null,
                List.of(),
                "pgBackRest 2.45");
    }
}

package io.watchkeeper.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.measures.Sample;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasurementHistoryTest {

    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    Path state;

    @Test
    void keepsFiguresOverARestart() {
        try (RunHistory history = RunHistory.open(state, Clock.systemUTC())) {
            Measurements figures = history.measurements();
            figures.note(NOON, List.of(size("one", 1), size("two", 2)));
            figures.note(NOON.plus(DAY), List.of(size("one", 10), size("one", 11)));
        }
        try (RunHistory history = RunHistory.open(state, Clock.systemUTC())) {
            Measurements figures = history.measurements();

            assertThat(figures.series("shore", "table_bytes", "one", NOON))
                    .containsExactly(new Sample(NOON, 1), new Sample(NOON.plus(DAY), 11));
            assertThat(figures.series("ship", "table_bytes", "one", NOON)).isEmpty();
            assertThat(figures.oldest("shore", "table_bytes", NOON))
                    .isEqualTo(Map.of("one", new Sample(NOON, 1), "two", new Sample(NOON, 2)));
            assertThat(figures.oldest("shore", "table_bytes", NOON.plusSeconds(1)))
                    .isEqualTo(Map.of("one", new Sample(NOON.plus(DAY), 11)));
        }
    }

    @Test
    void tellsSinceWhenAConditionHasHeldOverARestart() {
        try (RunHistory history = RunHistory.open(state, Clock.systemUTC())) {
            assertThat(bloated(history, true, NOON)).contains(NOON);
        }
        try (RunHistory history = RunHistory.open(state, Clock.systemUTC())) {
            assertThat(bloated(history, true, NOON.plusSeconds(1800))).contains(NOON);
            assertThat(bloated(history, false, NOON.plusSeconds(3600))).isEmpty();
            assertThat(bloated(history, true, NOON.plusSeconds(5400))).contains(NOON.plusSeconds(5400));
        }
    }

    @Test
    void beginsAnewWhenNobodyToldForLong() {
        try (RunHistory history = RunHistory.open(state, Clock.systemUTC())) {
            bloated(history, true, NOON);

            assertThat(bloated(history, true, NOON.plus(DAY))).contains(NOON);
            assertThat(bloated(history, true, NOON.plus(DAY.multipliedBy(2)).plusSeconds(1)))
                    .contains(NOON.plus(DAY.multipliedBy(2)).plusSeconds(1));
        }
    }

    private static Optional<Instant> bloated(RunHistory history, boolean is, Instant now) {
        return history.measurements().holds("shore", "bloat", "public.one", is, now, DAY);
    }

    private static Measurement size(String table, double bytes) {
        return new Measurement("shore", "table_bytes", table, bytes);
    }
}

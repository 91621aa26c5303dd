package io.watchkeeper.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.measures.Sample;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasurementThinningTest {

    private static final Instant NOW = Instant.parse("2026-11-21T15:30:00Z");

    @TempDir
    Path state;

    private RunHistory history;
    private Measurements figures;

    @BeforeEach
    void open() {
        history = RunHistory.open(state, Clock.fixed(NOW, ZoneOffset.UTC));
        figures = history.measurements();
    }

    @AfterEach
    void close() {
        history.close();
    }

    @Test
    void keepsTheLastOfEachDayOfLongAgoAndAllOfTheLastWeeks() {
        List<Instant> times = new ArrayList<>();
        for (Instant at = NOW.minus(Duration.ofDays(40)); at.isBefore(NOW); at = at.plus(Duration.ofHours(6))) {
            times.add(at);
            figures.note(at, List.of(figure("one", at), figure("two", at)));
        }
        history.thinMeasurements();

        Instant whole = Instant.parse("2026-10-17T00:00:00Z");
        List<Instant> kept = kept("one");
        assertThat(kept.stream().filter(at -> at.isBefore(whole)))
                .containsExactly(
                        Instant.parse("2026-10-12T21:30:00Z"),
                        Instant.parse("2026-10-13T21:30:00Z"),
                        Instant.parse("2026-10-14T21:30:00Z"),
                        Instant.parse("2026-10-15T21:30:00Z"),
                        Instant.parse("2026-10-16T21:30:00Z"));
        assertThat(kept.stream().filter(at -> !at.isBefore(whole)).toList())
                .isEqualTo(times.stream().filter(at -> !at.isBefore(whole)).toList());
        assertThat(kept("two")).isEqualTo(kept);
    }

    @Test
    void forgetsWhatIsOlderThanThirteenMonthsAndThinsTwiceWithoutLosingMore() {
        Instant old = NOW.minus(Duration.ofDays(401));
        Instant lastYear = NOW.minus(Duration.ofDays(366));
        figures.note(old, List.of(figure("one", old)));
        figures.note(lastYear, List.of(figure("one", lastYear)));
        history.thinMeasurements();
        history.thinMeasurements();

        assertThat(kept("one")).containsExactly(lastYear);
    }

    @Test
    void figureMeasuredOnceADayIsLeftAlone() {
        Instant at = NOW.minus(Duration.ofDays(100));
        figures.note(at, List.of(figure("one", at)));
        figures.note(at.plusSeconds(60), List.of(figure("two", at)));
        history.thinMeasurements();

        assertThat(kept("one")).hasSize(1);
        assertThat(kept("two")).hasSize(1);
    }

    private List<Instant> kept(String subject) {
        return figures.series("shore", "table_bytes", subject, Instant.EPOCH).stream()
                .map(Sample::at)
                .toList();
    }

    private static Measurement figure(String subject, Instant at) {
        return new Measurement("shore", "table_bytes", subject, at.getEpochSecond());
    }
}

package io.watchkeeper.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.http.page.RateSample;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RateTrackTest {

    private static final long SECOND = 1_000_000_000L;

    private final RateTrack track = new RateTrack();

    @Test
    void sumsUpWhatIsMovedAtOnceAndForgetsWhatHasEnded() {
        track.note("a", Map.of("rowsPerSecond", 100, "bytesPerSecond", 5_000L), 0);
        track.note("b", Map.of("rowsPerSecond", 50), SECOND);
        track.ended("a", 2 * SECOND);
        assertThat(track.samples())
                .containsExactly(
                        new RateSample(0, 100, 5_000), new RateSample(1, 150, 5_000), new RateSample(2, 50, 0));
    }

    @Test
    void aRunOfDaysHasAsFewSamplesAsOneOfMinutesAndTheSameMean() {
        for (long second = 0; second < 3 * 86_400; second++) {
            track.note("a", Map.of("rowsPerSecond", second % 2 == 0 ? 100 : 300), second * SECOND);
        }
        List<RateSample> samples = track.samples();
        assertThat(samples).hasSizeBetween(RateTrack.MOST / 2, RateTrack.MOST);
        assertThat(samples.get(samples.size() - 1).second()).isGreaterThan(3 * 86_400 - 8_192);
        assertThat(samples).isSortedAccordingTo(java.util.Comparator.comparing(RateSample::second));
    }

    @Test
    void nothingMovedIsNothingKnown() {
        track.idle();
        track.ended("a", SECOND);
        assertThat(track.samples()).isEmpty();
    }
}

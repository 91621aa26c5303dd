package io.watchkeeper.http;

import io.watchkeeper.http.page.RateSample;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How fast a run has moved rows, from its beginning on, in a bounded number of samples: the longer it runs, the further they are apart. */
final class RateTrack {

    static final int MOST = 120;

    private record Rate(double rows, double bytes) {}

    private final Map<String, Rate> now = new HashMap<>();
    private final List<RateSample> samples = new ArrayList<>();
    private double apart = 1;
    private long beganAt = Long.MIN_VALUE;
    private double last = Double.NEGATIVE_INFINITY;

    /** Notes what a subject does now. @param fields of its progress */
    void note(String subject, Map<String, Object> fields, long nanoTime) {
        if (beganAt == Long.MIN_VALUE) {
            beganAt = nanoTime;
        }
        now.put(subject, new Rate(number(fields.get("rowsPerSecond")), number(fields.get("bytesPerSecond"))));
        sample((nanoTime - beganAt) / 1e9);
    }

    /** The subject moves nothing any more. */
    void ended(String subject, long nanoTime) {
        if (now.remove(subject) != null) {
            sample((nanoTime - beganAt) / 1e9);
        }
    }

    /** No subject moves anything any more; the samples stay. */
    void idle() {
        now.clear();
    }

    /** Oldest first. */
    List<RateSample> samples() {
        return List.copyOf(samples);
    }

    private void sample(double second) {
        if (second - last < apart) {
            return;
        }
        last = second;
        samples.add(new RateSample(
                second,
                now.values().stream().mapToDouble(Rate::rows).sum(),
                now.values().stream().mapToDouble(Rate::bytes).sum()));
        if (samples.size() > MOST) {
            halve();
        }
    }

    /** Of two neighbours their mean stays, so that the area under the line, which is what was moved, stays what it was. */
    private void halve() {
        List<RateSample> wider = new ArrayList<>();
        for (int i = 0; i + 1 < samples.size(); i += 2) {
            RateSample one = samples.get(i);
            RateSample two = samples.get(i + 1);
            wider.add(new RateSample(
                    (one.second() + two.second()) / 2,
                    (one.rowsPerSecond() + two.rowsPerSecond()) / 2,
                    (one.bytesPerSecond() + two.bytesPerSecond()) / 2));
        }
        samples.clear();
        samples.addAll(wider);
        apart *= 2;
    }

    private static double number(@Nullable Object value) {
        return value instanceof Number number ? number.doubleValue() : 0;
    }
}

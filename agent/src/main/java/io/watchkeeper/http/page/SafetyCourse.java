package io.watchkeeper.http.page;

import io.watchkeeper.measures.Measurements;
import io.watchkeeper.measures.Sample;
import java.time.Instant;
import java.util.List;

/** How the four figures were in the last day, each oldest first; empty where nothing is known. */
public record SafetyCourse(List<Sample> synced, List<Sample> lag, List<Sample> recoverable, List<Sample> drill) {

    public static final SafetyCourse UNKNOWN = new SafetyCourse(List.of(), List.of(), List.of(), List.of());

    /** @throws io.watchkeeper.problem.OperatorException when the store cannot be read */
    public static SafetyCourse of(Measurements measures, Instant now) {
        Instant since = now.minus(Sparkline.SPAN);
        return new SafetyCourse(
                measures.series("", SafetyFigures.SYNC, "", since),
                measures.series("", SafetyFigures.LAG, "", since),
                measures.series("", SafetyFigures.RECOVERY, "", since),
                measures.series("", SafetyFigures.DRILL, "", since));
    }
}

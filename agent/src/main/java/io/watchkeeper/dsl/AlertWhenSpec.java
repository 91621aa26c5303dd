package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.CopyLimit;
import io.watchkeeper.toolkit.copy.CopyLimit.Kind;
import io.watchkeeper.toolkit.copy.CopyResult;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code alertWhen('warning') { … }} */
@Block(
        name = "alertWhen",
        value = "The limits of each table's copy. One that is crossed sends one alert; the copy goes on.",
        words = {"longerThan", "slowerThan", "moreThan"})
public final class AlertWhenSpec {

    private final String severity;
    private final List<CopyLimit> limits = new ArrayList<>();

    AlertWhenSpec(String severity) {
        this.severity = severity;
    }

    @Word(
            value =
                    "A table takes longer than this, waiting for its locks included, or one of its stages does. Sent while it goes on.",
            example = "longerThan 10.minutes")
    public void longerThan(Duration time) {
        add("longerThan", Kind.LONGER_THAN, null, time.toMillis());
    }

    public void longerThan(CopyResult.Stage stage, Duration time) {
        add("longerThan", Kind.LONGER_THAN, stage, time.toMillis());
    }

    @Word(
            value =
                    "Fewer rows per second than this came over, told at the table's end. Tables of fewer than 1,000 rows"
                            + " are not judged.",
            example = "slowerThan 10_000")
    public void slowerThan(long rowsPerSecond) {
        add("slowerThan", Kind.SLOWER_THAN, null, rowsPerSecond);
    }

    @Word(
            value = "More rows, or more data, than this are moved. Sent while it goes on.",
            example = "moreThan 5.gigabytes")
    public void moreThan(Bytes amount) {
        add("moreThan", Kind.MORE_BYTES_THAN, null, amount.count());
    }

    public void moreThan(long rows) {
        add("moreThan", Kind.MORE_ROWS_THAN, null, rows);
    }

    @Choice(of = "longerThan", value = "The time in which rows travel: `longerThan load, 5.minutes`.")
    public CopyResult.Stage getLoad() {
        return CopyResult.Stage.LOAD;
    }

    @Choice(of = "longerThan", value = "Merging the loaded rows into those the target has.")
    public CopyResult.Stage getMerge() {
        return CopyResult.Stage.MERGE;
    }

    @Choice(of = "longerThan", value = "Building the target's indexes after the load.")
    public CopyResult.Stage getIndex() {
        return CopyResult.Stage.INDEX;
    }

    @Choice(of = "longerThan", value = "Counting and checksumming on both sides.")
    public CopyResult.Stage getVerify() {
        return CopyResult.Stage.VERIFY;
    }

    @Choice(of = "longerThan", value = "Renewing the target's statistics.")
    public CopyResult.Stage getAnalyze() {
        return CopyResult.Stage.ANALYZE;
    }

    private void add(String word, Kind kind, CopyResult.@Nullable Stage stage, long value) {
        if (value < 1) {
            throw new OperatorException("'" + word + "' in 'alertWhen' must be more than nothing", null);
        }
        limits.add(new CopyLimit(severity, kind, stage, value));
    }

    List<CopyLimit> limits() {
        if (limits.isEmpty()) {
            throw new OperatorException(
                    "'alertWhen' says no limit",
                    "write for example: alertWhen('" + severity + "') { longerThan 10.minutes }");
        }
        return limits;
    }
}

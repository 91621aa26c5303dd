package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a drill proved, or what kept it from doing so.
 *
 * @param id of the drill, by which the catalogue knows it
 * @param backup that was restored; empty when none was found
 * @param rpo what of the data before the target was lost; null when it is not known
 * @param rto from the start until the last check was done; null when not all could be done
 * @param recoveredTo the last commit that is there; null when none is known
 * @param replayed how far the log was replayed; null before recovery
 * @param timeline of the recovered cluster; 0 before recovery
 * @param restored how much was restored
 * @param isolation what kept the sandbox from reaching anything
 * @param failure what ended the drill early; null when all checks were made
 * @param hint what to do about the failure
 */
public record DrillResult(
        String id,
        String database,
        String backup,
        String target,
        Instant startedAt,
        Duration took,
        Duration maxRpo,
        Duration maxRto,
        @Nullable Duration rpo,
        @Nullable Duration rto,
        @Nullable Instant recoveredTo,
        @Nullable Lsn replayed,
        long timeline,
        Bytes restored,
        String isolation,
        List<DrillCheck> checks,
        List<DrillPhase> phases,
        @Nullable String failure,
        @Nullable String hint) {

    public DrillResult {
        checks = List.copyOf(checks);
        phases = List.copyOf(phases);
    }

    /** Of a dry run. */
    public static DrillResult notDone(String database, DrillPlan plan, Instant now) {
        return new DrillResult(
                "",
                database,
                "",
                plan.target().words(),
                now,
                Duration.ZERO,
                plan.maxRpo(),
                plan.maxRto(),
                null,
                null,
                null,
                null,
                0,
                new Bytes(0),
                "",
                List.of(),
                List.of(),
                "a dry run",
                null);
    }

    /** Whether everything was looked at and is right. */
    public boolean passed() {
        return failure == null && !checks.isEmpty() && checks.stream().allMatch(DrillCheck::passed);
    }

    /** What a failed drill says; empty for one that passed. */
    public Optional<OperatorException> problem() {
        if (passed()) {
            return Optional.empty();
        }
        if (failure != null) {
            return Optional.of(new OperatorException("the drill of " + database + " failed: " + failure, hint));
        }
        String wrong = checks.stream()
                .filter(c -> !c.passed())
                .map(c -> "'" + c.name() + "' (" + c.detail() + ")")
                .collect(Collectors.joining(", "));
        return Optional.of(new OperatorException(
                "the drill of " + database + " failed: " + wrong,
                hint == null ? "its report has every check and how long each part took." : hint));
    }

    /** Why it did not pass; empty when it did. */
    public List<String> failures() {
        if (failure != null) {
            return List.of(failure);
        }
        return checks.stream()
                .filter(c -> !c.passed())
                .map(c -> c.name() + ": " + c.detail())
                .toList();
    }

    /** How long restoring and recovering took; empty when it was not done. */
    Optional<Duration> restoreTime() {
        Duration whole = Duration.ZERO;
        for (DrillPhase phase : phases) {
            boolean restoring = phase.name().equals("restore") || phase.name().equals("recover");
            whole = restoring ? whole.plus(phase.took()) : whole;
        }
        return whole.isZero() ? Optional.empty() : Optional.of(whole);
    }

    /** In a sentence. */
    public String words() {
        return passed()
                ? backup + " restored and recovered to " + (recoveredTo == null ? target : recoveredTo) + ", "
                        + checks.size() + " checks passed, RPO " + say(rpo) + ", RTO " + say(rto)
                : problem().map(OperatorException::getMessage).orElse("");
    }

    static String say(@Nullable Duration time) {
        return time == null ? "unknown" : DurationText.say(time);
    }

    /** As in the run document, the catalogue and the report. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("drill", id);
        fields.put("database", database);
        fields.put("backup", backup);
        fields.put("target", target);
        fields.put("passed", passed());
        fields.put("startedAt", startedAt.toString());
        fields.put("finishedAt", startedAt.plus(took).toString());
        fields.put("durationMs", took.toMillis());
        if (rpo != null) {
            fields.put("rpoSeconds", seconds(rpo));
        }
        if (rto != null) {
            fields.put("rtoSeconds", seconds(rto));
        }
        fields.put("maxRpoSeconds", seconds(maxRpo));
        fields.put("maxRtoSeconds", seconds(maxRto));
        if (recoveredTo != null) {
            fields.put("recoveredTo", recoveredTo.toString());
        }
        if (replayed != null) {
            fields.put("replayedLsn", replayed.toString());
            fields.put("timeline", timeline);
        }
        fields.put("restoredBytes", restored.count());
        fields.put("isolation", isolation);
        fields.put("checks", checks.stream().map(DrillCheck::fields).toList());
        fields.put("phases", phases.stream().map(DrillPhase::fields).toList());
        if (failure != null) {
            fields.put("failure", failure);
        }
        if (hint != null && !passed()) {
            fields.put("hint", hint);
        }
        return fields;
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1000.0;
    }
}

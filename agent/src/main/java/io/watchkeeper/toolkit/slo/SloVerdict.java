package io.watchkeeper.toolkit.slo;

import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.toolkit.slo.SloSlice.Kind;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Judges what was counted. A budget that is spent so fast that it would be gone in two days wakes somebody, one that would be gone in five
 * days is to be looked at; both only when it is so now and has been for a while, so that neither a moment nor what is over alerts anybody.
 */
final class SloVerdict {

    /** Fewer say nothing about a share. */
    static final long LEAST = 20;

    /** What 30 days allow is not judged by the first looks. */
    static final long LEAST_OF_PERIOD = 1_000;

    private static final String REMEDY =
            "look who waits and for what: slowQueries, lockWaits, checkpoints, connections, replicationLag";

    /** Spending so fast, over both windows. */
    private enum Burn {
        FAST(14.4, Duration.ofMinutes(5), Duration.ofHours(1), ReviewStatus.FAIL, "fastBurn"),
        SLOW(6, Duration.ofMinutes(30), Duration.ofHours(6), ReviewStatus.WARN, "slowBurn");

        private final double rate;
        private final Duration recent;
        private final Duration lasting;
        private final ReviewStatus status;
        private final String code;

        Burn(double rate, Duration recent, Duration lasting, ReviewStatus status, String code) {
            this.rate = rate;
            this.recent = recent;
            this.lasting = lasting;
            this.status = status;
            this.code = code;
        }
    }

    private final String database;
    private final SloObjectives objectives;
    private final SloLedger.Contents known;
    private final Instant now;
    private final List<ReviewFinding> findings = new ArrayList<>();

    SloVerdict(String database, SloObjectives objectives, SloLedger.Contents known, Instant now) {
        this.database = database;
        this.objectives = objectives;
        this.known = known;
        this.now = now;
    }

    /** @param seen what this look alone has found */
    Review review(List<ReviewFinding> seen) {
        findings.addAll(seen);
        SloSlice lately = over(objectives.over());
        latency(Kind.READ, lately, objectives.readP95());
        latency(Kind.WRITE, lately, objectives.writeP95());
        for (Objective objective : Objective.values()) {
            if (!burns(objective, Burn.FAST)) {
                burns(objective, Burn.SLOW);
            }
            spent(objective);
        }
        return new Review("objectives", database, summary(lately), findings, rows(lately));
    }

    private SloSlice over(Duration window) {
        return known.since(now.minus(window), now);
    }

    private void latency(Kind kind, SloSlice lately, Duration promised) {
        OptionalDouble p95 = lately.latencies(kind).quantile(0.95);
        double limit = promised.toNanos() / 1e9;
        if (lately.latencies(kind).count() >= LEAST && p95.orElse(0) > limit) {
            findings.add(new ReviewFinding(
                    kind + "Slow",
                    ReviewStatus.WARN,
                    "95 of 100 " + kind + "s took up to " + time(p95.orElse(0)) + " in the last "
                            + DurationText.say(objectives.over()) + "; " + time(limit) + " is promised",
                    Map.of("p95Seconds", p95.orElse(0), "promisedSeconds", limit),
                    REMEDY));
        }
    }

    private boolean burns(Objective objective, Burn burn) {
        double recent = rate(objective, burn.recent);
        double lasting = rate(objective, burn.lasting);
        if (recent < burn.rate || lasting < burn.rate) {
            return false;
        }
        findings.add(new ReviewFinding(
                burn.code,
                burn.status,
                objective.words() + ": the budget of " + SloLedger.PERIOD.toDays() + " days is spent "
                        + number(lasting) + " times as fast as it lasts, over "
                        + DurationText.say(burn.lasting) + " and still in the last " + DurationText.say(burn.recent),
                Map.of("objective", objective.label(), "burnRate", rounded(lasting)),
                REMEDY));
        return true;
    }

    private double rate(Objective objective, Duration window) {
        return objective
                .burn(over(window), objectives.errors(), objectives.countRollbacks(), LEAST)
                .orElse(0);
    }

    private void spent(Objective objective) {
        double remaining = remaining(objective);
        if (remaining < 0 && objective.all(over(SloLedger.PERIOD)) >= LEAST_OF_PERIOD) {
            findings.add(new ReviewFinding(
                    "budgetSpent",
                    ReviewStatus.WARN,
                    objective.words() + ": more than the budget of " + SloLedger.PERIOD.toDays() + " days allows ("
                            + number(objective.budget(objectives.errors()) * 100) + " %)",
                    Map.of("objective", objective.label(), "remaining", rounded(remaining)),
                    REMEDY));
        }
    }

    /** 1 for a whole budget, 0 or less for none. */
    private double remaining(Objective objective) {
        return 1 - rate(objective, SloLedger.PERIOD);
    }

    private String summary(SloSlice lately) {
        long all = Objective.ERRORS.all(lately);
        String errors = all == 0
                ? "no transactions counted"
                : number(100.0 * Objective.ERRORS.bad(lately, objectives.countRollbacks()) / all) + " % of " + all
                        + " transactions failed";
        return words(Kind.READ, lately) + ", " + words(Kind.WRITE, lately) + ", " + errors + " in the last "
                + DurationText.say(objectives.over());
    }

    private static String words(Kind kind, SloSlice lately) {
        OptionalDouble p95 = lately.latencies(kind).quantile(0.95);
        return p95.isEmpty() ? "no " + kind + "s measured" : kind + "s p95 " + time(p95.getAsDouble());
    }

    private List<Map<String, Object>> rows(SloSlice lately) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Objective objective : Objective.values()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("objective", objective.label());
            row.put("counted", objective.all(lately));
            row.put("bad", objective.bad(lately, objectives.countRollbacks()));
            if (objective != Objective.ERRORS) {
                Kind kind = objective == Objective.READ ? Kind.READ : Kind.WRITE;
                lately.latencies(kind).quantile(0.5).ifPresent(p50 -> row.put("p50Seconds", p50));
                lately.latencies(kind).quantile(0.95).ifPresent(p95 -> row.put("p95Seconds", p95));
            }
            row.put("burnRate1h", rounded(rate(objective, Duration.ofHours(1))));
            row.put("budgetRemaining", rounded(remaining(objective)));
            rows.add(row);
        }
        return rows;
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.0f", value);
    }

    static String time(double seconds) {
        return seconds < 1
                ? String.format(Locale.ROOT, "%.1f ms", seconds * 1000)
                : String.format(Locale.ROOT, "%.1f s", seconds);
    }
}

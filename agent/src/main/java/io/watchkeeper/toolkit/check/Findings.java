package io.watchkeeper.toolkit.check;

import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a check has found so far. */
final class Findings {

    /** As many rows as a run's document, a mail and a person bear. */
    static final int MOST_ROWS = 20;

    private final List<ReviewFinding> all = new ArrayList<>();

    void add(ReviewStatus status, String code, String message, Map<String, Object> evidence, String remedy) {
        all.add(new ReviewFinding(code, status, message, evidence, remedy));
    }

    void warn(String code, String message, Map<String, Object> evidence, String remedy) {
        add(ReviewStatus.WARN, code, message, evidence, remedy);
    }

    void fail(String code, String message, Map<String, Object> evidence, String remedy) {
        add(ReviewStatus.FAIL, code, message, evidence, remedy);
    }

    /** Something to know that is nothing to mend. */
    void say(String code, String message) {
        add(ReviewStatus.OK, code, message, Map.of(), "");
    }

    /** What could not be seen is not well. @param role quoted; @param what it may not see, as in "role x may not see …" */
    void unreadable(String role, String what) {
        warn("unreadable", "role " + role + " may not see " + what, Map.of(), "GRANT pg_monitor TO " + role + ";");
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    boolean hasProblems() {
        return all.stream().anyMatch(one -> one.status() != ReviewStatus.OK);
    }

    Review review(Look look, String subject, String summary, List<Map<String, Object>> rows) {
        return new Review(
                subject, look.database(), summary, all, rows.size() > MOST_ROWS ? rows.subList(0, MOST_ROWS) : rows);
    }

    /** Where more is worse. A limit that is null is never reached. */
    static <T extends Comparable<T>> ReviewStatus above(T value, @Nullable T warn, @Nullable T fail) {
        if (fail != null && value.compareTo(fail) >= 0) {
            return ReviewStatus.FAIL;
        }
        return warn != null && value.compareTo(warn) >= 0 ? ReviewStatus.WARN : ReviewStatus.OK;
    }

    /** Where less is worse. */
    static <T extends Comparable<T>> ReviewStatus below(T value, @Nullable T warn, @Nullable T fail) {
        if (fail != null && value.compareTo(fail) < 0) {
            return ReviewStatus.FAIL;
        }
        return warn != null && value.compareTo(warn) < 0 ? ReviewStatus.WARN : ReviewStatus.OK;
    }

    /** How long an amount lasts. @return null when it does not run out */
    static @Nullable Duration lasts(double amount, double perDay) {
        if (perDay <= 0) {
            return null;
        }
        double days = amount / perDay;
        // Beyond a century nobody plans, and a Duration must hold it.
        return days > 36_500 ? null : Duration.ofSeconds(Math.round(Math.max(0, days) * 86_400));
    }

    static Ratio share(long part, long whole) {
        return share((double) part, (double) whole);
    }

    static Ratio share(double part, double whole) {
        return new Ratio(whole <= 0 ? 0 : Math.max(0, part / whole));
    }

    /** As a document has it: percent with one decimal. */
    static double percent(Ratio ratio) {
        return Math.round(ratio.share() * 1000) / 10.0;
    }

    /** {@code 1 session}, {@code 2 sessions}. */
    static String count(long number, String one, String several) {
        return number + " " + (number == 1 ? one : several);
    }
}

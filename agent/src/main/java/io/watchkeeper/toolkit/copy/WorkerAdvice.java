package io.watchkeeper.toolkit.copy;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * How many workers to ask for, and why.
 *
 * @param workers the smallest number that comes close to the best
 * @param reason a sentence or two, for a person
 */
record WorkerAdvice(int workers, String reason) {

    /** This much of the best rate is as good as the best: each worker costs a connection on both sides. */
    private static final double AS_GOOD = 0.95;

    private static final double ALL_BUSY = 0.9;
    private static final double MOSTLY = 0.5;
    private static final Duration FAR = Duration.ofMillis(5);

    /**
     * What was measured between.
     *
     * @param local whether one of the servers is on the agent's host, whose processors they share then
     */
    record Ends(String source, String target, Duration sourceRoundTrip, Duration targetRoundTrip, boolean local) {}

    /** @param all in order of the workers; at least one */
    static WorkerAdvice of(List<WorkerMeasurement> all, Ends ends) {
        WorkerMeasurement best = all.stream()
                .max(Comparator.comparingDouble(WorkerMeasurement::rowsPerSecond))
                .orElseThrow();
        WorkerMeasurement enough = all.stream()
                .filter(one -> one.rowsPerSecond() >= best.rowsPerSecond() * AS_GOOD)
                .findFirst()
                .orElse(best);
        StringBuilder reason = new StringBuilder();
        if (all.size() == 1) {
            reason.append("nothing else was measured");
        } else if (enough.equals(best)) {
            reason.append("the fastest of 1 to ").append(all.size());
        } else {
            reason.append(percent(enough.rowsPerSecond() / best.rowsPerSecond()))
                    .append(" of the best, which took ")
                    .append(best.workers())
                    .append(" workers");
        }
        reason.append("; ").append(bound(best, ends));
        if (all.size() > 1 && enough.workers() == all.size()) {
            reason.append("; each one more still gained, so a larger --max may find a better number");
        }
        return new WorkerAdvice(enough.workers(), reason.toString());
    }

    /** As a runbook has it. */
    String line() {
        return "workers " + workers;
    }

    private static String bound(WorkerMeasurement best, Ends ends) {
        if (ends.local && best.cpu() != null && best.cpu().busyShare() >= ALL_BUSY) {
            return "bound by the CPU of this host, which was "
                    + percent(best.cpu().busyShare()) + " busy";
        }
        boolean forTarget = best.waitingForTarget() >= best.waitingForSource();
        double share = Math.max(best.waitingForTarget(), best.waitingForSource());
        Duration roundTrip = forTarget ? ends.targetRoundTrip : ends.sourceRoundTrip;
        String name = "'" + (forTarget ? ends.target : ends.source) + "'";
        String where = (forTarget ? "the target " : "the source ") + name;
        if (roundTrip.compareTo(FAR) >= 0) {
            where = "the link to " + name + " or that server";
        }
        String waits =
                "workers waited " + percent(share) + " of their time for it, round trip " + milliseconds(roundTrip);
        return share >= MOSTLY
                ? "bound by " + where + ": " + waits
                : "bound by nothing in particular: source and target kept up with each other";
    }

    private static String percent(double share) {
        return Math.round(share * 100) + " %";
    }

    private static String milliseconds(Duration time) {
        return new DecimalFormat("0.#", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(time.toNanos() / 1e6)
                + " ms";
    }
}

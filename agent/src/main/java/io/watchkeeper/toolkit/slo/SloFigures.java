package io.watchkeeper.toolkit.slo;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.toolkit.slo.SloSlice.Kind;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** What is known of databases' objectives, for whoever shows it: read from the state folder when asked, and no server is asked. */
public final class SloFigures implements Supplier<List<Measurement>> {

    private static final Duration LATELY = Duration.ofHours(1);

    /** Those that alerts are raised by. */
    private static final Map<String, Duration> WINDOWS =
            Map.of("5m", Duration.ofMinutes(5), "30m", Duration.ofMinutes(30), "1h", LATELY, "6h", Duration.ofHours(6));

    private static final List<Double> QUANTILES = List.of(0.5, 0.95, 0.99);

    /** Longer, and whoever measures it by a runbook has stopped. */
    private static final Duration SHOWN = Duration.ofDays(1);

    private final Path state;
    private final Set<String> promised;
    private final Clock clock;

    /** @param promised the databases that the configuration watches; of others, what was looked at within the last day is shown */
    public SloFigures(Path state, Set<String> promised, Clock clock) {
        this.state = state;
        this.promised = promised;
        this.clock = clock;
    }

    /**
     * Metrics {@code latency} (subject {@code read 0.95}), {@code errors}, {@code budget} (subject {@code read}), {@code burn} (subject
     * {@code read 1h}) and {@code at}.
     */
    @Override
    public List<Measurement> get() {
        List<Measurement> figures = new ArrayList<>();
        Instant now = clock.instant();
        SloLedger.all(state).forEach((database, ledger) -> {
            SloLedger.Contents known = ledger.read();
            Instant at = known.at();
            if (promised.contains(database) || (at != null && now.isBefore(at.plus(SHOWN)))) {
                figures.addAll(figures(database, known, now));
            }
        });
        return figures;
    }

    private static List<Measurement> figures(String database, SloLedger.Contents known, Instant now) {
        List<Measurement> figures = new ArrayList<>();
        SloSlice lately = known.since(now.minus(LATELY), now);
        SloSlice period = known.since(now.minus(SloLedger.PERIOD), now);
        for (Kind kind : Kind.values()) {
            for (double share : QUANTILES) {
                lately.latencies(kind)
                        .quantile(share)
                        .ifPresent(seconds ->
                                figures.add(new Measurement(database, "latency", kind + " " + share, seconds)));
            }
        }
        long all = Objective.ERRORS.all(lately);
        if (all > 0) {
            double bad = Objective.ERRORS.bad(lately, known.countRollbacks());
            figures.add(new Measurement(database, "errors", "", bad / all));
        }
        for (Objective objective : Objective.values()) {
            objective
                    .burn(period, known.errors(), known.countRollbacks(), 1)
                    .ifPresent(burn -> figures.add(new Measurement(database, "budget", objective.label(), 1 - burn)));
        }
        for (Map.Entry<String, Duration> window : WINDOWS.entrySet()) {
            SloSlice within = known.since(now.minus(window.getValue()), now);
            for (Objective objective : Objective.values()) {
                objective
                        .burn(within, known.errors(), known.countRollbacks(), SloVerdict.LEAST)
                        .ifPresent(burn -> figures.add(
                                new Measurement(database, "burn", objective.label() + " " + window.getKey(), burn)));
            }
        }
        Instant at = known.at();
        if (at != null) {
            figures.add(new Measurement(database, "at", "", at.toEpochMilli() / 1000.0));
        }
        return figures;
    }
}

package io.watchkeeper;

import io.watchkeeper.alert.Alert;
import io.watchkeeper.alert.AlertDispatcher;
import io.watchkeeper.config.Promise;
import io.watchkeeper.config.Promises;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.toolkit.slo.SloLook;
import io.watchkeeper.toolkit.slo.SloObjectives;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether databases keep what the configuration promises of them, measured again and again by a thread for each. A budget that is spent fast
 * pages, one that is spent slowly warns, and both are over when a look says so; what an earlier process of the agent has raised is, too.
 */
final class SloWatch implements Supplier<List<Review>>, AutoCloseable {

    /** Stands where alerts have their runbook; none can be called so. */
    static final String NAME = "slo watch";

    /** That it cannot be told, which is no failure of the database. */
    private static final String NOT_MEASURED = "notMeasured";

    /** By the code of the finding; others are shown, and wake nobody. */
    private static final Map<String, String> SEVERITIES =
            Map.of("fastBurn", "page", "slowBurn", "warning", NOT_MEASURED, "warning");

    private static final Logger LOG = LoggerFactory.getLogger(SloWatch.class);
    private static final Duration CLOSING = Duration.ofSeconds(2);

    /** Where it is looked from. @param state the agent's folder, which keeps what was counted */
    record Place(String host, Path state) {}

    private final String host;
    private final Duration every;
    private final AlertDispatcher alerts;
    private final Set<Runnable> cancellations = ConcurrentHashMap.newKeySet();
    private final Map<String, Review> known = new ConcurrentSkipListMap<>();
    private final ExecutorService looks = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "slo-watch");
        thread.setDaemon(true);
        return thread;
    });

    private SloWatch(String host, Duration every, AlertDispatcher alerts) {
        this.host = host;
        this.every = every;
        this.alerts = alerts;
    }

    /** Looks at once, and then as often as the configuration says. */
    static SloWatch start(
            Promises promised, Place place, DatabasePools databases, AlertDispatcher alerts, Clock clock) {
        SloWatch watch = new SloWatch(place.host(), promised.every(), alerts);
        Set<String> watched = promised.databases().keySet();
        alerts.resolve(
                alert -> isOurs(alert) && !watched.contains(alert.labels().getOrDefault("database", "")));
        promised.databases().forEach((name, promise) -> {
            Database database = databases.database(name);
            SloObjectives objectives = objectives(promise);
            SloLook look = new SloLook(database, watch.new Looking(), place.state(), clock);
            watch.known.put(name, look.known(objectives));
            watch.looks.execute(() -> watch.lookUntilClosed(name, look, objectives));
        });
        return watch;
    }

    private static SloObjectives objectives(Promise promise) {
        return new SloObjectives(
                promise.readP95(),
                promise.writeP95(),
                promise.errors(),
                promise.rollbacks(),
                SloObjectives.USUAL.over(),
                promise.probe(),
                promise.probes());
    }

    /** What is known of each, by name; of the time before this process until the first look has ended. */
    @Override
    public List<Review> get() {
        return List.copyOf(known.values());
    }

    private void lookUntilClosed(String name, SloLook look, SloObjectives objectives) {
        try {
            do {
                look(name, look, objectives);
            } while (!looks.awaitTermination(every.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(String name, SloLook look, SloObjectives objectives) {
        try {
            Review review = look.look(objectives);
            known.put(name, review);
            raise(name, review, true);
        } catch (WorkCancelledException e) {
            LOG.debug("the look at database '{}' was cut off: {}", name, e.getMessage());
        } catch (OperatorException e) {
            LOG.warn("the objectives of database '{}' cannot be measured: {}", name, e.getMessage());
            Review review = notMeasured(name, e);
            known.put(name, review);
            raise(name, review, false);
        } catch (SQLException | RuntimeException e) {
            LOG.warn("the objectives of database '{}' cannot be measured", name, e);
        }
    }

    private static Review notMeasured(String database, OperatorException why) {
        String hint = why.hint();
        return new Review(
                "objectives",
                database,
                List.of(new ReviewFinding(
                        NOT_MEASURED,
                        ReviewStatus.WARN,
                        "whether it keeps what is promised is not known: " + why.getMessage(),
                        hint == null ? "" : hint)));
    }

    /** @param tells whether what it does not find is over; where nothing could be measured, nobody knows */
    private void raise(String name, Review review, boolean tells) {
        List<Alert> firing = review.findings().stream()
                .filter(finding -> SEVERITIES.containsKey(finding.code()))
                .map(finding -> alert(name, finding))
                .toList();
        firing.forEach(alerts::fire);
        if (tells) {
            Set<String> keys = firing.stream().map(Alert::key).collect(Collectors.toSet());
            alerts.resolve(alert ->
                    isOurs(alert) && name.equals(alert.labels().get("database")) && !keys.contains(alert.key()));
        }
    }

    private Alert alert(String name, ReviewFinding finding) {
        String severity = SEVERITIES.getOrDefault(finding.code(), "warning");
        Map<String, String> labels = new TreeMap<>(Map.of(
                "host", host,
                "runbook", NAME,
                "severity", severity,
                "database", name,
                "finding", finding.code()));
        Object objective = finding.evidence().get("objective");
        if (objective != null) {
            labels.put("objective", objective.toString());
        }
        String remedy = finding.remedy().isEmpty() ? "" : "\nHINT: " + finding.remedy();
        return new Alert(severity, "objectives of " + name + ": " + finding.message() + remedy, labels);
    }

    private static boolean isOurs(Alert alert) {
        return alert.runbook().equals(NAME);
    }

    @Override
    public void close() {
        looks.shutdownNow();
        cancellations.forEach(SloWatch::begin);
        try {
            // Its last look may still be writing down what it has seen.
            boolean ended = looks.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
            LOG.debug("the watch over objectives has ended: {}", ended);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void begin(Runnable cancellation) {
        Thread thread = new Thread(cancellation, "slo-watch-cancel");
        thread.setDaemon(true);
        thread.start();
    }

    /** Stops with the watch: what the end of the agent cuts off is no failure of a database. */
    private final class Looking implements Work {
        @Override
        public String applicationName() {
            return "watchkeeper slo";
        }

        @Override
        public Optional<Instant> deadline() {
            return Optional.empty();
        }

        @Override
        public void throwIfCancelled() {
            if (looks.isShutdown()) {
                throw new WorkCancelledException("the agent stops");
            }
        }

        @Override
        public Registration onCancel(Runnable action) {
            cancellations.add(action);
            if (looks.isShutdown()) {
                begin(action);
            }
            return () -> cancellations.remove(action);
        }

        @Override
        public void progress(Progress progress) {}
    }
}

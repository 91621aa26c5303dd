package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.alert.Alert;
import io.watchkeeper.alert.AlertDispatcher;
import io.watchkeeper.alert.AlertLedger;
import io.watchkeeper.alert.AlertNotice;
import io.watchkeeper.alert.AlertReceiver;
import io.watchkeeper.config.Promise;
import io.watchkeeper.config.Promises;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.measures.Measurement;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.slo.SloFigures;
import io.watchkeeper.units.Ratio;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent's own watch over objectives, on real servers. */
class SloWatchTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration OFTEN = Duration.ofMillis(100);

    @TempDir
    Path state;

    private final Moved clock = new Moved();
    private final Receiver receiver = new Receiver();
    private RunHistory history;
    private AlertDispatcher alerts;

    @BeforeEach
    void open() {
        history = RunHistory.open(state, clock);
        AlertLedger ledger = history.alerts();
        alerts = new AlertDispatcher(List.of(receiver), ledger, Duration.ofHours(4), clock);
    }

    @AfterEach
    void close() {
        history.close();
    }

    private SloWatch watch(DatabasePools pools, Promise promise) {
        return SloWatch.start(
                new Promises(OFTEN, Map.of("shore", promise)),
                new SloWatch.Place("shore-1", state),
                pools,
                alerts,
                clock);
    }

    private static Promise promise(Duration write) {
        return new Promise(LONG, write, Ratio.percent(0.5), false, true, 20);
    }

    private static DatabasePools pools(LocalServer server, String user) {
        return new DatabasePools(List.of(new DatabaseSettings(
                "shore", server.url(TestServers.freshDatabase(server)), user, null, 4, null, true)));
    }

    private static String status(SloWatch watch) {
        return watch.get().stream().map(Review::status).findFirst().orElse("");
    }

    private double figure(String metric) {
        return new SloFigures(state, Set.of(), clock)
                .get().stream()
                        .filter(one -> one.metric().equals(metric))
                        .mapToDouble(Measurement::value)
                        .findFirst()
                        .orElse(-1);
    }

    @Test
    void whatIsKeptWakesNobodyAndIsKnown() {
        try (DatabasePools pools = pools(TestServers.shore(), "postgres");
                SloWatch watch = watch(pools, promise(LONG))) {
            await().until(() -> figure("latency") > 0);
            await().until(() -> watch.get().get(0).summary().contains("writes p95"));

            assertThat(status(watch)).isEqualTo("ok");
            assertThat(figure("burn")).isZero();
            assertThat(receiver.told).isEmpty();
        }
    }

    @Test
    void slowWritesPageOnce() {
        try (DatabasePools pools = pools(TestServers.shore(), "postgres");
                SloWatch watch = watch(pools, promise(Duration.ofNanos(1)))) {
            await().until(() -> status(watch).equals("fail"));
            await().until(() -> receiver.firing().equals(List.of("fastBurn page write")));
            double at = figure("at");
            clock.move(Duration.ofSeconds(1));
            await().until(() -> figure("at") > at);

            assertThat(receiver.told).hasSize(1);
            Alert alert = receiver.told.get(0).alert();
            assertThat(alert.text()).contains("objectives of shore: writes slower than promised", "HINT: ");
            assertThat(alert.labels()).containsEntry("host", "shore-1").containsEntry("database", "shore");
        }
    }

    @Test
    void aServerThatIsAwayPagesAndItIsOverWhenItIsBack() {
        try (LocalServer server = TestServers.own(Map.of());
                DatabasePools pools = pools(server, "postgres");
                SloWatch watch = watch(pools, promise(LONG))) {
            await().until(() -> figure("latency") > 0);
            server.stop();
            await().atMost(LONG).until(() -> receiver.firing().contains("fastBurn page errors"));
            server.start();
            await().atMost(LONG)
                    .until(() -> figure("at") > 0 && !findings(watch).contains("unreachable"));
            clock.move(Duration.ofMinutes(10));

            await().atMost(LONG).until(() -> receiver.firing().equals(List.of("slowBurn warning errors")));

            clock.move(Duration.ofMinutes(40));
            await().atMost(LONG).until(() -> receiver.firing().isEmpty());
            assertThat(status(watch)).isNotEqualTo("fail");
        }
    }

    private static String findings(SloWatch watch) {
        return watch.get().toString();
    }

    @Test
    void whatAnEarlierProcessRaisedIsOverToo() {
        alerts.fire(new Alert("page", "burns", labels("shore")));
        alerts.fire(new Alert("page", "burns", labels("gone")));
        alerts.fire(new Alert("page", "another", Map.of("host", "shore-1", "runbook", "slo", "severity", "page")));

        try (DatabasePools pools = pools(TestServers.shore(), "postgres");
                SloWatch watch = watch(pools, promise(LONG))) {
            await().until(() -> receiver.resolved() == 2);

            assertThat(watch.get()).hasSize(1);
            assertThat(history.alerts().all())
                    .singleElement()
                    .satisfies(left -> assertThat(left.alert().runbook()).isEqualTo("slo"));
        }
    }

    private static Map<String, String> labels(String database) {
        return Map.of(
                "host",
                "shore-1",
                "runbook",
                SloWatch.NAME,
                "severity",
                "page",
                "database",
                database,
                "finding",
                "fastBurn");
    }

    @Test
    void thatItCannotBeMeasuredIsSaidAndCountsAgainstNobody() {
        TestServers.execute(
                TestServers.shore(),
                "postgres",
                "do $$ begin create role slo_watch_poor login; exception when duplicate_object then null; end $$");
        try (DatabasePools pools = pools(TestServers.shore(), "slo_watch_poor");
                SloWatch watch = watch(pools, promise(LONG))) {
            await().until(() -> receiver.firing().equals(List.of("notMeasured warning ")));

            assertThat(status(watch)).isEqualTo("warn");
            assertThat(receiver.told.get(0).alert().text()).contains("HINT: CREATE SCHEMA IF NOT EXISTS watchkeeper");
            assertThat(figure("errors")).isEqualTo(-1);
        }
    }

    @Test
    void thatTheAgentsOwnConnectionsAreAllInUseCountsAgainstNobody() throws Exception {
        try (DatabasePools pools = pools(TestServers.shore(), "postgres")) {
            List<Session> held = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                held.add(pools.database("shore").open(Work.unattended("watchkeeper test")));
            }
            try (SloWatch watch = watch(pools, promise(LONG))) {
                await().atMost(LONG).until(() -> receiver.firing().equals(List.of("notMeasured warning ")));

                assertThat(figure("errors")).isEqualTo(-1);
                assertThat(findings(watch)).contains("all 4 connections").doesNotContain("unreachable");
                for (Session session : held) {
                    session.close();
                }
                await().atMost(LONG).until(() -> receiver.firing().isEmpty() && figure("latency") > 0);
                assertThat(figure("errors")).as("absent, or none").isLessThanOrEqualTo(0);
            }
        }
    }

    @Test
    void whatTheEndOfTheAgentCutsOffIsNoFailure() throws Exception {
        try (DatabasePools pools = pools(TestServers.shore(), "postgres")) {
            SloWatch watch = watch(pools, promise(LONG));
            await().until(() -> figure("latency") > 0);
            try (Connection holder = TestServers.connect(pools.database("shore").settings());
                    Statement hold = holder.createStatement()) {
                holder.setAutoCommit(false);
                hold.execute("select * from watchkeeper.slo_probe for update");
                await().until(() -> waits(pools));

                watch.close();
            }
            assertThat(figure("errors")).as("absent, or none").isLessThanOrEqualTo(0);
            assertThat(receiver.told).isEmpty();
        }
    }

    private static boolean waits(DatabasePools pools) throws Exception {
        try (Connection connection = TestServers.connect(pools.database("shore").settings());
                Statement statement = connection.createStatement();
                var row = statement.executeQuery(
                        "select exists (select from pg_stat_activity where datname = current_database()"
                                + " and application_name = 'watchkeeper slo' and wait_event_type = 'Lock')")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static final class Receiver implements AlertReceiver {
        final List<AlertNotice> told = new CopyOnWriteArrayList<>();

        @Override
        public String name() {
            return "test";
        }

        @Override
        public void tell(AlertNotice notice) {
            told.add(notice);
        }

        /** What fires now: finding, severity and objective. */
        List<String> firing() {
            List<String> firing = new java.util.ArrayList<>();
            for (AlertNotice notice : told) {
                Map<String, String> labels = notice.alert().labels();
                String words = labels.get("finding") + " " + labels.get("severity") + " "
                        + labels.getOrDefault("objective", "");
                firing.remove(words);
                if (notice.firing()) {
                    firing.add(words);
                }
            }
            return firing;
        }

        long resolved() {
            return told.stream().filter(notice -> !notice.firing()).count();
        }
    }

    private static final class Moved extends Clock {
        private volatile Instant now = Instant.parse("2026-03-01T12:00:30Z");

        void move(Duration by) {
            now = now.plus(by);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}

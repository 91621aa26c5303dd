package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.testing.RoundTripCounter;
import io.watchkeeper.testing.TestServers;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one more small table costs over a long link: each round trip may take 600 ms. */
class SmallTablesTest {

    @Test
    void oneMoreTableCostsFewRoundTrips() throws Exception {
        assertThat(perTable("create table %1$s (id int generated always as identity primary key, doc text)"))
                .isEqualTo(new Trips(4, 6));
    }

    @Test
    void oneMoreTableOfAFamilyCostsFewRoundTrips() throws Exception {
        assertThat(perTable(
                        "create table %1$s (id int generated always as identity primary key, top int references top)"))
                .isEqualTo(new Trips(2, 6));
    }

    private record Trips(double source, double target) {}

    private static Trips perTable(String create) throws Exception {
        try (RoundTripCounter shoreLink =
                        new RoundTripCounter(TestServers.shore().port());
                RoundTripCounter shipLink =
                        new RoundTripCounter(TestServers.ship().port());
                Fleet fleet = new Fleet(
                        through(shoreLink, "shore", TestServers.shore()),
                        through(shipLink, "ship", TestServers.ship()))) {
            fleet.both("create table top (id int primary key); create schema few; create schema many");
            for (int i = 0; i < 20; i++) {
                String table = (i < 10 ? "few.t" : "many.t") + i;
                fleet.both(create.formatted(table));
                fleet.on("shore", "insert into " + table + " select from generate_series(1, 10)");
            }
            Trips few = trips(fleet, shoreLink, shipLink, "public.top", "few.*");
            Trips more = trips(fleet, shoreLink, shipLink, "public.top", "few.*", "many.*");
            return new Trips((more.source - few.source) / 10, (more.target - few.target) / 10);
        }
    }

    private static Trips trips(Fleet fleet, RoundTripCounter source, RoundTripCounter target, String... patterns)
            throws Exception {
        TableSetPlan plan =
                new TableSetPlan(List.of(patterns), List.of(), CopyOptions.DEFAULT.withPace(Pace.FREE.withWorkers(1)));
        new TableSetCopier(fleet.shore(), fleet.ship(), Fleet.WORK).copy(plan); // connects, and plans are made
        long sourceBefore = source.count();
        long targetBefore = target.count();
        TableSetResult result = new TableSetCopier(fleet.shore(), fleet.ship(), Fleet.WORK).copy(plan);
        assertThat(result.failure()).isEmpty();
        return new Trips(source.count() - sourceBefore, target.count() - targetBefore);
    }

    private static DatabaseSettings through(RoundTripCounter link, String name, LocalServer server) {
        String url = "jdbc:postgresql://127.0.0.1:" + link.port() + "/" + TestServers.freshDatabase(server);
        return new DatabaseSettings(name, url, "postgres", null, 8, null, true);
    }
}

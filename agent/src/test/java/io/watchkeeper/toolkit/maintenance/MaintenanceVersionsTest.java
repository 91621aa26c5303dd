package io.watchkeeper.toolkit.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.measures.Measurements;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.testing.PostgresVersions;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Ratio;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What differs between versions: who may maintain a table, and what is counted of it. */
@Tag("campaign")
class MaintenanceVersionsTest {

    private static final Work WORK = Work.unattended("versions test");
    private static final Clock CLOCK = Clock.systemUTC();
    private static final int FIRST_WITH_MAINTAIN = 17;

    private static PostgresVersions versions;

    @BeforeAll
    static void unpack() throws IOException {
        versions = new PostgresVersions();
    }

    @AfterAll
    static void remove() throws IOException {
        versions.close();
    }

    static List<Integer> available() {
        return PostgresVersions.available();
    }

    @ParameterizedTest
    @MethodSource("available")
    void everyWordWorks(int version) throws Exception {
        LocalServer server = versions.server(version);
        TestServers.execute(
                server,
                "postgres",
                "create table t (i int) with (autovacuum_enabled = off); insert into t select generate_series(1, 20000);"
                        + " update t set i = i + 1");
        try (DatabasePools pools = new DatabasePools(List.of(TestServers.settings("shore", server, "postgres")))) {
            Database shore = pools.database("shore");
            VacuumPlan plan = new VacuumPlan(
                    List.of("public.t"),
                    VacuumHow.plain(),
                    new VacuumWhen(Ratio.percent(0), 1L, 1_000_000L),
                    TimeFrame.always());
            AnalyzePlan changed = new AnalyzePlan(
                    List.of("public.t"), Ratio.percent(1), true, Duration.ofSeconds(5), TimeFrame.always());

            assertThat(new Vacuum(shore, WORK, CLOCK).describe(plan)).hasSize(1);
            assertThat(new Vacuum(shore, WORK, CLOCK).run(plan).vacuumed()).isEqualTo(1);
            assertThat(new Analyze(shore, WORK, CLOCK).run(changed).failure()).isEmpty();
            Review advice = new AutovacuumAdvice(shore, WORK).apply(List.of("public.t"), AutovacuumRules.DEFAULT);
            assertThat(advice.summary()).contains("1 got settings of their own");
            assertThat(new AutovacuumAdvice(shore, WORK).undo(List.of()).status())
                    .isEqualTo("ok");
            assertThat(new XminHorizon(shore, WORK, Measurements.none(), CLOCK)
                            .review(new XminLimits(Duration.ofHours(1), Duration.ofHours(2), 1_000_000))
                            .status())
                    .isEqualTo("ok");
        }
    }

    @ParameterizedTest
    @MethodSource("available")
    void theRightToMaintainIsKnownBeforehand(int version) throws Exception {
        LocalServer server = versions.server(version);
        TestServers.execute(server, "postgres", "create role keeper login; create table owned (i int)");
        DatabaseSettings keeper = new DatabaseSettings("shore", server.url("postgres"), "keeper", null, 2, null, true);
        try (DatabasePools pools = new DatabasePools(List.of(keeper))) {
            assertThat(vacuumOwned(pools).failure())
                    .hasValueSatisfying(e -> assertThat(e).hasMessageContaining("role 'keeper' may not maintain"));
            TestServers.execute(
                    server,
                    "postgres",
                    version >= FIRST_WITH_MAINTAIN
                            ? "grant maintain on owned to keeper"
                            : "alter table owned owner to keeper");
            assertThat(vacuumOwned(pools).vacuumed()).isEqualTo(1);
        }
    }

    private static VacuumResult vacuumOwned(DatabasePools pools) throws SQLException {
        return new Vacuum(pools.database("shore"), WORK, CLOCK).run(VacuumPlan.of(List.of("public.owned")));
    }
}

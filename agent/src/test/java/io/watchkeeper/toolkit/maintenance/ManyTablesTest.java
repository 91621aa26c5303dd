package io.watchkeeper.toolkit.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is due among ten thousand tables is known at once, not after ten thousand questions. */
@Tag("campaign")
class ManyTablesTest {

    private static final Work WORK = Work.unattended("many tables test");
    private static final int TABLES = 10_000;
    private static final Duration AT_ONCE = Duration.ofSeconds(10);

    @Test
    void theOrderOfTenThousandTablesIsFoundInAMoment() throws Exception {
        LocalServer server = TestServers.own(Map.of("max_locks_per_transaction", "2000", "autovacuum", "off"));
        try (DatabasePools pools = new DatabasePools(List.of(TestServers.settings("shore", server, "postgres")))) {
            Database shore = pools.database("shore");
            make(shore);
            VacuumPlan plan = new VacuumPlan(
                    List.of(),
                    VacuumHow.plain(),
                    new VacuumWhen(Ratio.percent(10), 150_000_000L, null),
                    TimeFrame.always());
            AnalyzePlan changed =
                    new AnalyzePlan(List.of(), Ratio.percent(10), true, Duration.ofSeconds(5), TimeFrame.always());

            long start = System.nanoTime();
            List<PlannedAction> planned = new Vacuum(shore, WORK, Clock.systemUTC()).describe(plan);
            Duration vacuum = Duration.ofNanos(System.nanoTime() - start);
            start = System.nanoTime();
            new Analyze(shore, WORK, Clock.systemUTC()).describe(changed);
            Duration analyze = Duration.ofNanos(System.nanoTime() - start);
            start = System.nanoTime();
            new AutovacuumAdvice(shore, WORK).advise(List.of(), AutovacuumRules.DEFAULT);
            Duration advice = Duration.ofNanos(System.nanoTime() - start);

            assertThat(planned).hasSize(TABLES);
            assertThat(planned.get(0).sql()).isEqualTo("VACUUM public.t7");
            assertThat(List.of(vacuum, analyze, advice)).allMatch(one -> one.compareTo(AT_ONCE) < 0);
        } finally {
            server.delete();
        }
    }

    private static void make(Database shore) throws SQLException {
        try (Session session = shore.open(WORK)) {
            for (int from = 1; from <= TABLES; from += 1_000) {
                session.update("do $$ begin for i in " + from + ".." + (from + 999) + " loop execute format("
                        + "'create table t%s (i int primary key, doc text)', i); end loop; end $$");
            }
            session.update("insert into t7 select generate_series(1, 2000); delete from t7 where i > 1000");
            session.update("analyze");
            session.query("select pg_stat_force_next_flush()");
        }
    }
}

package io.watchkeeper.toolkit.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.watchkeeper.measures.Measurements;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The program pg_repack, where the package of PostgreSQL's own version is installed; and what is said where it is not. */
class RepackTest {

    private static final Work WORK = Work.unattended("repack test");

    @Test
    void saysWhatIsMissing() throws Exception {
        try (Planted db = new Planted()) {
            db.sql("create table t (id int primary key)");
            assertThatThrownBy(() -> reindex(db.shore, WORK).run(plan(Duration.ofSeconds(5))))
                    .isInstanceOfSatisfying(OperatorException.class, e -> {
                        assertThat(e)
                                .hasMessageContaining(
                                        "needs the extension pg_repack, which database 'shore' does not have");
                        assertThat(e.hint()).contains("CREATE EXTENSION pg_repack", "REINDEX CONCURRENTLY");
                    });
        }
    }

    @Test
    void writesBloatedTablesAnewAndLeavesNothing() throws Exception {
        try (Planted db = installed()) {
            db.bloated("t");
            db.sql("create table keyless (id int)", "insert into keyless select generate_series(1, 60000)");
            db.sql("delete from keyless where id % 10 <> 0");
            db.sql("vacuum analyze keyless");

            ReindexResult result = reindex(db.shore, WORK).run(plan(Duration.ofSeconds(5)));

            assertThat(result.failure()).isEmpty();
            assertThat(result.repacked()).singleElement().satisfies(one -> {
                assertThat(one.table().toString()).isEqualTo("public.t");
                assertThat(one.bytesReclaimed()).isGreaterThan(one.bytesBefore() / 2);
            });
            assertThat(result.skipped().get("public.keyless")).contains("needs a primary key");
            assertThat(db.one("select count(*) from t")).isEqualTo("6000");
            assertNothingLeft(db);
        }
    }

    @Test
    void oneThatIsStoppedInTheMiddleLeavesNoTrigger() throws Exception {
        try (Planted db = installed()) {
            db.bloated("t");
            StoppableWork work = new StoppableWork("repack test");
            try (Connection old = db.connect();
                    Statement statement = old.createStatement()) {
                CompletableFuture<Object> running = CompletableFuture.supplyAsync(() -> {
                    try {
                        return reindex(db.shore, work).run(plan(Duration.ofMinutes(1)));
                    } catch (Exception e) {
                        return e;
                    }
                });
                // From when its trigger is there, it waits for this transaction before the tables change places.
                old.setAutoCommit(false);
                statement.execute("select txid_current()");
                await().until(() -> db.one("select count(*) from pg_trigger where tgname = 'repack_trigger'")
                                .equals("1")
                        || running.isDone());
                assumeTrue(!running.isDone(), "it was done before the transaction had begun");
                work.stop();
                assertThat(running.get()).isInstanceOf(WorkCancelledException.class);
                old.rollback();
            }
            await().until(() -> {
                RebuildSweep.sweep(db.shore);
                return db.one("select count(*) from watchkeeper.rebuilds").equals("0");
            });
            assertNothingLeft(db);
        }
    }

    private static void assertNothingLeft(Planted db) throws Exception {
        assertThat(db.one("select count(*) from pg_trigger where tgname = 'repack_trigger'"))
                .isEqualTo("0");
        assertThat(db.one(
                        "select count(*) from pg_class where relnamespace = 'repack'::regnamespace and relkind = 'r'"))
                .isEqualTo("0");
        assertThat(db.one("select count(*) from watchkeeper.rebuilds")).isEqualTo("0");
    }

    private static Planted installed() throws Exception {
        Planted db = new Planted();
        boolean available = db.one("select count(*) from pg_available_extensions where name = 'pg_repack'")
                .equals("1");
        if (!available) {
            db.close();
        }
        assumeTrue(available, "pg_repack is not installed");
        db.sql("create extension pg_repack");
        return db;
    }

    private static Reindex reindex(Database database, Work work) {
        Path bin = TestServers.binaries().folder();
        return new Reindex(database, work, Measurements.none(), Clock.systemUTC(), Files.isDirectory(bin) ? bin : null);
    }

    private static ReindexPlan plan(Duration waitFor) {
        return new ReindexPlan(
                List.of("public.*"),
                Ratio.percent(30),
                Bytes.kilobytes(100),
                ReindexPlan.Method.REPACK,
                false,
                Duration.ofSeconds(1),
                waitFor,
                1,
                null);
    }
}

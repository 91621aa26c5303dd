package io.watchkeeper.toolkit.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.measures.Measurements;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.testing.PostgresVersions;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bloat, rebuilds and advice on every PostgreSQL version that is supported. */
@Tag("campaign")
class IndexVersionsTest {

    private static final Work WORK = Work.unattended("index versions");

    private static PostgresVersions versions;

    @BeforeAll
    static void open() throws IOException {
        versions = new PostgresVersions();
    }

    @AfterAll
    static void close() throws IOException {
        versions.close();
    }

    static List<Integer> available() {
        return PostgresVersions.available();
    }

    @ParameterizedTest
    @MethodSource("available")
    void looksBuildsAndAdvises(int version) throws Exception {
        LocalServer server = versions.server(version);
        sql(
                server,
                "create table t (id int primary key, doc text)",
                "create table kept as select g as id, md5(g::text) as doc from generate_series(1, 30000) g",
                "create index kept_doc on kept (doc)",
                "create index kept_doc_again on kept (doc)",
                "create table child (p int references t)",
                "insert into t select g, repeat('x', 60) from generate_series(1, 60000) g",
                "insert into child select 10 from generate_series(1, 2000)",
                "delete from t where id % 10 <> 0");
        sql(server, "vacuum analyze");
        leftover(server);
        try (DatabasePools pools = new DatabasePools(List.of(TestServers.settings("shore", server, "postgres")))) {
            Database shore = pools.database("shore");
            Review bloat = new BloatReview(shore, WORK, Measurements.none(), Clock.systemUTC())
                    .review(BloatLimits.of(List.of("public.*")));
            assertThat(bloat.remedy()).contains("REINDEX INDEX CONCURRENTLY public.t_pkey;");
            Review advice = new IndexAdvice(shore, WORK, Measurements.none(), Clock.systemUTC())
                    .review(AdvicePlan.of(List.of("public.*")));
            assertThat(advice.remedy())
                    .contains(
                            "DROP INDEX CONCURRENTLY public.kept_doc_again;",
                            "DROP INDEX CONCURRENTLY public.t_pkey_ccnew;",
                            "CREATE INDEX CONCURRENTLY ON public.child (p);");
            ReindexPlan plan = new ReindexPlan(
                    List.of("public.*"),
                    Ratio.percent(30),
                    Bytes.kilobytes(100),
                    ReindexPlan.Method.CONCURRENTLY,
                    false,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(10),
                    2,
                    null);
            ReindexResult result = new Reindex(shore, WORK, Measurements.none(), Clock.systemUTC(), null).run(plan);
            assertThat(result.failure()).isEmpty();
            assertThat(result.leftovers()).hasSize(1);
            assertThat(result.rebuilt())
                    .extracting(one -> one.index().index().toString())
                    .containsExactly("public.t_pkey");
        }
    }

    private static void leftover(LocalServer server) throws SQLException {
        try (Connection old = TestServers.connect(server, "postgres");
                Statement writer = old.createStatement()) {
            old.setAutoCommit(false);
            writer.execute("lock table t in row exclusive mode");
            try {
                sql(server, "set lock_timeout = '50ms'", "reindex index concurrently t_pkey");
                throw new AssertionError("the rebuild did not wait");
            } catch (SQLException e) {
                assertThat(e.getSQLState()).isEqualTo("55P03");
            }
            old.rollback();
        }
    }

    private static void sql(LocalServer server, String... statements) throws SQLException {
        try (Connection connection = TestServers.connect(server, "postgres");
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }
}

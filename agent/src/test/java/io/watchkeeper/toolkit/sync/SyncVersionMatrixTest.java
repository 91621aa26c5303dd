package io.watchkeeper.toolkit.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.testing.PostgresVersions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A few rounds from every PostgreSQL to every other. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SyncVersionMatrixTest {

    private static final String COLUMNS =
            "id bigint, region text, n numeric(12, 2), at timestamptz, doc jsonb, tags text[], raw bytea,"
                    + " twice numeric generated always as (n * 2) stored";

    private PostgresVersions versions;

    @BeforeAll
    void open() throws Exception {
        versions = new PostgresVersions();
    }

    @AfterAll
    void close() throws Exception {
        versions.close();
    }

    static List<Arguments> oldestAndNewest() {
        List<Integer> all = PostgresVersions.available();
        int oldest = all.get(0);
        int newest = all.get(all.size() - 1);
        return List.of(Arguments.of(oldest, newest), Arguments.of(newest, oldest));
    }

    static List<Arguments> everyPair() {
        List<Integer> all = PostgresVersions.available();
        assertThat(all).as("run with -Pevery-version").containsExactly(14, 15, 16, 17, 18);
        List<Arguments> pairs = new ArrayList<>();
        all.forEach(from -> all.forEach(to -> pairs.add(Arguments.of(from, to))));
        return pairs;
    }

    @ParameterizedTest(name = "from {0} to {1}")
    @MethodSource("oldestAndNewest")
    void theOldestAndTheNewestKeepEachOtherTheSame(int from, int to) throws Exception {
        aFewRounds(from, to);
    }

    @Tag("campaign")
    @ParameterizedTest(name = "from {0} to {1}")
    @MethodSource("everyPair")
    void everyVersionKeepsEveryOtherTheSame(int from, int to) throws Exception {
        aFewRounds(from, to);
    }

    private void aFewRounds(int from, int to) throws Exception {
        try (SyncFleet fleet = new SyncFleet(versions.server(from), versions.server(to));
                SyncFleet.Writer late = fleet.writer()) {
            fleet.shore("create table t (" + COLUMNS + ", primary key (id, region)) partition by list (region);"
                    + " create table t_a partition of t for values in ('a'); create table t_b partition of t default");
            fleet.ship("create table t (" + COLUMNS + ", primary key (id, region))");
            fleet.shore(
                    "insert into t select i, case when i % 2 = 0 then 'a' else 'b' end, i / 7.0, now() - i * interval '1 h',"
                            + " jsonb_build_object('i', i), array[i::text, null], decode(md5(i::text), 'hex') from generate_series(1, 500) i");
            assertThat(fleet.sync("t").mode()).isEqualTo(SyncMode.FULL);
            fleet.assertSame("t");

            late.run("begin; update t set n = -1 where id = 1; savepoint a; delete from t where id = 2; release a");
            fleet.shore(
                    "update t set doc = null, raw = '\\x00' where id between 10 and 19; delete from t where id = 20;"
                            + " insert into t values (1000, 'c', 1, 'infinity', '[]', '{}', '')");
            SyncResult second = fleet.sync("t");
            assertThat(second.mode()).isEqualTo(SyncMode.XMIN);
            assertThat(second.rowsWritten()).isEqualTo(11);
            assertThat(second.rowsDeleted()).isEqualTo(1);
            fleet.assertSame("t");

            late.run("commit");
            fleet.shore("update t set region = 'b' where id = 30");
            fleet.shore("vacuum full t_a");
            SyncResult third = fleet.sync("t");
            assertThat(third.mode()).isEqualTo(SyncMode.XMIN);
            assertThat(third.rowsDeleted())
                    .as("one gone, one under another key")
                    .isEqualTo(2);
            fleet.assertSame("t");
            assertThat(fleet.sync("t").rowsRead()).isZero();
        }
    }
}

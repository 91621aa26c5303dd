package io.watchkeeper.toolkit.check;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** How full and how used things are, on a server with a standby where nothing is vacuumed by itself. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StorageChecksTest {

    private static final Duration DAY = Duration.ofDays(1);

    private LocalServer server;
    private LocalServer standby;

    @BeforeAll
    void start() {
        server = TestServers.own(Map.of("autovacuum", "off", "max_standby_streaming_delay", "0"));
        standby = StandbyServers.of(server);
    }

    @AfterAll
    void end() {
        standby.delete();
        server.delete();
    }

    @Test
    void sizeOfADatabaseWithALargeCatalogueIsTakenFromItsPages() throws Exception {
        try (CheckRig rig = CheckRig.on(server)) {
            rig.execute(
                    "create table filled as select g as id, repeat('x', 500) as note from generate_series(1, 20000) g");
            rig.execute("vacuum analyze");
            rig.execute(
                    "set allow_system_table_mods = on; do $$ begin for i in 1..80 loop update pg_class set relpages = relpages; end loop; end $$");
            rig.execute("vacuum pg_class");
            Review review = rig.review(DatabaseSizeCheck.USUAL);
            assertThat(review.summary()).contains(" by the planner's pages");
            double told = ((Number) requireNonNull(review.rows().stream()
                            .filter(row -> rig.name.equals(row.get("database")))
                            .findFirst()
                            .orElseThrow()
                            .get("bytes")))
                    .doubleValue();
            double real;
            try (Connection connection = rig.connect();
                    var row =
                            connection.createStatement().executeQuery("select pg_database_size(current_database())")) {
                row.next();
                real = row.getDouble(1);
            }
            assertThat(told).isCloseTo(real, withinPercentage(5));
        }
    }

    @Test
    void growthAndTheDayOfTheFullDiskAreTold() throws Exception {
        try (CheckRig rig = CheckRig.on(server)) {
            Review first = rig.review(DatabaseSizeCheck.USUAL);
            assertThat(first.status()).isEqualTo("ok");
            assertThat(first.summary()).contains("how they grow is not known yet");
            assertThat(first.rows()).anySatisfy(row -> assertThat(row).containsEntry("database", "template0"));

            long free = java.nio.file.Files.getFileStore(server.data()).getUsableSpace();
            double now = first.rows().stream()
                    .filter(row -> rig.name.equals(row.get("database")))
                    .map(row -> (Long) requireNonNull(row.get("bytes")))
                    .findFirst()
                    .orElseThrow();
            // A fifth of what is free each day.
            rig.measurements.with(CheckRig.NOW.minus(DAY), "database_bytes", "", now - free / 5.0);
            Review review = rig.review(DatabaseSizeCheck.USUAL);
            ReviewFinding full = CheckRig.finding(review, "fullSoon");
            assertThat(full.status()).isEqualTo(ReviewStatus.FAIL);
            assertThat(full.message()).containsPattern("full in (4 d 23 h|5 d)");
            assertThat(review.summary()).contains("grown by").contains("the disk is full in");
        }
    }

    @Test
    void largeDatabasesAreSaidWhereThereIsALimit() throws Exception {
        try (CheckRig rig = CheckRig.on(server)) {
            Review review = rig.review(new DatabaseSizeCheck(DAY, DAY, Bytes.megabytes(1)));
            assertThat(CheckRig.finding(review, "large").message()).contains("1 MB is the limit");
        }
    }

    @Test
    void disksOfAServerOnThisHostAreMeasured() throws Exception {
        try (CheckRig rig = CheckRig.on(server)) {
            Review review = rig.review(new DiskSpaceCheck(Ratio.percent(0), Ratio.percent(0), DAY));
            assertThat(review.status()).isEqualTo("ok");
            assertThat(review.rows().get(0))
                    .containsEntry("folder", server.data().toString())
                    .containsEntry("holds", "data, log")
                    .containsKeys("free", "total", "logBytes");

            ReviewFinding little = CheckRig.finding(
                    rig.review(new DiskSpaceCheck(Ratio.percent(100), Ratio.percent(100), DAY)), "littleFree");
            assertThat(little.status()).isEqualTo(ReviewStatus.FAIL);
            assertThat(little.remedy()).contains("pg_replication_slots");
        }
    }

    @Test
    void diskThatFillsUpIsFoundBeforeItIsFull() throws Exception {
        try (CheckRig rig = CheckRig.on(server)) {
            double free = java.nio.file.Files.getFileStore(server.data()).getUsableSpace();
            rig.measurements.with(
                    CheckRig.NOW.minus(DAY), "disk_free_bytes", server.data().toString(), 2 * free);
            Review review = rig.review(new DiskSpaceCheck(Ratio.percent(0), Ratio.percent(0), DAY.multipliedBy(2)));
            assertThat(CheckRig.finding(review, "fullSoon").message()).containsPattern("full in (23 h|1 d)");
        }
    }

    @Test
    void ofAServerElsewhereNothingIsGuessed() throws Exception {
        DatabaseSettings far = new DatabaseSettings("shore", server.url("postgres"), "postgres", null, 2, null, false);
        try (DatabasePools pools = new DatabasePools(List.of(far));
                Session session = pools.database("shore").open(Work.unattended("test"))) {
            Review review = DiskSpaceCheck.USUAL.review(new Look(session, CheckRig.NOW, new MemoryMeasurements()));
            assertThat(review.status()).isEqualTo("ok");
            assertThat(review.summary()).isEqualTo("not known here: the server is on another host");
        }
    }

    @Test
    void roleThatMayNotSeeWhereTheDataIsIsToldWhatToGrant() throws Exception {
        try (CheckRig rig = CheckRig.on(server);
                CheckRig blind = rig.as("blind_disks")) {
            assertThat(CheckRig.finding(blind.review(DiskSpaceCheck.USUAL), "unreadable")
                            .remedy())
                    .isEqualTo("GRANT pg_monitor TO blind_disks;");
            rig.execute("grant pg_monitor to blind_disks");
            assertThat(CheckRig.codes(blind.review(DiskSpaceCheck.USUAL))).doesNotContain("unreadable");
        }
    }

    @Test
    void tablesThatNeedCareAreNamedWithWhatMendsThem() throws Exception {
        try (CheckRig rig = CheckRig.on(server)) {
            rig.execute("""
                    create schema "Odd"; create table "Odd"."T 1" (id int primary key, n int, filler text);
                    create index on "Odd"."T 1" (n);
                    insert into "Odd"."T 1" select i, 0, repeat('x', 200) from generate_series(1, 4000) i""");
            rig.execute("analyze \"Odd\".\"T 1\"");
            rig.execute("update \"Odd\".\"T 1\" set n = n + 1");
            for (int i = 0; i < 100; i++) {
                rig.execute("select count(*) from \"Odd\".\"T 1\" where filler = 'y'");
            }
            TableStatisticsCheck check = new TableStatisticsCheck(
                    Ratio.percent(20),
                    Ratio.percent(40),
                    1_000,
                    Ratio.percent(30),
                    Bytes.kilobytes(64),
                    Ratio.percent(50));
            Review review = rig.review(check);
            assertThat(CheckRig.codes(review))
                    .containsExactlyInAnyOrder("deadRows", "oldStatistics", "sequentialScans", "notHot");
            assertThat(CheckRig.finding(review, "deadRows").status()).isEqualTo(ReviewStatus.FAIL);
            assertThat(CheckRig.finding(review, "deadRows").message()).contains("\"Odd\".\"T 1\" (50 %, 4000 rows)");
            assertThat(CheckRig.finding(review, "notHot").remedy())
                    .isEqualTo("ALTER TABLE \"Odd\".\"T 1\" SET (fillfactor = 80);");
            assertThat(rig.measurements.subjects("table_dead_ratio")).contains("\"Odd\".\"T 1\"");

            for (ReviewFinding finding : review.findings()) {
                if (!finding.code().equals("sequentialScans")) {
                    rig.execute(finding.remedy().replaceFirst(" --.*", ""));
                }
            }
            assertThat(CheckRig.codes(rig.review(check))).containsExactly("sequentialScans");
        }
    }

    @Test
    void indexThatNobodyUsesIsNamedOnceThatIsKnownForLongEnough() throws Exception {
        try (CheckRig rig = CheckRig.on(server)) {
            rig.execute("""
                    create table t (id int primary key, used int, idle int, "Late 1" int, at_sea int);
                    insert into t select i, i, i, i, i from generate_series(1, 3000) i;
                    create index used on t (used); create index idle on t (idle); create index at_sea on t (at_sea);
                    analyze t""");
            rig.execute("set enable_seqscan = off; select count(*) from t where used = 5");
            IndexUsageCheck check = new IndexUsageCheck(Bytes.kilobytes(8), DAY, Asked.NONE);

            assertThat(CheckRig.codes(rig.review(check)))
                    .as("statistics are minutes old")
                    .containsExactly("standbysNotAsked");
            rig.execute("create index \"Late\" on t (\"Late 1\"); analyze t");
            rig.review(check, CheckRig.NOW.plus(DAY.minusHours(1)));
            Review review = rig.review(check, CheckRig.NOW.plus(DAY));
            assertThat(review.findings().stream()
                            .filter(one -> one.code().equals("unused"))
                            .map(one -> one.evidence().get("index")))
                    .containsExactlyInAnyOrder("public.idle", "public.at_sea", "public.used");
            assertThat(review.remedy())
                    .contains("DROP INDEX CONCURRENTLY public.idle; -- ask the standbys first: alsoAsk");

            rig.execute("set enable_seqscan = off; select count(*) from t where used = 5");
            // A session tells of what it has used within a second.
            Awaitility.await()
                    .untilAsserted(() ->
                            assertThat(unused(rig, check)).containsExactlyInAnyOrder("public.idle", "public.at_sea"));
            assertUsedAtSea(rig);
        }
    }

    @Test
    void smallerIndexesThanTheAgentRemembersAreJudgedByTheServersStatistics() throws Exception {
        try (CheckRig rig = CheckRig.on(server)) {
            rig.execute("create table t as select i as n from generate_series(1, 1000) i");
            rig.execute("do $$ begin for i in 1..205 loop execute format('create index idle_%s on t (n)', i);"
                    + " end loop; end $$");
            IndexUsageCheck check = new IndexUsageCheck(Bytes.kilobytes(8), Duration.ofMillis(1), Asked.NONE);
            assertThat(rig.review(check).summary()).startsWith("205 of 205 indexes ");
            assertThat(rig.review(check, CheckRig.NOW.plus(DAY)).summary()).startsWith("205 of 205 indexes ");
        }
    }

    @Test
    void standbyThatIsLostIsAFindingAndNoIndexIsCalledUnused() throws Exception {
        try (CheckRig rig = CheckRig.on(server)) {
            rig.execute("create table t as select i as n from generate_series(1, 1000) i");
            rig.execute("create index idle on t (n); analyze t");
            await(rig, "exists (select from pg_class where relname = 'idle')");
            DatabaseSettings settings =
                    new DatabaseSettings("ship", standby.url(rig.name), "postgres", null, 2, "shore", true);
            try (DatabasePools pools = new DatabasePools(List.of(settings));
                    Session asked = pools.database("ship").open(Work.unattended("lost ship"))) {
                TestServers.execute(
                        standby,
                        rig.name,
                        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
                                + " and pid <> pg_backend_pid()");
                Review review = rig.review(
                        new IndexUsageCheck(Bytes.kilobytes(8), Duration.ofMillis(1), Asked.of(List.of(asked))));
                ReviewFinding unreachable = CheckRig.finding(review, "unreachable");
                assertThat(unreachable.status()).isEqualTo(ReviewStatus.WARN);
                assertThat(unreachable.message()).contains("database 'ship'");
                assertThat(CheckRig.codes(review)).doesNotContain("unused");
                assertThat(rig.measurements.subjects("index_scans")).isEmpty();
            }
        }
    }

    private static List<String> unused(CheckRig rig, IndexUsageCheck check) throws Exception {
        return rig.review(check, CheckRig.NOW.plus(DAY)).findings().stream()
                .filter(one -> one.code().equals("unused"))
                .map(one -> String.valueOf(one.evidence().get("index")))
                .toList();
    }

    private void assertUsedAtSea(CheckRig rig) throws Exception {
        await(rig, "exists (select from pg_class where relname = 'Late')");
        TestServers.execute(standby, rig.name, "set enable_seqscan = off; select count(*) from t where at_sea = 5");
        DatabaseSettings settings =
                new DatabaseSettings("ship", standby.url(rig.name), "postgres", null, 2, "shore", true);
        try (DatabasePools pools = new DatabasePools(List.of(settings));
                Session asked = pools.database("ship").open(Work.unattended("test"))) {
            // The server tells what a session did when that has ended, or a little later.
            org.awaitility.Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(
                                    unused(rig, new IndexUsageCheck(Bytes.kilobytes(8), DAY, Asked.of(List.of(asked)))))
                            .containsExactly("public.idle"));
        }
    }

    private void await(CheckRig rig, String condition) {
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(() -> {
                    try (Connection connection = TestServers.connect(standby, rig.name);
                            var row = connection.createStatement().executeQuery("select " + condition)) {
                        row.next();
                        return row.getBoolean(1);
                    }
                });
    }

    @Test
    void pagesThatAreNotInMemoryAreFound() throws Exception {
        try (CheckRig rig = CheckRig.on(server)) {
            rig.execute("create table t as select i from generate_series(1, 10000) i");
            assertThat(rig.review(CacheHitCheck.USUAL).summary()).contains("too little was read");
            CacheHitCheck check = new CacheHitCheck(new Ratio(1.5), new Ratio(1.2), 10);
            ReviewFinding low = CheckRig.finding(rig.review(check), "low");
            assertThat(low.status()).isEqualTo(ReviewStatus.FAIL);
            assertThat(low.remedy()).startsWith("ALTER SYSTEM SET shared_buffers = '128MB'; -- takes a restart");
            assertThat(rig.measurements.subjects("cache_hit_ratio")).containsExactly("");
            assertThat(rig.review(new CacheHitCheck(Ratio.percent(1), null, 10)).status())
                    .isEqualTo("ok");
        }
    }

    @Test
    void queriesCancelledByReplayAreFoundAtTheNextLook() throws Exception {
        try (CheckRig rig = CheckRig.on(server);
                DatabasePools pools = new DatabasePools(List.of(
                        new DatabaseSettings("ship", standby.url(rig.name), "postgres", null, 2, "shore", true)))) {
            assertThat(rig.review(ReplicationConflictCheck.USUAL).summary()).startsWith("no standby and no subscriber");
            rig.execute("create table t (n int)");
            await(rig, "exists (select from pg_class where relname = 't')");
            MemoryMeasurements memory = new MemoryMeasurements();
            try (Session session = pools.database("ship").open(Work.unattended("test"))) {
                Look before = new Look(session, CheckRig.NOW, memory);
                assertThat(ReplicationConflictCheck.USUAL.review(before).status())
                        .isEqualTo("ok");
            }
            try (Connection reader = TestServers.connect(standby, rig.name)) {
                reader.setAutoCommit(false);
                reader.createStatement().execute("select * from t");
                rig.execute("drop table t");
                await(rig, "not exists (select from pg_class where relname = 't')");
            }
            org.awaitility.Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                try (Session session = pools.database("ship").open(Work.unattended("test"))) {
                    Review review = ReplicationConflictCheck.USUAL.review(
                            new Look(session, CheckRig.NOW.plusSeconds(3600), memory));
                    ReviewFinding cancelled = CheckRig.finding(review, "queriesCancelled");
                    assertThat(cancelled.message())
                            .isEqualTo("1 query in " + rig.name + " had to give way to replay (lock) in the last 1 h");
                    assertThat(cancelled.remedy()).contains("max_standby_streaming_delay");
                }
            });
        }
    }
}

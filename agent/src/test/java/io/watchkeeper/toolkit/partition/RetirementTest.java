package io.watchkeeper.toolkit.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.testing.OtherProcess;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.IntegrityPlan;
import io.watchkeeper.toolkit.backup.KeptBackups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of partitions that are too old, also when the agent dies in the middle of it. */
class RetirementTest {

    private static final String NOW = "2024-06-10T00:00:00Z";

    private static final String TABLE =
            "create table t (id bigint, tenant_id text, at date, doc text, primary key (id, tenant_id, at)) partition by range (at);"
                    + " create table t_p2023_11 partition of t for values from ('2023-11-01') to ('2023-12-01') partition by hash (tenant_id);"
                    + " create table t_p2023_11_h0 partition of t_p2023_11 for values with (modulus 2, remainder 0);"
                    + " create table t_p2023_11_h1 partition of t_p2023_11 for values with (modulus 2, remainder 1);"
                    + " create table t_p2023_12 partition of t for values from ('2023-12-01') to ('2024-01-01');"
                    + " create table t_p2024_01 partition of t for values from ('2024-01-01') to ('2024-02-01');"
                    + " insert into t select i, 'tenant ' || i % 7, date '2023-11-01' + i % 90, 'doc ' || i from generate_series(0, 899) i";

    @TempDir
    private Path folder;

    private PartitionRig rig;

    @BeforeEach
    void open() {
        rig = new PartitionRig(folder, NOW);
        rig.on(TABLE);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static UpkeepPlan plan(Retention action) {
        // 2024-06-10 without 180 days is 2023-12-13: November is too old, December is not.
        return UpkeepPlan.monthly(List.of("public.t")).withRetention(Duration.ofDays(180), action);
    }

    private String rows(String table) {
        return rig.value("select count(*) from " + table);
    }

    private List<String> archives() throws IOException {
        return archives(rig);
    }

    private static List<String> archives(PartitionRig of) throws IOException {
        Path backups = of.folder.resolve("repository/.archive/tables/shore/backups");
        if (!Files.isDirectory(backups)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(backups)) {
            return all.map(path -> String.valueOf(path.getFileName())).sorted().toList();
        }
    }

    @Test
    void detachedPartitionsAreTablesOfTheirOwn() throws Exception {
        UpkeepResult result = rig.done(plan(Retention.DETACH));

        assertThat(result.detached()).containsExactly("public.t_p2023_11");
        assertThat(rows("t")).isEqualTo("600");
        assertThat(rows("t_p2023_11")).isEqualTo("300");
        assertThat(rig.value("select count(*) from watchkeeper.retired_partitions"))
                .isEqualTo("0");
        assertThat(rig.done(plan(Retention.DETACH)).detached()).isEmpty();
    }

    @Test
    void archivedPartitionsAreInTheRepositoryAndNoLongerInTheDatabase() throws Exception {
        UpkeepResult result = rig.done(plan(Retention.ARCHIVE));

        assertThat(result.archived()).containsExactly("public.t_p2023_11");
        assertThat(rig.value("select to_regclass('t_p2023_11') is null")).isEqualTo("t");
        assertThat(archives()).containsExactlyElementsOf(result.tables().get(0).archives());
        assertThat(rig.backups().catalogues()).as("what counts as backups").isEmpty();
        assertThat(rig.backups()
                        .archive()
                        .catalogue("shore")
                        .find(archives().get(0))
                        .isGood())
                .isTrue();
        assertThat(rig.value("select count(*) from watchkeeper.retired_partitions"))
                .isEqualTo("0");
        assertThat(new KeptBackups(rig.backups(), null, PartitionRig.WORK).verify(IntegrityPlan.DEFAULT, done -> {}))
                .singleElement()
                .satisfies(read -> assertThat(read.verified())
                        .isEqualTo(result.tables().get(0).archives()));
    }

    @Test
    void droppedPartitionsAreGone() throws Exception {
        assertThat(rig.done(plan(Retention.DROP)).dropped()).containsExactly("public.t_p2023_11");
        assertThat(rig.value("select to_regclass('t_p2023_11') is null")).isEqualTo("t");
        assertThat(rows("t")).isEqualTo("600");
    }

    @Test
    void besideADefaultPartitionItIsDetachedToo() throws Exception {
        rig.on("create table t_default partition of t default");

        assertThat(rig.done(plan(Retention.DETACH)).detached()).containsExactly("public.t_p2023_11");
    }

    @Test
    void moreThanMaxDropsTouchesNone() throws Exception {
        rig.itIs("2025-06-10T00:00:00Z");

        UpkeepResult result = rig.run(plan(Retention.DROP).withMaxDrops(2));

        assertThat(result.failure())
                .get()
                .satisfies(e -> assertThat(e.getMessage()).contains("3 partitions of public.t are too old"));
        assertThat(result.failure().get().hint()).contains("maxDrops 3");
        assertThat(rows("t")).isEqualTo("900");
    }

    @Test
    void aClockThatIsWrongDropsNothing() throws Exception {
        UpkeepResult result = new PartitionUpkeep(
                        rig.database(),
                        rig.database(),
                        rig.backups(),
                        Clock.fixed(Instant.parse("2094-01-01T00:00:00Z"), ZoneOffset.UTC),
                        PartitionRig.WORK)
                .run(plan(Retention.DROP).withAhead(Duration.ZERO));

        assertThat(result.failure())
                .get()
                .satisfies(e -> assertThat(e.getMessage()).contains("clock says 2094-01-01"));
        assertThat(rows("t")).isEqualTo("900");
    }

    @Test
    void withoutARepositoryNothingIsLost() throws Exception {
        UpkeepResult result = new PartitionUpkeep(
                        rig.database(),
                        rig.database(),
                        BackupSettings.none(Clock.systemUTC()),
                        Clock.fixed(Instant.parse(NOW), ZoneOffset.UTC),
                        PartitionRig.WORK)
                .trustingItsClock()
                .run(plan(Retention.ARCHIVE));

        assertThat(result.failure())
                .get()
                .satisfies(e -> assertThat(e.getMessage()).contains("no repository of backups"));
        assertThat(rows("t")).isEqualTo("900");
    }

    @Test
    void rowsWrittenAfterTheArchiveAreArchivedToo() throws Exception {
        boolean[] written = new boolean[1];
        StoppableWork work = new StoppableWork("late writer").onProgress(progress -> {
            if (progress.stage().equals("drop") && !written[0]) {
                written[0] = true;
                rig.on("insert into t_p2023_11 values (9999, 'late', '2023-11-30', 'late')");
            }
        });

        UpkeepResult result = rig.upkeep(work).run(plan(Retention.ARCHIVE));

        assertThat(result.failure()).isEmpty();
        assertThat(written[0]).isTrue();
        assertThat(archives()).hasSize(2);
        assertThat(result.tables().get(0).archives()).containsExactly(archives().get(1));
    }

    @Test
    void anArchiveThatWasDamagedSinceIsMadeAgain() throws Exception {
        assertThatThrownBy(() -> rig.upkeep(new StoppableWork("doomed").onProgress(progress -> {
                            if (progress.stage().equals("drop")) {
                                throw new IllegalStateException("dies here");
                            }
                        }))
                        .run(plan(Retention.ARCHIVE)))
                .hasMessage("dies here");
        String first = archives().get(0);
        try (Stream<Path> files = Files.walk(
                folder.resolve("repository/.archive/tables/shore/backups").resolve(first))) {
            Path dump = files.filter(Files::isRegularFile)
                    .filter(path -> !String.valueOf(path.getFileName()).contains("json"))
                    .findFirst()
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(dump);
            bytes[bytes.length / 2] = (byte) (bytes[bytes.length / 2] ^ 1);
            assertThat(dump.toFile().setWritable(true)).isTrue();
            Files.write(dump, bytes);
        }

        UpkeepResult result = rig.done(plan(Retention.ARCHIVE));

        assertThat(result.archived()).containsExactly("public.t_p2023_11");
        assertThat(result.tables().get(0).archives()).doesNotContain(first);
    }

    @Test
    void aViewThatNeedsThePartitionKeepsIt() throws Exception {
        rig.on("create view v as select * from t_p2023_11");

        UpkeepResult result = rig.run(plan(Retention.DROP));

        assertThat(result.failure())
                .get()
                .satisfies(e -> assertThat(e.getMessage()).contains("other objects need it"));
        assertThat(rows("v")).isEqualTo("300");
        // The gentler of what was recorded and what is wanted now holds.
        assertThat(rig.done(plan(Retention.DETACH)).detached()).containsExactly("public.t_p2023_11");
        assertThat(rows("v")).isEqualTo("300");
    }

    @Test
    void aDetachingThatSomebodyLeftHalfwayIsFinished() throws Exception {
        try (Connection holder = TestServers.connect(rig.server, rig.name);
                Statement hold = holder.createStatement();
                Connection other = TestServers.connect(rig.server, rig.name);
                Statement detach = other.createStatement()) {
            holder.setAutoCommit(false);
            hold.execute("select * from t");
            detach.execute("set statement_timeout = 500");
            assertThatThrownBy(() -> detach.execute("alter table t detach partition t_p2023_11 concurrently"))
                    .hasMessageContaining("statement timeout");
        }
        assertThat(rig.value("select inhdetachpending from pg_inherits where inhrelid = 't_p2023_11'::regclass"))
                .isEqualTo("t");

        assertThat(rig.done(UpkeepPlan.monthly(List.of("public.t"))).detached()).containsExactly("public.t_p2023_11");
        assertThat(rows("t_p2023_11")).isEqualTo("300");
    }

    /** One process, in which an agent stands still in each stage, dies in all of them at once: starting it takes longest. */
    @Test
    void killedAnywhereNothingIsLostAndTheNextRunEndsIt() throws Exception {
        List<String> stages = List.of("detach", "restore", "drop");
        Map<String, PartitionRig> rigs = new LinkedHashMap<>();
        List<String> arguments = new ArrayList<>();
        try {
            for (String stage : stages) {
                PartitionRig doomed = new PartitionRig(Files.createDirectory(folder.resolve(stage)), NOW);
                rigs.put(stage, doomed);
                doomed.on(TABLE);
                arguments.addAll(List.of(doomed.folder.toString(), doomed.settings.url(), stage));
            }
            OtherProcess agent = OtherProcess.start(DoomedAgent.class, arguments.toArray(String[]::new));
            List<String> reached = new ArrayList<>();
            for (int i = 0; i < stages.size(); i++) {
                reached.add(agent.readLine());
            }
            assertThat(reached).containsExactlyInAnyOrderElementsOf(stages);
            agent.kill();
            for (Map.Entry<String, PartitionRig> killed : rigs.entrySet()) {
                nothingIsLostAndTheNextRunEndsIt(killed.getKey(), killed.getValue());
            }
        } finally {
            rigs.values().forEach(PartitionRig::close);
        }
    }

    private static void nothingIsLostAndTheNextRunEndsIt(String stage, PartitionRig killed) throws Exception {
        // Whatever it was doing: every row is in the table, or in the table that was its partition.
        assertThat(killed.value("select count(*) from t_p2023_11")).as(stage).isEqualTo("300");

        UpkeepResult result = killed.done(plan(Retention.ARCHIVE));

        assertThat(result.archived()).as(stage).containsExactly("public.t_p2023_11");
        assertThat(killed.value("select count(*) from t")).as(stage).isEqualTo("600");
        assertThat(killed.value("select count(*) from watchkeeper.retired_partitions"))
                .as(stage)
                .isEqualTo("0");
        assertThat(archives(killed)).as(stage).noneMatch(name -> name.endsWith(".part") || name.endsWith(".expired"));
    }

    @Test
    void killedWhileTheServerDetachesTheNextRunEndsIt() throws Exception {
        try (Connection holder = TestServers.connect(rig.server, rig.name);
                Statement hold = holder.createStatement()) {
            holder.setAutoCommit(false);
            hold.execute("select * from t");
            OtherProcess agent =
                    OtherProcess.start(DoomedAgent.class, folder.toString(), rig.settings.url(), "nowhere");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> rig.value("select count(*) from pg_inherits where inhdetachpending")
                            .equals("1"));
            agent.kill();
        }
        assertThat(rows("t_p2023_11")).isEqualTo("300");

        assertThat(rig.done(plan(Retention.DETACH)).detached()).containsExactly("public.t_p2023_11");
        assertThat(rows("t_p2023_11")).isEqualTo("300");
        assertThat(rig.value("select count(*) from pg_inherits where inhdetachpending"))
                .isEqualTo("0");
    }

    /** An agent that stands still in the stage it was told, to be killed there. */
    static final class DoomedAgent {

        private DoomedAgent() {}

        /** @param args of each agent its folder, its database and its stage */
        public static void main(String[] args) {
            System.out.println("ready");
            for (int i = 0; i < args.length; i += 3) {
                List<String> own = List.of(args[i], args[i + 1], args[i + 2]);
                new Thread(() -> run(own.get(0), own.get(1), own.get(2))).start();
            }
        }

        private static void run(String folder, String url, String stage) {
            DatabaseSettings shore = new DatabaseSettings("shore", url, "postgres", null, 8, null, true);
            CountDownLatch never = new CountDownLatch(1);
            StoppableWork work = new StoppableWork("doomed").onProgress(progress -> {
                if (progress.stage().startsWith(stage)) {
                    System.out.println(stage);
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
            });
            try (DatabasePools pools = new DatabasePools(List.of(shore))) {
                new PartitionUpkeep(
                                pools.database("shore"),
                                pools.database("shore"),
                                PartitionRig.backups(Path.of(folder), Clock.systemUTC()),
                                Clock.fixed(Instant.parse(NOW), ZoneOffset.UTC),
                                work)
                        .trustingItsClock()
                        .run(plan(Retention.ARCHIVE));
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}

package io.watchkeeper.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.config.ConfigLoader;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DemoFleetTest {

    private static final Path SHIPPED = Path.of("..", "runbooks");
    private static final PgBinaries BINARIES = TestServers.binaries();

    /** For the tests that only look. */
    private static DemoFleet fleet;

    private static DatabasePools pools;

    @BeforeAll
    static void startFleet() {
        fleet = start();
        pools = new DatabasePools(fleet.databases());
    }

    @AfterAll
    static void endFleet() {
        pools.close();
        fleet.close();
    }

    @Test
    void shoreHoldsTheRowsAndShipTheSameTablesEmpty() throws Exception {
        Map<String, TableDigest> ashore = digests(pools.database("shore"));
        assertThat(ashore)
                .containsOnlyKeys("tenants", "pipelines", "incidents", "documents", "document_chunks", "audit_events");
        assertThat(ashore.values().stream().mapToLong(TableDigest::rows).sum())
                .isEqualTo(DemoData.Size.THOUSAND.rows());
        Map<String, TableDigest> aboard = digests(pools.database("ship"));
        assertThat(aboard).hasSameSizeAs(ashore);
        assertThat(aboard.values()).allMatch(table -> table.rows() == 0);
    }

    @Test
    void aMillionRowsAreAMillionRows() {
        assertThat(DemoData.Size.MILLION.rows()).isEqualTo(1_000_000);
    }

    @Test
    void writesAConfigurationThatTheAgentAcceptsAndNobodyElseReads() throws Exception {
        for (Path file : new Path[] {fleet.configFile(), fleet.tokenFile()}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
        ConfigLoader.Loaded loaded = new ConfigLoader(Map.of()).load(fleet.configFile());
        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.warnings()).isEmpty();
        AgentConfig config = loaded.config().orElseThrow();
        assertThat(config.databases()).isEqualTo(fleet.databases());
        assertThat(config.http().listen().getPort()).isEqualTo(fleet.page().getPort());
        assertThat(config.http().token()).isNotNull();
        assertThat(config.runbooks()).isEqualTo(fleet.runbooks()).isDirectoryContaining("glob:**/fleet-copy.groovy");
    }

    @Test
    void refusesVisitorsWithoutThePassword() {
        for (String role : new String[] {"postgres", "watchkeeper"}) {
            assertThatThrownBy(() ->
                            DriverManager.getConnection(fleet.databases().get(0).url(), role, "guess"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
        }
    }

    @Test
    void agentsRoleIsNoSuperuser() throws Exception {
        try (Session session = pools.database("ship").open(Work.unattended("test"));
                ResultSet row = session.connection().createStatement().executeQuery("""
                        select rolsuper, pg_has_role('pg_monitor', 'member') from pg_roles where rolname = current_user
                        """)) {
            row.next();
            assertThat(row.getBoolean(1)).isFalse();
            assertThat(row.getBoolean(2)).isTrue();
        }
    }

    @Test
    void everyDemoHoldsTheSameRowsAndRunsBesideOthers() throws Exception {
        DemoFleet other = start();
        boolean[] serverAnswered = new boolean[1];
        try (DatabasePools otherPools = new DatabasePools(other.databases())) {
            assertThat(digests(otherPools.database("shore"))).isEqualTo(digests(pools.database("shore")));
            other.beforeClose(() -> serverAnswered[0] = answers(otherPools.database("shore")));
            other.close();
            other.close();
        }
        assertThat(serverAnswered[0])
                .as("the agent is stopped before the servers")
                .isTrue();
        assertThat(other.folder()).doesNotExist();
        assertThat(answers(pools.database("shore"))).isTrue();
    }

    @Test
    void standbyFallsBehindAReportAndCatchesUpWithoutIt() throws Exception {
        try (DemoFleet withStandby =
                        DemoFleet.start(temporary(), Optional.of(BINARIES), SHIPPED, DemoData.Size.THOUSAND, true);
                DatabasePools itsPools = new DatabasePools(withStandby.databases())) {
            assertThat(withStandby.databases())
                    .extracting(database -> database.name() + " of " + database.standbyOf())
                    .containsExactly("shore of null", "ship of null", "standby of shore");
            assertThat(new ConfigLoader(Map.of())
                            .load(withStandby.configFile())
                            .config()
                            .orElseThrow()
                            .databases())
                    .isEqualTo(withStandby.databases());
            Database shore = itsPools.database("shore");
            try (DemoLag lag = withStandby.induceLag()) {
                assertThat(lag.goesOn()).isTrue();
                assertThat(digests(itsPools.database("standby"))).hasSize(6);
                // The end of a vacuum is written a moment later.
                await().atMost(Duration.ofSeconds(30)).until(() -> notReplayed(shore) > 0);
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> notReplayed(shore) == 0);
        }
    }

    private static long notReplayed(Database shore) throws SQLException {
        try (Session session = shore.open(Work.unattended("test"))) {
            return session.one("""
                    select pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint from pg_stat_replication
                    where application_name = 'standby'""", row -> row.getLong(1));
        }
    }

    @Test
    void startsFromTheEmbeddedBinariesWhereNoneAreInstalled() throws Exception {
        try (DemoFleet embedded = DemoFleet.start(temporary(), Optional.empty(), SHIPPED, DemoData.Size.THOUSAND);
                DatabasePools embeddedPools = new DatabasePools(embedded.databases())) {
            assertThat(digests(embeddedPools.database("shore"))).isEqualTo(digests(pools.database("shore")));
            assertThat(embedded.configFile()).content().contains(embedded.folder() + "/postgresql/bin");
        }
    }

    @Test
    void failedStartLeavesNothingBehind() throws Exception {
        Path parent = openFolder();
        Path missing = parent.resolve("no-runbooks");
        assertThatThrownBy(() -> DemoFleet.start(parent, Optional.of(BINARIES), missing, DemoData.Size.THOUSAND))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining(missing.toString());
        assertThat(parent).isEmptyDirectory();
        Files.delete(parent);
    }

    @Test
    void interruptedDemoRemovesItself() throws Exception {
        Path parent = openFolder();
        try (DemoProcess demo = DemoProcess.start(parent)) {
            // What Ctrl-C does, to the process alone.
            new ProcessBuilder("kill", "-INT", Long.toString(demo.process().pid()))
                    .start()
                    .waitFor();
            assertThat(demo.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(demo.folder()).doesNotExist();
        }
        assertThat(parent).isEmptyDirectory();
        Files.delete(parent);
    }

    @Test
    void nextDemoRemovesWhatAKilledOneLeftBehindAndNothingElse() throws Exception {
        Path parent = openFolder();
        try (DemoProcess killed = DemoProcess.start(parent);
                DemoProcess living = DemoProcess.start(parent)) {
            int orphan = serverPort(killed.folder());
            killed.process().destroyForcibly().waitFor();
            assertThat(listens(orphan)).as("the server outlives its demo").isTrue();

            try (DemoFleet next = DemoFleet.start(parent, Optional.of(BINARIES), SHIPPED, DemoData.Size.THOUSAND)) {
                assertThat(killed.folder()).doesNotExist();
                assertThat(listens(orphan)).isFalse();
                assertThat(listens(serverPort(living.folder())))
                        .as("the other demo's")
                        .isTrue();
                assertThat(listens(serverPort(next.folder()))).isTrue();
            }
        }
        assertThat(parent).isEmptyDirectory();
        Files.delete(parent);
    }

    @Test
    void leftoverOfAnotherProcessesIdIsRemovedWithoutASignal() throws Exception {
        Path parent = openFolder();
        Path leftover = Files.createDirectory(
                parent.resolve("watchkeeper-demo-" + System.getProperty("user.name") + "-4194305-1"));
        Path data = Files.createDirectories(leftover.resolve("shore/data"));
        Files.writeString(data.resolve("postgresql.conf"), "port = 1\n");
        Process bystander = new ProcessBuilder("sleep", "60").start();
        try {
            Files.writeString(data.resolve("postmaster.pid"), bystander.pid() + "\n" + data + "\n");
            assertThat(DemoFolder.sweep(parent, BINARIES)).containsExactly(leftover);
            assertThat(leftover).doesNotExist();
            assertThat(bystander.isAlive()).isTrue();
        } finally {
            bystander.destroyForcibly();
        }
        Files.delete(parent);
    }

    /** Starts a demo as a process of its own; run by {@link DemoProcess}. */
    public static void main(String[] arguments) throws Exception {
        DemoFleet demo = DemoFleet.start(Path.of(arguments[0]), Optional.of(BINARIES), SHIPPED, DemoData.Size.THOUSAND);
        System.out.println("folder=" + demo.folder());
        Thread.currentThread().join();
    }

    private record DemoProcess(Process process, Path folder) implements AutoCloseable {

        static DemoProcess start(Path parent) throws Exception {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            DemoFleetTest.class.getName(),
                            parent.toString())
                    .redirectErrorStream(true)
                    .start();
            StringBuilder said = new StringBuilder();
            BufferedReader lines = process.inputReader();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("folder=")) {
                    return new DemoProcess(process, Path.of(line.substring("folder=".length())));
                }
                said.append(line).append('\n');
            }
            throw new IllegalStateException("the demo ended before it had started: " + said);
        }

        @Override
        public void close() {
            process.destroy();
            process.onExit()
                    .completeOnTimeout(process, 60, TimeUnit.SECONDS)
                    .thenAccept(Process::destroyForcibly)
                    .join();
        }
    }

    private static int serverPort(Path demoFolder) throws Exception {
        return Integer.parseInt(Files.readAllLines(demoFolder.resolve("shore/data/postmaster.pid"))
                .get(3));
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static DemoFleet start() {
        return DemoFleet.start(temporary(), Optional.of(BINARIES), SHIPPED, DemoData.Size.THOUSAND);
    }

    private static Path temporary() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** A folder that the servers' user can get through, unlike JUnit's own. */
    private static Path openFolder() throws Exception {
        Path folder = Files.createTempDirectory("watchkeeper-test");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        return folder;
    }

    private static boolean answers(Database database) {
        try (Session session = database.open(Work.unattended("test"))) {
            return session.connection().isValid(5);
        } catch (SQLException e) {
            return false;
        }
    }

    private static Map<String, TableDigest> digests(Database database) throws SQLException {
        try (Session session = database.open(Work.unattended("test"))) {
            return TableDigest.ofAll(session);
        }
    }
}

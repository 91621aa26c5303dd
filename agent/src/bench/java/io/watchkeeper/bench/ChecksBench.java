package io.watchkeeper.bench;

import static java.util.Objects.requireNonNull;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.check.Check;
import io.watchkeeper.toolkit.check.Look;
import io.watchkeeper.toolkit.check.UsualChecks;
import io.watchkeeper.toolkit.settings.SettingsPlan;
import io.watchkeeper.toolkit.settings.SettingsReview;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What all checks of a database take with many tables: agent/bin/bench Checks [TABLES] [LOOKS]
 *
 * <p>Each table has 200 rows, a sequence and two indexes. Statements are counted by the server.
 */
public final class ChecksBench {

    private static final String SETTINGS = "settingsReview";

    private ChecksBench() {}

    public static void main(String[] arguments) throws Exception {
        int tables = (int) Arguments.number(arguments, 0, 10_000);
        int looks = (int) Arguments.number(arguments, 1, 30);
        Path folder = Files.createTempDirectory("watchkeeper-bench");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        LocalServer server = LocalServer.create(
                PgBinaries.find(null).orElseThrow(),
                folder.resolve("shore"),
                Map.of(
                        "autovacuum", "off",
                        "shared_buffers", "512MB",
                        "max_locks_per_transaction", "1000",
                        "shared_preload_libraries", "'pg_stat_statements'",
                        "archive_mode", "on",
                        "archive_command", "'true'"));
        try (server) {
            fill(server, tables);
            run(server, tables, looks);
        } finally {
            FolderTree.delete(folder);
        }
    }

    private static void fill(LocalServer server, int tables) throws SQLException {
        execute(server, "create extension pg_stat_statements");
        for (int first = 1; first <= tables; first += 500) {
            execute(server, """
                    do $$ begin
                      for i in %d..%d loop
                        execute format('create table t_%%s (id serial primary key, n int, note text)', i);
                        execute format('insert into t_%%s (n, note) select g, repeat(''x'', 50) from generate_series(1, 200) g', i);
                        execute format('create index on t_%%s (n)', i);
                      end loop;
                    end $$""".formatted(first, Math.min(tables, first + 499)));
        }
        execute(server, "analyze");
        execute(server, "create table large as select g as id, repeat('x', 100) as note from generate_series(1, 1000000) g");
        execute(server, "analyze large");
        execute(server, "checkpoint");
    }

    private static void run(LocalServer server, int tables, int looks) throws SQLException {
        List<Check> checks = UsualChecks.all();
        Map<String, long[]> times = new LinkedHashMap<>();
        checks.forEach(check -> times.put(check.verb(), new long[looks]));
        times.put(SETTINGS, new long[looks]);
        long[] together = new long[looks];
        try (DatabasePools pools = new DatabasePools(List.of(
                        new DatabaseSettings("shore", server.url("postgres"), "postgres", null, 2, null, true)));
                Session session = pools.database("shore").open(Work.unattended("bench"))) {
            SettingsReview settings = new SettingsReview(pools.database("shore"), Work.unattended("bench"));
            look(checks, session, settings, times, 0);
            execute(server, "select pg_stat_statements_reset()");
            for (int i = 0; i < looks; i++) {
                together[i] = look(checks, session, settings, times, i);
            }
        }
        Arrays.sort(together);
        System.out.printf(
                "%,d tables: all %d checks together, median of %d: %.1f ms, most %.1f ms, %s statements%n",
                tables,
                checks.size() + 1,
                looks,
                together[looks / 2] / 1e6,
                together[looks - 1] / 1e6,
                value(server, "select round(1.0 * sum(calls) / " + looks
                        + ", 1) from pg_stat_statements where query not like '%pg_stat_statements_reset%' and query not like '%set_config%'"
                        + " and query not similar to '(RESET|CLOSE|UNLISTEN|DISCARD|reset|close|unlisten|discard|select pg_advisory)%'"));
        times.forEach((verb, each) -> {
            Arrays.sort(each);
            System.out.printf("  %-22s %6.1f ms%n", verb, each[looks / 2] / 1e6);
        });
    }

    /** @return nanoseconds of all of them */
    private static long look(
            List<Check> checks, Session session, SettingsReview settings, Map<String, long[]> times, int index)
            throws SQLException {
        long began = System.nanoTime();
        for (Check check : checks) {
            long before = System.nanoTime();
            check.review(new Look(session, Clock.systemUTC().instant(), Measurements.none()));
            requireNonNull(times.get(check.verb()))[index] = System.nanoTime() - before;
        }
        long before = System.nanoTime();
        settings.review(new SettingsPlan(null, false, Set.of()));
        requireNonNull(times.get(SETTINGS))[index] = System.nanoTime() - before;
        return System.nanoTime() - began;
    }

    private static void execute(LocalServer server, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.url("postgres"), "postgres", "");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String value(LocalServer server, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.url("postgres"), "postgres", "");
                Statement statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}

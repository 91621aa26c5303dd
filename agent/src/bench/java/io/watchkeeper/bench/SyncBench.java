package io.watchkeeper.bench;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.sync.SyncPlan;
import io.watchkeeper.toolkit.sync.SyncResult;
import io.watchkeeper.toolkit.sync.TableSyncer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rounds of a sync beside what they must at least cost: {@code Sync [ROWS [ROUNDS [MICROSECONDS]]]}, the last being how
 * far away the target is, one way; 0 for this host.
 *
 * <p>In each round of the benchmark, in this order: a bare {@code select count(*)} with the window's predicate, a round with nothing
 * changed in the table, then one percent of the rows is changed, the changed rows are brought by a psql binary pipe and by row-wise upserts
 * of a JDBC program in one transaction, and the round brings them. All inside one process, as in the agent. The first round warms up and does
 * not count.
 */
public final class SyncBench {

    private static final Work WORK = Work.unattended("bench");
    private static final TableName TABLE = TableName.parse("documents");
    private static final String COLUMNS = "id, tenant_id, title, body, digest, words, score, price, created_at";

    private final BenchServers servers;
    private final long rows;
    private final Map<String, List<Double>> seconds = new LinkedHashMap<>();

    private SyncBench(BenchServers servers, long rows) {
        this.servers = servers;
        this.rows = rows;
    }

    public static void main(String[] arguments) throws Exception {
        long rows = Arguments.number(arguments, 0, 3_000_000);
        int rounds = (int) Arguments.number(arguments, 1, 5);
        long away = Arguments.number(arguments, 2, 0);
        try (BenchServers servers = BenchServers.start()) {
            if (away > 0) {
                servers.moveTargetAway(Duration.of(away, ChronoUnit.MICROS));
            }
            try (DatabasePools pools = servers.pools()) {
                new SyncBench(servers, rows).run(pools.database("source"), pools.database("target"), rounds);
            }
        }
    }

    /** What is measured. */
    private interface Part {
        void run() throws Exception;
    }

    private void run(Database source, Database target, int rounds) throws Exception {
        Documents.fill(servers, "documents", rows);
        servers.onSource("create table other (id bigint)");
        Documents.make(servers, "documents");
        Documents.make(servers, "piped");
        Documents.make(servers, "upserted");
        TableSyncer syncer = new TableSyncer(source, target, WORK);
        SyncPlan plan = SyncPlan.of(TABLE);
        SyncResult first = syncer.sync(plan);
        System.out.printf(
                "%,d rows, %s; first round %.1f s; %d rounds%n",
                rows,
                servers.askSource("select pg_size_pretty(pg_table_size('documents'))"),
                first.duration().toMillis() / 1000.0,
                rounds);
        servers.onTarget("vacuum (freeze, analyze) documents; insert into upserted select * from documents");
        servers.onTarget("vacuum (freeze, analyze) upserted");
        for (int round = 0; round <= rounds; round++) {
            round(syncer, plan, round);
        }
        print();
    }

    private void round(TableSyncer syncer, SyncPlan plan, int round) throws Exception {
        // Something was written on the server, so that the table has to be looked at.
        servers.onSource("insert into other values (1)");
        servers.checkpoint();
        String before = horizon();
        time("bare scan", round, () -> servers.askSource("select count(*) from documents where " + window(before)));
        time("round, nothing changed", round, () -> syncer.sync(plan));
        String horizon = horizon();
        servers.onSource("update documents set words = words + 1 where id % 100 = " + round % 100);
        servers.onTarget("truncate piped");
        servers.checkpoint();
        time("bare scan and pipe", round, () -> {
            servers.askSource("select count(*) from documents where " + window(horizon));
            pipe(window(horizon));
        });
        time("row-wise upsert", round, () -> upsert(window(horizon)));
        time("round, 1 % changed", round, () -> {
            SyncResult result = syncer.sync(plan);
            if (round == 1) {
                System.out.println("stages of one round with 1 % changed: " + result.fields().get("stages"));
            }
            if (result.rowsWritten() != rows / 100) {
                throw new IllegalStateException(result.rowsWritten() + " rows were written");
            }
        });
        servers.onSource("vacuum documents");
        servers.onTarget("vacuum documents");
    }

    private void time(String what, int round, Part part) throws Exception {
        long start = System.nanoTime();
        part.run();
        if (round > 0) {
            seconds.computeIfAbsent(what, w -> new ArrayList<>()).add((System.nanoTime() - start) / 1e9);
        }
    }

    private String horizon() throws SQLException {
        return servers.askSource("select pg_snapshot_xmin(pg_current_snapshot())::text");
    }

    private String window(String horizon) throws SQLException {
        long next = Long.parseLong(servers.askSource("select pg_snapshot_xmax(pg_current_snapshot())::text"));
        return "((xmin::text::bigint - " + horizon + ") & 4294967295) < " + (next - Long.parseLong(horizon));
    }

    private void pipe(String window) throws Exception {
        String command =
                "psql -qXAt -d '%1$s' -c 'copy (select * from documents where %3$s) to stdout (format binary)' | psql -qXAt -d '%2$s' -c 'copy piped from stdin (format binary)'"
                        .formatted(servers.sourceUri(), servers.targetUri(), window);
        int status = new ProcessBuilder("bash", "-c", command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IllegalStateException("psql ended with " + status);
        }
    }

    /** As many a program does it: a SELECT, and for each row an INSERT … ON CONFLICT DO UPDATE. */
    private void upsert(String window) throws SQLException {
        try (Connection from = servers.connectSource();
                Connection to = servers.connectTarget();
                Statement select = from.createStatement()) {
            from.setAutoCommit(false);
            to.setAutoCommit(false);
            select.setFetchSize(1000);
            String updates = String.join(
                    ", ",
                    List.of(COLUMNS.split(", ")).stream()
                            .skip(1)
                            .map(c -> c + " = excluded." + c)
                            .toList());
            try (ResultSet found = select.executeQuery("select " + COLUMNS + " from documents where " + window);
                    PreparedStatement insert = to.prepareStatement("insert into upserted (" + COLUMNS
                            + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do update set " + updates)) {
                while (found.next()) {
                    for (int i = 1; i <= 9; i++) {
                        insert.setObject(i, found.getObject(i));
                    }
                    insert.executeUpdate();
                }
            }
            to.commit();
        }
    }

    private void print() {
        Map<String, Double> medians = new LinkedHashMap<>();
        System.out.printf("%-28s %9s %7s %7s%n", "", "median s", "min", "max");
        seconds.forEach((what, times) -> {
            List<Double> sorted = times.stream().sorted().toList();
            double median = sorted.get(sorted.size() / 2);
            medians.put(what, median);
            System.out.printf("%-28s %9.3f %7.3f %7.3f%n", what, median, sorted.get(0), sorted.get(sorted.size() - 1));
        });
        ratio(medians, "round, nothing changed", "bare scan");
        ratio(medians, "round, 1 % changed", "bare scan and pipe");
        ratio(medians, "row-wise upsert", "round, 1 % changed");
    }

    private static void ratio(Map<String, Double> medians, String one, String other) {
        double a = medians.getOrDefault(one, Double.NaN);
        double b = medians.getOrDefault(other, Double.NaN);
        System.out.printf("%s : %s = %.2f%n", one, other, a / b);
    }
}

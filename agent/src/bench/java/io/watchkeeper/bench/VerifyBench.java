package io.watchkeeper.bench;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.verify.TableVerifier;
import io.watchkeeper.toolkit.verify.VerifyPlan;
import io.watchkeeper.toolkit.verify.VerifyResult;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * A verification beside the bare checksum query on both servers at once: {@code Verify [ROWS [ROUNDS]]}.
 *
 * <p>All run in this process over connections that are open, in turn in each round; the first round does not count. The bare query
 * reads the same columns, and nothing else is done around it.
 */
public final class VerifyBench {

    private static final String BARE = """
            select count(*), sum(hashtextextended(concat_ws(E'\\x1f', %s) collate "C", 0)) from only documents""";

    private final BenchServers servers;
    private final long rows;

    private VerifyBench(BenchServers servers, long rows) {
        this.servers = servers;
        this.rows = rows;
    }

    public static void main(String[] arguments) throws Exception {
        long rows = Arguments.number(arguments, 0, 2_000_000);
        int rounds = (int) Arguments.number(arguments, 1, 7);
        try (BenchServers servers = BenchServers.start()) {
            new VerifyBench(servers, rows).run(rounds);
        }
    }

    private void run(int rounds) throws Exception {
        Documents.fill(servers, "documents", rows);
        Documents.make(servers, "documents");
        if (new ProcessBuilder("bash", "-c", servers.pipe("documents")).inheritIO().start().waitFor() != 0) {
            throw new IllegalStateException("the table was not copied");
        }
        for (String sql : List.of("vacuum (freeze, analyze) documents", "checkpoint")) {
            servers.onSource(sql);
            servers.onTarget(sql);
        }
        System.out.printf(
                "2 x %,d rows, %s each; %d rounds%n",
                rows, servers.askSource("select pg_size_pretty(pg_table_size('documents'))"), rounds);
        try (DatabasePools pools =
                new DatabasePools(List.of(settings("source", servers.sourceUri()), settings("target", servers.targetUri())))) {
            measure(pools.database("source"), pools.database("target"), rounds);
        }
    }

    private static DatabaseSettings settings(String name, String uri) {
        return new DatabaseSettings(name, "jdbc:" + uri.replace("postgres@", ""), "postgres", null, 8, null, true);
    }

    private void measure(Database source, Database target, int rounds) throws Exception {
        String columns = servers.askSource(
                "select string_agg('coalesce(' || quote_ident(attname) || '::text, E''\\x1e'')', ', ' order by attnum)"
                        + " from pg_attribute where attrelid = 'documents'::regclass and attnum > 0 and not attisdropped");
        String bare = BARE.formatted(columns);
        VerifyPlan plan = VerifyPlan.of(TableName.parse("documents"));
        Map<String, Callable<Boolean>> ways = new LinkedHashMap<>();
        ways.put("bare query, both servers at once", () -> bareQuery(bare));
        ways.put("watchkeeper, equal tables", () -> verify(source, target, plan, 0));
        List<Double> medians = contest(ways, rounds);
        System.out.printf("ratio %.2f%n", medians.get(1) / medians.get(0));
        servers.onTarget("delete from documents where id % " + Math.max(1, rows / 50) + " = 1");
        long gone = Long.parseLong(servers.askSource("select count(*) from documents"))
                - Long.parseLong(servers.askTarget("select count(*) from documents"));
        contest(
                Map.of(
                        "watchkeeper, " + gone + " rows deleted there",
                        () -> verify(source, target, plan.with(o -> o.withRechecks(0)), gone)),
                rounds);
        servers.onTarget("update documents set words = words + 1");
        long all = Long.parseLong(servers.askSource("select count(*) from documents"));
        contest(
                Map.of(
                        "watchkeeper, all rows differ",
                        () -> verify(source, target, plan.with(o -> o.withRechecks(0)), all)),
                1);
        System.out.printf("with %,d MB of heap at most%n", Runtime.getRuntime().maxMemory() >> 20);
    }

    private static boolean verify(Database source, Database target, VerifyPlan plan, long expected) throws SQLException {
        VerifyResult result =
                new TableVerifier(source, target, Work.unattended("bench"), null).verify(plan);
        if (result.differences() != expected) {
            throw new IllegalStateException(result.differences() + " differences instead of " + expected);
        }
        return true;
    }

    private boolean bareQuery(String sql) throws Exception {
        List<String> sums = new ArrayList<>();
        Thread other = new Thread(() -> sums.add(ask(true, sql)));
        other.start();
        String here = ask(false, sql);
        other.join();
        if (!sums.equals(List.of(here))) {
            throw new IllegalStateException("the tables differ");
        }
        return true;
    }

    private String ask(boolean source, String sql) {
        String sum = sql.replace("select count(*), sum(", "select count(*) || ' ' || sum(");
        try {
            return source ? servers.askSource(sum) : servers.askTarget(sum);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Double> contest(Map<String, Callable<Boolean>> ways, int rounds) throws Exception {
        Map<String, List<Double>> seconds = new LinkedHashMap<>();
        for (int round = 0; round <= rounds; round++) {
            for (Map.Entry<String, Callable<Boolean>> way : ways.entrySet()) {
                long start = System.nanoTime();
                way.getValue().call();
                double took = (System.nanoTime() - start) / 1e9;
                if (round > 0) {
                    seconds.computeIfAbsent(way.getKey(), w -> new ArrayList<>()).add(took);
                }
            }
        }
        List<Double> medians = new ArrayList<>();
        seconds.forEach((way, times) -> {
            List<Double> sorted = times.stream().sorted().toList();
            double median = sorted.get(sorted.size() / 2);
            medians.add(median);
            System.out.printf(
                    "%-45s %7.2f s  (%.2f - %.2f)%n", way, median, sorted.get(0), sorted.get(sorted.size() - 1));
        });
        return medians;
    }
}

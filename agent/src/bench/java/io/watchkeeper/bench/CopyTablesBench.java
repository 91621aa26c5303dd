package io.watchkeeper.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * 1, 5, 20 and 50 tables of mixed sizes by Watchkeeper, and by psql table after table: {@code CopyTables [ROUNDS [DIVISOR]]}.
 *
 * <p>Tables have between 100 and 500,000 rows, or so many divided by the divisor, and their keys. The pipes run one after the other in
 * one shell. See {@link CopyBench} for the columns.
 */
public final class CopyTablesBench {

    private static final int[] COUNTS = {1, 5, 20, 50};

    /** The first table has the first of these, the eleventh the first again. */
    private static final int[] SIZES = {50_000, 500_000, 100, 10_000, 200_000, 1_000, 100_000, 500, 20_000, 5_000};

    private static final String EMPTY_RUN = "watchkeeper copy of an empty table";

    private final BenchServers servers;
    private final long divisor;

    private CopyTablesBench(BenchServers servers, long divisor) {
        this.servers = servers;
        this.divisor = divisor;
    }

    public static void main(String[] arguments) throws Exception {
        int rounds = (int) Arguments.number(arguments, 0, 5);
        long divisor = Arguments.number(arguments, 1, 1);
        try (BenchServers servers = BenchServers.start()) {
            CopyTablesBench bench = new CopyTablesBench(servers, divisor);
            bench.fill();
            for (int count : COUNTS) {
                bench.run(count, rounds);
            }
        }
    }

    private void fill() throws SQLException {
        for (String table : tables(COUNTS[COUNTS.length - 1])) {
            Documents.fill(servers, table, rows(table));
        }
        servers.onSource("create table nothing (id bigint)");
        servers.onTarget("create table nothing (id bigint)");
    }

    private static List<String> tables(int count) {
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            names.add("t%02d".formatted(i));
        }
        return names;
    }

    private long rows(String table) {
        int number = Integer.parseInt(table.substring(1));
        return Math.max(1, SIZES[(number - 1) % SIZES.length] / divisor);
    }

    private void run(int count, int rounds) throws SQLException, IOException, InterruptedException {
        List<String> tables = tables(count);
        String names = String.join(" ", tables);
        Contest.Chore before = () -> {
            for (String table : tables) {
                Documents.make(servers, table);
            }
        };
        Contest.Chore after = () -> require(tables);
        Contest contest = new Contest(servers);
        String loop = "set -e; for t in " + names + "; do " + servers.pipe("'\"$t\"'") + "; done";
        contest.add(new Contest.Contender("psql binary pipes in a loop", loop, before, after));
        contest.add(new Contest.Contender(
                "watchkeeper --no-verify", servers.watchkeeperCopy("--no-verify --table " + names), before, after));
        contest.add(new Contest.Contender(
                "watchkeeper, verified", servers.watchkeeperCopy("--table " + names), before, after));
        contest.add(new Contest.Contender(
                EMPTY_RUN, servers.watchkeeperCopy("--table nothing"), () -> {}, () -> {}));
        System.out.printf(
                "%n%d tables, %,d rows; %d rounds%n",
                count, tables.stream().mapToLong(this::rows).sum(), rounds);
        Map<String, Contest.Result> results = contest.run(rounds);
        Contest.print(results, EMPTY_RUN);
    }

    private void require(List<String> tables) throws SQLException {
        for (String table : tables) {
            String copied = servers.askTarget("select count(*) from " + table);
            if (!copied.equals(Long.toString(rows(table)))) {
                throw new IllegalStateException(copied + " rows of " + table + " were copied instead of " + rows(table));
            }
        }
    }
}

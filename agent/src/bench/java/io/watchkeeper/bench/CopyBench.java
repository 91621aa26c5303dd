package io.watchkeeper.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;

/**
 * One table by psql, pgcopydb and Watchkeeper in turn: {@code Copy [ROWS [ROUNDS]]}.
 *
 * <p>Time is that of the whole process; {@code less empty} is what is left of it without a copy of an empty table. {@code all CPU}
 * is that of the whole machine while it ran, so nothing else may run; {@code own} that of the command without the servers, and
 * {@code share} its part of all. No side analyzes. Every round copies into a table that was made anew, after a checkpoint of both
 * servers.
 */
public final class CopyBench {

    private static final String EMPTY_RUN = "watchkeeper copy of an empty table";

    private final BenchServers servers;
    private final long rows;

    private CopyBench(BenchServers servers, long rows) {
        this.servers = servers;
        this.rows = rows;
    }

    /** What the target's table has. */
    private enum Table {
        KEY("with its key", ", primary key (id)", ""),
        BARE("without key", "", ""),
        INDEXES(
                "with its key and two indexes",
                ", primary key (id)",
                "create index on documents (digest); create index on documents (tenant_id, created_at)");

        private final String words;
        private final String key;
        private final String indexes;

        Table(String words, String key, String indexes) {
            this.words = words;
            this.key = key;
            this.indexes = indexes;
        }
    }

    public static void main(String[] arguments) throws Exception {
        long rows = Arguments.number(arguments, 0, 3_000_000);
        int rounds = (int) Arguments.number(arguments, 1, 5);
        try (BenchServers servers = BenchServers.start()) {
            new CopyBench(servers, rows).run(rounds);
        }
    }

    private void run(int rounds) throws SQLException, IOException, InterruptedException {
        Documents.fill(servers, "documents", rows);
        servers.onSource("create table nothing (id bigint)");
        System.out.printf(
                "%,d rows, %s; %d rounds%n",
                rows, servers.askSource("select pg_size_pretty(pg_table_size('documents'))"), rounds);
        Map<String, Contest.Result> results = contest().run(rounds);
        Contest.print(results, EMPTY_RUN);
    }

    private Contest contest() throws IOException, InterruptedException {
        Contest contest = new Contest(servers);
        for (Table table : Table.values()) {
            add(contest, "psql binary pipe", table, servers.pipe("documents"));
            add(contest, "watchkeeper --no-verify", table, servers.watchkeeperCopy("--no-verify --table documents"));
        }
        add(contest, "watchkeeper, verified", Table.KEY, servers.watchkeeperCopy("--table documents"));
        if (new ProcessBuilder("which", "pgcopydb").start().waitFor() == 0) {
            add(
                    contest,
                    "pgcopydb copy table-data, 2 jobs",
                    Table.KEY,
                    "rm -rf %1$s/pgcopydb; pgcopydb copy table-data --dir %1$s/pgcopydb --table-jobs 2 --source '%2$s' --target '%3$s' --not-consistent"
                            .formatted(servers.folder(), servers.sourceUri(), servers.targetUri()));
        }
        contest.add(new Contest.Contender(
                EMPTY_RUN, servers.watchkeeperCopy("--table nothing"), () -> prepare(Table.KEY), () -> require(0)));
        return contest;
    }

    private void add(Contest contest, String program, Table table, String command) {
        contest.add(new Contest.Contender(
                program + ", " + table.words, command, () -> prepare(table), () -> require(rows)));
    }

    private void prepare(Table table) throws SQLException {
        servers.onTarget("drop table if exists documents, nothing; create table nothing (id bigint)");
        servers.onTarget(Documents.create("documents", table.key));
        if (!table.indexes.isEmpty()) {
            servers.onTarget(table.indexes);
        }
    }

    private void require(long expected) throws SQLException {
        String copied = servers.askTarget("select count(*) from documents");
        if (!copied.equals(Long.toString(expected))) {
            throw new IllegalStateException(copied + " rows were copied instead of " + expected);
        }
    }
}

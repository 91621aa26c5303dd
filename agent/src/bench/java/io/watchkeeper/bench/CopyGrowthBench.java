package io.watchkeeper.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;

/**
 * How the time grows with the rows, from 100,000 by tens: {@code CopyGrowth [LARGEST [ROUNDS]]}.
 *
 * <p>The largest is 10,000,000 rows unless asked; a size that does not fit on the disk is left out, and said. The ratio is between times
 * without those of a copy of an empty table, which would make it look better.
 */
public final class CopyGrowthBench {

    private static final long SMALLEST = 100_000;
    private static final double LIMIT = 10.5;

    /** On disk at once, in the size of the source's table: both tables, and the write-ahead log of both. */
    private static final int COPIES_ON_DISK = 5;

    private static final String EMPTY_RUN = "watchkeeper copy of an empty table";
    private static final String UNVERIFIED = "watchkeeper --no-verify";
    private static final String VERIFIED = "watchkeeper, verified";

    private final BenchServers servers;
    private final int rounds;

    private CopyGrowthBench(BenchServers servers, int rounds) {
        this.servers = servers;
        this.rounds = rounds;
    }

    public static void main(String[] arguments) throws Exception {
        long largest = Arguments.number(arguments, 0, 10_000_000);
        int rounds = (int) Arguments.number(arguments, 1, 3);
        try (BenchServers servers = BenchServers.start()) {
            new CopyGrowthBench(servers, rounds).run(largest);
        }
    }

    private void run(long largest) throws SQLException, IOException, InterruptedException {
        servers.onSource("create table nothing (id bigint)");
        servers.onTarget("create table nothing (id bigint)");
        Map<String, Contest.Result> before = null;
        long rowsBefore = 0;
        for (long rows = Math.min(SMALLEST, largest); rows > 0; rows = next(rows, largest)) {
            long needed = rows * Documents.BYTES_OF_ROW * COPIES_ON_DISK;
            if (needed > servers.bytesFree()) {
                System.out.printf(
                        "%n%,d rows left out: they need %,d MB of disk, and %,d MB are free%n",
                        rows, needed / 1_000_000, servers.bytesFree() / 1_000_000);
                return;
            }
            System.out.printf("%n%,d rows; %d rounds%n", rows, rounds);
            Map<String, Contest.Result> now = measure(rows);
            Contest.print(now, EMPTY_RUN);
            if (before != null) {
                compare("psql binary pipe", rowsBefore, before, rows, now);
                compare(UNVERIFIED, rowsBefore, before, rows, now);
                compare(VERIFIED, rowsBefore, before, rows, now);
            }
            before = now;
            rowsBefore = rows;
        }
    }

    /** @return 0 after the largest */
    private static long next(long rows, long largest) {
        return rows == largest ? 0 : Math.min(rows * 10, largest);
    }

    private Map<String, Contest.Result> measure(long rows) throws SQLException, IOException, InterruptedException {
        servers.onSource("drop table if exists documents");
        Documents.fill(servers, "documents", rows);
        Contest.Chore before = () -> Documents.make(servers, "documents");
        Contest.Chore after = () -> require(rows);
        Contest contest = new Contest(servers);
        contest.add(new Contest.Contender("psql binary pipe", servers.pipe("documents"), before, after));
        contest.add(new Contest.Contender(
                UNVERIFIED, servers.watchkeeperCopy("--no-verify --table documents"), before, after));
        contest.add(new Contest.Contender(VERIFIED, servers.watchkeeperCopy("--table documents"), before, after));
        contest.add(new Contest.Contender(
                EMPTY_RUN, servers.watchkeeperCopy("--table nothing"), () -> {}, () -> {}));
        return contest.run(rounds);
    }

    private static void compare(
            String name, long rowsBefore, Map<String, Contest.Result> before, long rows, Map<String, Contest.Result> now) {
        double factor = (double) rows / rowsBefore;
        double ratio = work(name, now) / work(name, before);
        // The limit is for a factor of ten; a smaller step at the end may grow by as much less.
        double limit = Math.pow(LIMIT, Math.log10(factor));
        System.out.printf(
                "%s: %.1f times the rows take %.1f times the time (limit %.1f: %s)%n",
                name, factor, ratio, limit, ratio <= limit ? "kept" : "MISSED");
    }

    private static double work(String name, Map<String, Contest.Result> results) {
        double seconds = time(name, results);
        return name.startsWith("watchkeeper") ? Math.max(0.01, seconds - time(EMPTY_RUN, results)) : seconds;
    }

    private static double time(String name, Map<String, Contest.Result> results) {
        Contest.Result result = results.get(name);
        if (result == null) {
            throw new IllegalArgumentException("nothing is called " + name);
        }
        return result.seconds();
    }

    private void require(long rows) throws SQLException {
        String copied = servers.askTarget("select count(*) from documents");
        if (!copied.equals(Long.toString(rows))) {
            throw new IllegalStateException(copied + " rows were copied instead of " + rows);
        }
    }
}

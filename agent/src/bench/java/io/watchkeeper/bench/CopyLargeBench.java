package io.watchkeeper.bench;

import java.io.IOException;
import java.sql.SQLException;

/** A table of few and large values, and the memory that takes: {@code CopyLarge [VALUES [MEGABYTES [ROUNDS]]]}. */
public final class CopyLargeBench {

    private static final double LIMIT_MEGABYTES = 200;
    private static final String EMPTY_RUN = "watchkeeper copy of an empty table";

    private CopyLargeBench() {}

    public static void main(String[] arguments) throws Exception {
        int values = (int) Arguments.number(arguments, 0, 8);
        int megabytes = (int) Arguments.number(arguments, 1, 100);
        int rounds = (int) Arguments.number(arguments, 2, 3);
        try (BenchServers servers = BenchServers.start()) {
            run(servers, values, megabytes, rounds);
        }
    }

    private static void run(BenchServers servers, int values, int megabytes, int rounds)
            throws SQLException, IOException, InterruptedException {
        String table = "create table large (id bigint primary key, content bytea);"
                + " alter table large alter content set storage external; create table nothing (id bigint)";
        servers.onSource(table);
        // Random bytes that are made quickly: one random block of 1 kB, repeated.
        servers.onSource("""
                insert into large
                select i, decode(repeat((select string_agg(md5(random()::text), '') from generate_series(1, 64)), %d), 'hex')
                  from generate_series(1, %d) i""".formatted(megabytes * 1_000_000L / 1_024, values));
        servers.onTarget(table);
        Contest.Chore before = () -> servers.onTarget("truncate large");
        Contest.Chore after = () -> require(servers, values);
        Contest contest = new Contest(servers);
        contest.add(new Contest.Contender("psql binary pipe", servers.pipe("large"), before, after));
        contest.add(new Contest.Contender(
                "watchkeeper --no-verify", servers.watchkeeperCopy("--no-verify --table large"), before, after));
        contest.add(new Contest.Contender(
                "watchkeeper, verified", servers.watchkeeperCopy("--table large"), before, after));
        contest.add(new Contest.Contender(
                EMPTY_RUN, servers.watchkeeperCopy("--table nothing"), () -> {}, () -> {}));
        System.out.printf("%d values of %d MB; %d rounds%n", values, megabytes, rounds);
        var results = contest.run(rounds);
        Contest.print(results, EMPTY_RUN);
        results.values().stream()
                .filter(result -> result.name().startsWith("watchkeeper"))
                .filter(result -> result.megabytes() > LIMIT_MEGABYTES)
                .forEach(result -> System.out.printf(
                        "%s took %.0f MB, and may take %.0f%n", result.name(), result.megabytes(), LIMIT_MEGABYTES));
    }

    private static void require(BenchServers servers, int values) throws SQLException {
        String same = servers.askTarget("select count(*) || ' ' || coalesce(sum(length(content)), 0) from large");
        String wanted = servers.askSource("select count(*) || ' ' || coalesce(sum(length(content)), 0) from large");
        if (!same.equals(wanted) || !same.startsWith(values + " ")) {
            throw new IllegalStateException(same + " rows and bytes were copied instead of " + wanted);
        }
    }
}

package io.watchkeeper.toolkit.slo;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * What pg_stat_statements lets guess of the percentiles: the server keeps mean and deviation of each statement, and no more. Since its counters
 * were reset, without the way to the program, and as if times were spread evenly around the mean, which they are not: an estimate.
 *
 * @param kind read or write
 */
record StatementEstimate(String kind, long calls, double meanSeconds, double p95Seconds) {

    /** Of a normal distribution, so many deviations above the mean. */
    private static final double NINETY_FIVE = 1.645;

    private static final String EXTENSION = """
            select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace
             where e.extname = 'pg_stat_statements'
               and current_setting('pg_stat_statements.max', true) is not null""";

    private static final String SQL = """
            with kinds as (
                select case when query ~* '^\\s*(select|with|table|values)\\y' then 'read'
                            when query ~* '^\\s*(insert|update|delete|merge)\\y' then 'write' end as kind,
                       calls::float8 as calls, mean_exec_time as mean, stddev_exec_time as deviation
                  from %s.pg_stat_statements
                 where dbid = (select oid from pg_database where datname = current_database()) and calls > 0)
            select kind, sum(calls), sum(calls * mean) / sum(calls),
                   sqrt(greatest(0, sum(calls * (deviation ^ 2 + mean ^ 2)) / sum(calls) - (sum(calls * mean) / sum(calls)) ^ 2))
              from kinds where kind is not null group by kind order by kind""";

    /** @return empty where the extension is not installed */
    static Optional<List<StatementEstimate>> read(Session session) throws SQLException {
        List<String> schema = session.list(EXTENSION, row -> row.getString(1));
        if (schema.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(session.listVerbatim(SQL.formatted(schema.get(0)), row -> {
            double mean = row.getDouble(3) / 1000;
            return new StatementEstimate(
                    row.getString(1), row.getLong(2), mean, mean + NINETY_FIVE * row.getDouble(4) / 1000);
        }));
    }
}

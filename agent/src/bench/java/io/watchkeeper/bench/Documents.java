package io.watchkeeper.bench;

import java.sql.SQLException;

/** The table that is copied: nine columns of ordinary types, about 270 bytes a row, in Korean and English. */
final class Documents {

    /** About, with the page around it; measured at 3,000,000 rows. */
    static final long BYTES_OF_ROW = 280;

    private Documents() {}

    /** @param more after the columns, as {@code , primary key (id)} */
    static String create(String table, String more) {
        return "create table " + table + " (id bigint, tenant_id text not null, title text not null, body text,"
                + " digest uuid, words integer, score double precision, price numeric(12, 2), created_at timestamptz" + more
                + ")";
    }

    /** Makes the table on the source, filled, vacuumed and analyzed. */
    static void fill(BenchServers servers, String table, long rows) throws SQLException {
        servers.onSource(create(table, ", primary key (id)"));
        servers.onSource("""
                insert into %s
                select i, 't' || i %% 240, 'Document number ' || i,
                       repeat(md5(i::text), 4) || ' 선박 정비 기록 ' || i, md5(i::text)::uuid, i %% 9000, i / 7.0,
                       (i %% 100000) / 100.0, timestamptz '2026-01-01' + i * interval '1 second'
                  from generate_series(1, %d) i""".formatted(table, rows));
        servers.onSource("vacuum (freeze, analyze) " + table);
    }

    /** Makes it anew and empty on the target, with its key. */
    static void make(BenchServers servers, String table) throws SQLException {
        servers.onTarget("drop table if exists " + table);
        servers.onTarget(create(table, ", primary key (id)"));
    }
}

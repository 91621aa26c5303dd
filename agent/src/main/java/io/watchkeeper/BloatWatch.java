package io.watchkeeper;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.index.BloatReader;
import io.watchkeeper.toolkit.index.BloatReview;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;

/**
 * How much of the worst tables of each server is empty or dead, estimated from statistics every ten minutes. What was known of a server that
 * does not answer stays.
 */
final class BloatWatch implements Supplier<List<Measurement>>, AutoCloseable {

    private static final Duration EVERY = Duration.ofMinutes(10);
    private static final int LOOKED_AT = 500;
    private static final int SHOWN = 20;
    private static final Work WORK = Work.unattended("watchkeeper bloat");

    private final DatabasePools databases;
    private final Map<String, List<Measurement>> known = new ConcurrentSkipListMap<>();
    private final DatabaseProbe probe = new DatabaseProbe("bloat-probe", EVERY, WORK, this::look);

    BloatWatch(DatabasePools databases) {
        this.databases = databases;
    }

    void start() {
        probe.start(databases.all());
    }

    /** The worst tables of each database. Standbys are not in it: their primaries' tables are theirs. */
    @Override
    public List<Measurement> get() {
        List<Measurement> all = new ArrayList<>();
        known.values().forEach(all::addAll);
        return all;
    }

    private void look(Database database, Session session) throws SQLException {
        if (session.one("select pg_is_in_recovery()", row -> row.getBoolean(1))) {
            known.remove(database.name());
            return;
        }
        BloatReader reader = new BloatReader(session);
        known.put(
                database.name(),
                BloatReview.figures(
                        database.name(),
                        reader.tables(TablePattern.all(session), BloatReader.LEAST, LOOKED_AT),
                        List.of(),
                        SHOWN));
    }

    @Override
    public void close() {
        probe.close();
    }
}

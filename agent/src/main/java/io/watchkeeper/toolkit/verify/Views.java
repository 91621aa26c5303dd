package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.postgres.SqlCall;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.toolkit.copy.CopySql;
import io.watchkeeper.toolkit.copy.SourceReading;
import java.sql.SQLException;
import java.util.List;

/**
 * One view of each side, opened at the same time, which stays as it is however long it is looked at.
 *
 * @param source where the source's log stood: whatever was committed before is seen
 * @param target likewise
 */
record Views(Lsn source, Lsn target) {

    /** Values of both sides. */
    record Both<T>(T here, T there) {}

    /** What is done while both are open. */
    interface Look<T> {
        T at(Views views) throws SQLException;
    }

    /**
     * Opens both views, looks, and closes them.
     *
     * @throws io.watchkeeper.problem.OperatorException when a table stays locked
     */
    static <T> T look(SessionPair pair, PreparedVerification plan, Look<T> look) throws SQLException {
        Views views = open(pair, plan);
        try {
            T seen = look.at(views);
            // A rollback would keep to itself that a connection is gone, and the next statement would not know why.
            atOnce(pair, () -> commit(pair.source()), () -> commit(pair.target()));
            return seen;
        } catch (SQLException | RuntimeException e) {
            pair.source().rollback();
            pair.target().rollback();
            throw e;
        }
    }

    private static boolean commit(Session session) throws SQLException {
        session.commit();
        return true;
    }

    private static Views open(SessionPair pair, PreparedVerification plan) throws SQLException {
        try {
            Both<Lsn> positions = atOnce(
                    pair,
                    () -> begin(pair.source(), plan.here().shape(), plan.holdsObjectNames()),
                    () -> begin(pair.target(), plan.there().shape(), plan.holdsObjectNames()));
            return new Views(positions.here, positions.there);
        } catch (SQLException | RuntimeException e) {
            pair.source().rollback();
            pair.target().rollback();
            throw e;
        }
    }

    /** Begins a view of one side. @return where its server's log stands */
    static Lsn begin(Session session, TableShape table, boolean nameObjectsFully) throws SQLException {
        session.begin();
        try {
            // The lock comes before the first query: a view older than a TRUNCATE or a rewrite would see an empty
            // table.
            return session
                    .lists(
                            List.of(
                                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
                                    lock(table),
                                    CopySql.pinnedSettings(nameObjectsFully),
                                    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
                                            + " ELSE pg_current_wal_insert_lsn() END::text"),
                            row -> row.getString(1))
                    .get(1)
                    .stream()
                    .findFirst()
                    .flatMap(Lsn::parse)
                    .orElse(new Lsn(0));
        } catch (SQLException e) {
            session.rollback();
            if (SqlStates.LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw TableLocks.explain(session, List.of(table.name()), e);
            }
            throw e;
        }
    }

    static String lock(TableShape table) {
        return "LOCK TABLE " + table.quotedAlone() + " IN " + LockLevel.ACCESS_SHARE + " MODE";
    }

    /** Does both at the same time, the first in a thread of its own. When one fails, nobody waits for the other. */
    static <T> Both<T> atOnce(SessionPair pair, SqlCall<T> here, SqlCall<T> there) throws SQLException {
        SourceReading<T> reading = SourceReading.start(pair.source(), here::run);
        T other;
        try {
            other = there.run();
        } catch (SQLException | RuntimeException e) {
            reading.abandon();
            throw e;
        }
        return new Both<>(reading.await(), other);
    }
}

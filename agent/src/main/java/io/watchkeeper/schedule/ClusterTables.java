package io.watchkeeper.schedule;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.Objects;

/**
 * The tables of a cluster, brought to this program's version: each version is a script that is run once, in one transaction with
 * the note that it was. Nothing is ever dropped, so that agents of the version before go on meanwhile.
 */
final class ClusterTables {

    static final int VERSION = 1;

    private static final String VERSIONS = "cluster_versions";

    private ClusterTables() {}

    /** @throws OperatorException when the role may not, or the tables are of a newer program */
    static void migrate(Session session) throws SQLException {
        AgentSchema.require(
                session, VERSIONS, "version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now()");
        if (version(session) == VERSION) {
            return;
        }
        session.begin();
        try {
            // Two agents that start at once: the second finds the work done.
            session.query("select pg_advisory_xact_lock(hashtext('watchkeeper cluster'))");
            int found = version(session);
            if (found > VERSION) {
                throw new OperatorException(
                        "the cluster's tables in database '"
                                + session.database().name() + "' are of version " + found
                                + ", and this agent knows versions up to " + VERSION,
                        "other agents of this cluster are newer: install their version here, too.");
            }
            for (int version = found + 1; version <= VERSION; version++) {
                session.runVerbatim(script(version));
                session.update("insert into watchkeeper.cluster_versions (version) values (?)", version);
            }
            session.commit();
        } catch (SQLException | RuntimeException e) {
            session.rollback();
            throw e;
        }
    }

    private static int version(Session session) throws SQLException {
        return session.one("select coalesce(max(version), 0) from watchkeeper.cluster_versions", row -> row.getInt(1));
    }

    private static String script(int version) {
        String name = "cluster-" + version + ".sql";
        try (InputStream in = Objects.requireNonNull(ClusterTables.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

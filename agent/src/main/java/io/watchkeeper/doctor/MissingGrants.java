package io.watchkeeper.doctor;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a database's role lacks for a feature.
 *
 * @param database as configured
 * @param role it logs in as
 * @param databaseName on its server
 * @param statements for a superuser in that database, ready for psql; empty when nothing is missing
 * @param impossible what no statement gives on this server, in words; mostly empty
 */
public record MissingGrants(
        String database,
        String role,
        String databaseName,
        Feature feature,
        List<String> statements,
        List<String> impossible) {
    public MissingGrants {
        statements = List.copyOf(statements);
        impossible = List.copyOf(impossible);
    }

    /** Whether the role can do what the feature is. */
    public boolean isComplete() {
        return statements.isEmpty() && impossible.isEmpty();
    }

    /**
     * Asks a database, as its own role; changes nothing.
     *
     * @param schemas whose tables are meant; empty for all but the system's
     * @throws io.watchkeeper.problem.OperatorException when the server cannot be reached
     */
    public static List<MissingGrants> of(Database database, List<Feature> features, List<String> schemas)
            throws SQLException {
        try (Session session = database.open(Work.unattended("watchkeeper doctor"))) {
            int version =
                    session.one("select current_setting('server_version_num')::int / 10000", row -> row.getInt(1));
            List<MissingGrants> all = new ArrayList<>();
            for (Feature feature : features) {
                Set<String> statements = new LinkedHashSet<>();
                List<String> impossible = new ArrayList<>();
                for (Right right : feature.rights()) {
                    right.impossible(session, version).ifPresent(impossible::add);
                    statements.addAll(right.missing(session, version, schemas));
                }
                all.add(new MissingGrants(
                        database.name(),
                        session.one("select current_user", row -> row.getString(1)),
                        session.one("select current_database()", row -> row.getString(1)),
                        feature,
                        List.copyOf(statements),
                        impossible));
            }
            return all;
        }
    }
}

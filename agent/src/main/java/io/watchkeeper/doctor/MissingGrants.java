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
 */
public record MissingGrants(
        String database, String role, String databaseName, Feature feature, List<String> statements) {
    public MissingGrants {
        statements = List.copyOf(statements);
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
                for (Right right : feature.rights()) {
                    statements.addAll(right.missing(session, version, schemas));
                }
                all.add(new MissingGrants(
                        database.name(),
                        session.one("select current_user", row -> row.getString(1)),
                        session.one("select current_database()", row -> row.getString(1)),
                        feature,
                        List.copyOf(statements)));
            }
            return all;
        }
    }
}

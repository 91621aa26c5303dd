package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.ServerState;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;

/** The two ends of a stream, each with the session that works on it. */
record StreamSides(Session source, Session target, ServerState from, ServerState to) {

    private static final int GRANTABLE = 16;

    /** @throws OperatorException when one of them can never be an end of a stream */
    static StreamSides read(Session source, Session target) throws SQLException {
        StreamSides sides = new StreamSides(source, target, ServerState.read(source), ServerState.read(target));
        if (sides.to.isStandby()) {
            String name = target.database().name();
            throw new OperatorException(
                    "database '" + name + "' is a standby and takes no writes",
                    "subscribe on its primary, or add ?targetServerType=primary and all hosts to databases." + name
                            + ".url.");
        }
        return sides;
    }

    /** The slot of this target's subscription: two ships may call theirs the same. */
    String slotName(String subscription) {
        CRC32 target = new CRC32();
        target.update((to.systemIdentifier() + "/" + to.databaseId()).getBytes(StandardCharsets.UTF_8));
        String plain = subscription.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        return plain.substring(0, Math.min(plain.length(), 50)) + "_"
                + String.format(Locale.ROOT, "%08x", BigInteger.valueOf(target.getValue()));
    }

    /** @throws OperatorException when the target's role may not make subscriptions */
    void requireSubscriber() throws SQLException {
        String name = target.database().name();
        String user = target.database().settings().user();
        boolean superuser =
                target.one("select rolsuper from pg_roles where rolname = current_user", row -> row.getBoolean(1));
        if (superuser) {
            return;
        }
        if (to.majorVersion() < GRANTABLE) {
            throw new OperatorException(
                    "role '" + user + "' of database '" + name
                            + "' is no superuser, and below PostgreSQL 16 only superusers make subscriptions",
                    "ALTER ROLE " + Identifiers.quote(user)
                            + " SUPERUSER;  there, or stay with polling: syncTables needs no such right.");
        }
        boolean granted = target.one(
                "select pg_has_role('pg_create_subscription', 'USAGE')"
                        + " and has_database_privilege(current_database(), 'CREATE')",
                row -> row.getBoolean(1));
        if (!granted) {
            String database = target.one("select quote_ident(current_database())", row -> row.getString(1));
            throw new OperatorException(
                    "role '" + user + "' may not make subscriptions in database '" + name + "'",
                    "GRANT pg_create_subscription TO " + Identifiers.quote(user) + "; GRANT CREATE ON DATABASE "
                            + database + " TO " + Identifiers.quote(user) + ";");
        }
        if (!target.one(
                "select has_function_privilege('pg_catalog.pg_replication_origin_progress(text, boolean)', 'EXECUTE')",
                row -> row.getBoolean(1))) {
            throw new OperatorException(
                    "role '" + user + "' may not read how far subscriptions of database '" + name + "' are",
                    "GRANT EXECUTE ON FUNCTION pg_replication_origin_progress(text, boolean) TO "
                            + Identifiers.quote(user) + ";");
        }
    }

    /**
     * Since PostgreSQL 16 the server writes what arrives as the table's owner, and stops at the first row where it may not.
     *
     * @throws OperatorException for a table as whose owner the target's role may not act
     */
    void requireOwners(Collection<TableName> tables) throws SQLException {
        if (to.majorVersion() < GRANTABLE) {
            return;
        }
        for (TableName table : tables) {
            List<String> owners = target.list(
                    "select quote_ident(pg_get_userbyid(c.relowner)) from pg_class c where c.oid = to_regclass(?)"
                            + " and not pg_has_role(c.relowner, 'SET')",
                    row -> row.getString(1),
                    table.quoted());
            if (!owners.isEmpty()) {
                String user = target.database().settings().user();
                throw new OperatorException(
                        "role '" + user + "' may not act as " + owners.get(0) + ", who owns " + table + " in database '"
                                + target.database().name() + "', and as whom the server writes what arrives",
                        "GRANT " + owners.get(0) + " TO " + Identifiers.quote(user)
                                + "; or give the table to a role of its own, if " + owners.get(0) + " is a superuser.");
            }
        }
    }

    /** Those of the target's tables that have rows. */
    List<TableName> filled(Collection<TableName> tables) throws SQLException {
        List<TableName> names = List.copyOf(tables);
        if (names.isEmpty()) {
            return names;
        }
        List<String> questions = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            questions.add(
                    "select " + i + " where exists (select from " + names.get(i).quoted() + ")");
        }
        return target.list(String.join(" union all ", questions), row -> names.get(row.getInt(1)));
    }
}

package io.watchkeeper.toolkit.standby;

import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The role that a standby logs in as. One made here carries a comment that says so, in the same transaction. */
final class ReplicationRole {

    private static final String FIND = """
            select rolcanlogin, rolreplication or rolsuper, coalesce(shobj_description(oid, 'pg_authid'), ''),
                   coalesce(rolvaliduntil < now(), false)
              from pg_roles where rolname = ?""";

    private final Session session;
    private final String name;

    /** @param comment that says who made it */
    record Found(boolean login, boolean replication, String comment, boolean expired) {}

    ReplicationRole(Session session, String name) {
        this.session = session;
        this.name = name;
    }

    Optional<Found> find() throws SQLException {
        return session
                .list(
                        FIND,
                        row -> new Found(row.getBoolean(1), row.getBoolean(2), row.getString(3), row.getBoolean(4)),
                        name)
                .stream()
                .findFirst();
    }

    /**
     * Sees to it that the role is there and that the password file has its password.
     *
     * @param given a file with the password of a role that is there already; null for none
     */
    void ensure(StandbyDraft draft, PrimaryAddress primary, PassFile passFile, @Nullable Path given, boolean readOnly)
            throws SQLException {
        Optional<Found> found = find();
        String mark = draft.record().roleMark();
        if (found.isEmpty()) {
            if (readOnly) {
                throw new OperatorException(
                        "there is no role '" + name + "', and '" + database()
                                + "' is a standby, on which none can be made",
                        "make it on its primary: CREATE ROLE " + Identifiers.quote(name)
                                + " LOGIN REPLICATION PASSWORD '…'; and name its password with passwordFile.");
            }
            Secret secret = given == null ? passFile.read().orElseGet(ScramVerifier::newSecret) : read(given);
            // The password first: of a role that is there without it nobody would know it.
            passFile.write(primary, name, secret);
            create(secret, mark);
            draft.did(StandbyStep.ROLE, "made role " + name);
            return;
        }
        require(found.get());
        if (found.get().comment().equals(mark)) {
            keepOwn(draft, primary, passFile, given);
        } else {
            if (given != null) {
                passFile.write(primary, name, read(given));
            }
            draft.found(StandbyStep.ROLE, "role " + name + " was there");
        }
    }

    private void keepOwn(StandbyDraft draft, PrimaryAddress primary, PassFile passFile, @Nullable Path given)
            throws SQLException {
        Optional<Secret> known = given == null ? passFile.read() : Optional.of(read(given));
        Secret secret = known.orElseGet(ScramVerifier::newSecret);
        passFile.write(primary, name, secret);
        if (known.isEmpty()) {
            session.runVerbatim("ALTER ROLE " + Identifiers.quote(name) + " PASSWORD "
                    + Identifiers.quoteLiteral(ScramVerifier.of(secret)));
            draft.did(StandbyStep.ROLE, "gave role " + name + " a new password, as its own was lost");
        } else {
            draft.found(StandbyStep.ROLE, "role " + name + " was made before");
        }
    }

    private void require(Found found) {
        if (!found.login() || !found.replication()) {
            throw new OperatorException(
                    "role '" + name + "' of '" + database() + "' may not "
                            + (found.login() ? "receive the log" : "log in"),
                    "as a superuser there: ALTER ROLE " + Identifiers.quote(name)
                            + " LOGIN REPLICATION; or name another" + " role, or none.");
        }
        if (found.expired()) {
            throw new OperatorException(
                    "the password of role '" + name + "' of '" + database() + "' has expired (VALID UNTIL)",
                    "as a superuser there: ALTER ROLE " + Identifiers.quote(name) + " VALID UNTIL 'infinity'.");
        }
    }

    private void create(Secret secret, String mark) throws SQLException {
        String role = Identifiers.quote(name);
        try {
            session.begin();
            session.runVerbatim("CREATE ROLE " + role + " LOGIN REPLICATION PASSWORD "
                    + Identifiers.quoteLiteral(ScramVerifier.of(secret)));
            session.runVerbatim("COMMENT ON ROLE " + role + " IS " + Identifiers.quoteLiteral(mark));
            session.commit();
        } catch (SQLException e) {
            session.rollback();
            if (FailureClass.sqlState(e).orElse("").equals(SqlStates.INSUFFICIENT_PRIVILEGE)) {
                throw new OperatorException(
                        "role '" + session.database().settings().user() + "' may not make role '" + name + "' on '"
                                + database() + "'",
                        "as a superuser there: CREATE ROLE " + role
                                + " LOGIN REPLICATION; \\password " + role
                                + "; and name a file with that password: passwordFile '/path'.",
                        e);
            }
            throw e;
        }
    }

    /** Drops it, if it was made for this standby. @return what there is to say about it */
    String drop(String mark) throws SQLException {
        Optional<Found> found = find();
        if (found.isEmpty()) {
            return "";
        }
        if (!found.get().comment().equals(mark)) {
            return "role " + name + " stays: it was not made for this standby";
        }
        session.runVerbatim("DROP ROLE " + Identifiers.quote(name));
        return "dropped role " + name;
    }

    private static Secret read(Path file) {
        try {
            return Secret.of(Files.readString(file).strip());
        } catch (IOException e) {
            throw new OperatorException(
                    "the password cannot be read from " + file + ": " + e.getMessage(),
                    "it holds the password alone, readable for the agent's user.",
                    e);
        }
    }

    private String database() {
        return session.database().name();
    }
}

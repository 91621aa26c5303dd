package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.toolkit.copy.PasswordHandover;
import io.watchkeeper.toolkit.copy.SourceAddress;
import io.watchkeeper.units.Secret;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The statements that make and alter a subscription. The password of the source is in none that is sent: servers write statements
 * down; see {@link PasswordHandover}.
 */
final class SubscriptionSql {

    private static final int CONNECT_SECONDS = 10;
    private static final int DISABLES_ON_ERROR = 15;

    private final SubscriptionPlan plan;
    private final DatabaseSettings source;

    SubscriptionSql(SubscriptionPlan plan, DatabaseSettings source) {
        this.plan = plan;
        this.source = source;
    }

    /**
     * @param slot that exists already
     * @param copy whether the server copies the tables first
     * @param majorVersion of the subscriber
     */
    String create(String slot, boolean copy, int majorVersion) {
        // Without it a row that cannot be applied is tried again for ever, and nobody sees that it is.
        String disable = majorVersion < DISABLES_ON_ERROR ? "" : ", disable_on_error = " + !plan.retriesErrors();
        return "CREATE SUBSCRIPTION " + name() + " CONNECTION %L PUBLICATION " + Identifiers.quote(plan.publication())
                + " WITH (slot_name = " + Identifiers.quoteLiteral(slot).strip() + ", create_slot = false, copy_data = "
                + copy + disable + ")";
    }

    /** @return null where that is so already, or the server of the subscriber has no such choice */
    @Nullable
    String changeOfPolicy(Session target, int majorVersion) throws SQLException {
        if (majorVersion < DISABLES_ON_ERROR) {
            return null;
        }
        boolean disables = target.one(
                "select subdisableonerr from pg_subscription where subname = ? and subdbid ="
                        + " (select oid from pg_database where datname = current_database())",
                row -> row.getBoolean(1),
                plan.name());
        return disables == !plan.retriesErrors()
                ? null
                : "ALTER SUBSCRIPTION " + name() + " SET (disable_on_error = " + !plan.retriesErrors() + ")";
    }

    String connection() {
        return "ALTER SUBSCRIPTION " + name() + " CONNECTION %L";
    }

    /** What a dry run shows: the statement with the connection, the password left out. */
    String shown(String statement) {
        return statement.replace("%L", Identifiers.quoteLiteral(conninfo()).strip());
    }

    /** Runs one of the statements, in the open transaction. */
    void run(Session target, String statement) throws SQLException {
        Secret password = source.password();
        if (password == null) {
            target.runVerbatim(shown(statement));
            return;
        }
        String maker = "format(" + Identifiers.quoteLiteral(escapedForFormat(statement)) + ", "
                + Identifiers.quoteLiteral(conninfo() + " password=") + " || " + PasswordHandover.VALUE + ")";
        PasswordHandover.hand(
                target, PasswordHandover.statements(maker, true), Secret.of(conninfoValue(password.reveal())));
    }

    /** A percent sign in a name is none of format's. */
    private static String escapedForFormat(String statement) {
        int place = statement.indexOf("%L");
        int behind = place + "%L".length();
        return statement.substring(0, place).replace("%", "%%") + "%L"
                + statement.substring(behind).replace("%", "%%");
    }

    /** Whether the subscription connects as it should; true where this role may not see how it does. */
    boolean connectsAsConfigured(Session target) throws SQLException {
        List<@Nullable String> current = target.list(
                "select case when has_column_privilege('pg_subscription', 'subconninfo', 'SELECT') then 'readable' end",
                row -> row.getString(1));
        if (current.get(0) == null) {
            return true;
        }
        String now = target.one(
                "select subconninfo from pg_subscription where subname = ? and subdbid ="
                        + " (select oid from pg_database where datname = current_database())",
                row -> row.getString(1),
                plan.name());
        Secret password = source.password();
        String wanted = conninfo() + (password == null ? "" : " password=" + conninfoValue(password.reveal()));
        return now.equals(wanted);
    }

    private String name() {
        return Identifiers.quote(plan.name());
    }

    private String conninfo() {
        Map<String, String> options = new LinkedHashMap<>(
                SourceAddress.of(source, plan.sourceAddress()).options());
        options.put("user", source.user());
        options.put("connect_timeout", Integer.toString(CONNECT_SECONDS));
        // A link that is dead is noticed within half a minute.
        options.put("keepalives_idle", "15");
        options.put("keepalives_interval", "5");
        options.put("keepalives_count", "3");
        return options.entrySet().stream()
                .map(option -> option.getKey() + "=" + conninfoValue(option.getValue()))
                .collect(Collectors.joining(" "));
    }

    /** As libpq reads values in a connection string. */
    static String conninfoValue(String value) {
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}

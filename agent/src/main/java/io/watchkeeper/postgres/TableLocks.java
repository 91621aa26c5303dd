package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Says who holds the table that was waited for. */
public final class TableLocks {

    private TableLocks() {}

    /**
     * The failure to get a lock as an operator wants it told. The session must not be in a failed transaction.
     *
     * @param tables which the statement wanted
     * @param failure with SQLSTATE 55P03
     */
    public static OperatorException explain(Session session, Collection<TableName> tables, SQLException failure) {
        String where = " in database '" + session.database().name() + "'";
        List<String> holders = holders(session, tables);
        String names =
                String.join(", ", tables.stream().map(TableName::toString).toList());
        if (holders.isEmpty()) {
            return new OperatorException(
                    names + where + " was locked by another session, which is done by now",
                    "try again; lock 'name' in the policy keeps runbooks of this host from meeting on a table.",
                    failure);
        }
        return new OperatorException(
                names + where + " is locked: " + String.join("; ", holders),
                "try again when it is done, or end it there with SELECT pg_terminate_backend(pid).",
                failure);
    }

    private static List<String> holders(Session session, Collection<TableName> tables) {
        try {
            return session.list(
                    """
                    select n.nspname, c.relname, coalesce(l.pid::text, 'a prepared transaction'), a.usename, a.application_name,
                           a.state, extract(epoch from clock_timestamp() - a.xact_start)::bigint, l.mode
                      from pg_locks l
                      join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
                      join unnest(?::text[], ?::text[]) w(s, t) on w.s = n.nspname and w.t = c.relname
                      left join pg_stat_activity a on a.pid = l.pid
                     where l.granted and l.pid is distinct from pg_backend_pid()
                       and l.database = (select oid from pg_database where datname = current_database())
                     order by a.xact_start nulls first limit 3""",
                    row -> new TableName(row.getString(1), row.getString(2)) + " by pid " + row.getString(3) + " ("
                            + row.getString(4) + ", '" + row.getString(5) + "', " + row.getString(6) + " for "
                            + DurationText.say(Duration.ofSeconds(row.getLong(7))) + ", " + row.getString(8) + ")",
                    tables.stream().map(TableName::schema).toList(),
                    tables.stream().map(TableName::name).toList());
        } catch (SQLException e) {
            return List.of();
        }
    }
}

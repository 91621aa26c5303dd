package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks a database's catalogue, each question once. */
final class DatabaseTables implements Tables {

    private final Session session;
    private final Map<TableName, Optional<Long>> sizes = new HashMap<>();
    private final Map<String, Boolean> functions = new HashMap<>();

    DatabaseTables(Session session) {
        this.session = session;
    }

    @Override
    public Optional<Long> size(TableName table) {
        return sizes.computeIfAbsent(
                table, name -> first("""
                        select coalesce((select sum(pg_table_size(relid)) from pg_partition_tree(c.oid) where isleaf), pg_table_size(c.oid))::bigint
                          from pg_class c join pg_namespace n on n.oid = c.relnamespace
                         where n.nspname = ? and c.relname = ? and c.relkind in ('r', 'p', 'm')""", name.schema(), name.name()).map(Long::valueOf));
    }

    @Override
    public boolean isThere(String name) {
        return first("""
                        with own as (select oid from pg_namespace where nspname not in ('pg_catalog', 'information_schema'))
                        select 'yes' from pg_class where relname = ? and relnamespace in (select oid from own)
                        union all select 'yes' from pg_proc where proname = ? and pronamespace in (select oid from own)
                        union all select 'yes' from pg_type where typname = ? and typnamespace in (select oid from own)
                        union all select 'yes' from pg_namespace where nspname = ?
                        union all select 'yes' from pg_trigger where tgname = ?
                        union all select 'yes' from pg_rewrite where rulename = ?
                        union all select 'yes' from pg_policy where polname = ?
                        union all select 'yes' from pg_statistic_ext where stxname = ?
                        union all select 'yes' from pg_extension where extname = ?""", name, name, name, name, name, name, name, name, name).isPresent();
    }

    @Override
    public Optional<String> columnType(TableName table, String column) {
        return first("""
                select format_type(a.atttypid, a.atttypmod)
                  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
                 where n.nspname = ? and c.relname = ? and a.attname = ? and not a.attisdropped""", table.schema(), table.name(), column);
    }

    @Override
    public boolean isKnownNotNull(TableName table, String column) {
        return first("""
                select 'yes'
                  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
                 where n.nspname = ? and c.relname = ? and k.contype = 'c' and k.convalidated
                   and pg_get_constraintdef(k.oid) ilike '%(' || quote_ident(?) || ' IS NOT NULL)%'""", table.schema(), table.name(), column).isPresent();
    }

    @Override
    public boolean isVolatile(String function) {
        return functions.computeIfAbsent(
                function,
                name -> first("select 'yes' from pg_proc where proname = ? and provolatile = 'v'", name)
                        .isPresent());
    }

    @Override
    public boolean isBuiltIn(String function) {
        return first(
                        "select 'yes' from pg_proc where proname = ? and pronamespace = 'pg_catalog'::regnamespace",
                        function)
                .isPresent();
    }

    @Override
    public boolean isBuiltInAndReadOnly(String function) {
        return first(
                        "select 'yes' from pg_proc where proname = ? and pronamespace = 'pg_catalog'::regnamespace"
                                + " having count(*) > 0 and bool_and(provolatile <> 'v')",
                        function)
                .isPresent();
    }

    private Optional<String> first(String sql, @Nullable Object... values) {
        try {
            List<String> rows = session.list(sql, row -> row.getString(1), values);
            return rows.stream().findFirst();
        } catch (SQLException e) {
            throw new OperatorException(
                    "the catalogue of database '" + session.database().name() + "' cannot be read: " + e.getMessage(),
                    null,
                    e);
        }
    }
}

package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.TypeFit;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the two sides' tables do not fit. Logical replication sends rows and no DDL: a column that only one side has stops the
 * stream, or, worse, does not.
 *
 * @param problems one for each column or table
 * @param remedies statements for the target, as far as there are any
 * @param notes what is not wrong and should be known
 */
record SchemaDrift(List<String> problems, List<String> remedies, List<String> notes) {

    static SchemaDrift between(Session source, Session target, Map<TableName, PublishedTables.Published> tables)
            throws SQLException {
        List<TableName> names = List.copyOf(tables.keySet());
        Map<TableName, TableShape> there = TableShape.readAll(source, names);
        Map<TableName, TableShape> here = TableShape.readAll(target, names);
        Map<TableName, ReplicaIdentity> identities = ReplicaIdentity.read(source, names);
        SchemaDrift drift = new SchemaDrift(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (PublishedTables.Published table : tables.values()) {
            TableShape from = there.get(table.name());
            TableShape to = here.get(table.name());
            if (from == null) {
                continue; // dropped a moment ago
            }
            if (to == null) {
                drift.problems.add("table " + table.name() + " is not in '"
                        + target.database().name() + "'");
                drift.remedies.add("make table " + table.name() + " there, as pg_dump --schema-only --table="
                        + table.name() + " of '" + source.database().name() + "' shows it");
            } else {
                drift.compare(source, target, from, to, table, identities.get(table.name()));
            }
        }
        return drift;
    }

    private void compare(
            Session source,
            Session target,
            TableShape from,
            TableShape to,
            PublishedTables.Published table,
            @Nullable ReplicaIdentity identity) {
        String name = from.name().toString();
        List<TableShape.Column> sent = from.columns().stream()
                .filter(column -> !column.generated())
                .filter(column -> table.columns().isEmpty() || table.columns().contains(column.name()))
                .toList();
        for (TableShape.Column column : sent) {
            Optional<TableShape.Column> there = to.column(column.name());
            String quoted = Identifiers.quote(column.name());
            if (there.isEmpty()) {
                problems.add(name + " has no column " + quoted + " in '"
                        + target.database().name() + "'");
                remedies.add("ALTER TABLE " + to.name().quoted() + " ADD COLUMN " + quoted + " " + column.type() + ";");
            } else if (there.get().generated()) {
                problems.add(name + "." + quoted + " is computed in '"
                        + target.database().name() + "'");
                remedies.add("ALTER TABLE " + to.name().quoted() + " ALTER COLUMN " + quoted + " DROP EXPRESSION;");
            } else {
                compareTypes(source, target, to, column, there.get());
            }
        }
        Set<String> names =
                Set.copyOf(sent.stream().map(TableShape.Column::name).toList());
        for (TableShape.Column extra : to.columns()) {
            if (!names.contains(extra.name()) && !extra.generated()) {
                only(target, to, extra);
            }
        }
        compareKeys(target, to, identity);
    }

    private void compareTypes(
            Session source, Session target, TableShape to, TableShape.Column column, TableShape.Column there) {
        TypeFit.Way way = TypeFit.of(column.type(), there.type()).way();
        if (way == TypeFit.Way.REFUSED || way == TypeFit.Way.VERIFIED_TEXT) {
            String quoted = Identifiers.quote(column.name());
            problems.add(to.name() + "." + quoted + " is " + column.type() + " in '"
                    + source.database().name() + "' and " + there.type() + " in '"
                    + target.database().name() + "'");
            remedies.add(
                    "ALTER TABLE " + to.name().quoted() + " ALTER COLUMN " + quoted + " TYPE " + column.type() + ";");
        }
    }

    private void only(Session target, TableShape to, TableShape.Column extra) {
        String quoted = Identifiers.quote(extra.name());
        boolean needsValue = extra.notNull() && !extra.hasDefault() && extra.identity() == TableShape.Identity.NONE;
        String only =
                to.name() + "." + quoted + " is only in '" + target.database().name() + "'";
        if (needsValue) {
            problems.add(only + ", and may not be null");
            remedies.add("ALTER TABLE " + to.name().quoted() + " DROP COLUMN " + quoted + ";");
        } else {
            notes.add(only + ": new rows get its default");
        }
    }

    /** The subscriber finds a row by its own primary key, whose values must be sent with every change. */
    private void compareKeys(Session target, TableShape to, @Nullable ReplicaIdentity identity) {
        String where = "'" + target.database().name() + "'";
        if (identity == null || identity.isMissing()) {
            return; // the publisher refuses changes itself, and provisionPublication says so
        }
        boolean keyed = !to.primaryKey().isEmpty();
        if (identity.full()) {
            if (!keyed && to.uniqueIndexes().isEmpty()) {
                notes.add(to.name() + " has no key in " + where + ": every change reads the whole table there");
            }
            return;
        }
        if (!keyed) {
            problems.add(to.name() + " has no primary key in " + where);
            remedies.add("ALTER TABLE " + to.name().quoted() + " ADD PRIMARY KEY ("
                    + Identifiers.quoteAll(identity.columns()) + ");");
        } else if (!identity.columns().containsAll(to.primaryKey())) {
            problems.add(to.name() + " has the primary key (" + Identifiers.quoteAll(to.primaryKey()) + ") in " + where
                    + ", and changes name rows by (" + Identifiers.quoteAll(identity.columns()) + ")");
            remedies.add("give both the same primary key");
        }
    }

    boolean isNone() {
        return problems.isEmpty();
    }

    /** All of it as one failure. */
    OperatorException failure(String consequence) {
        return new OperatorException(
                "the two sides' tables differ: " + String.join("; ", problems) + consequence,
                "on the target, " + String.join(" ", remedies) + "  then run it again.");
    }
}

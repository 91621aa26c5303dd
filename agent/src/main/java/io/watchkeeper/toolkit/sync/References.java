package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.ForeignKeyCheck;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;

/** Looks for rows that refer to rows that are not there, among those a round has changed: foreign keys were kept silent meanwhile. */
final class References {

    private final Session target;
    private final PreparedSync sync;
    private final Staging staging;

    References(Session target, PreparedSync sync, Staging staging) {
        this.target = target;
        this.sync = sync;
        this.staging = staging;
    }

    /** @throws OperatorException when rows refer to rows that are not there */
    void check(boolean anyWritten, boolean anyGone) throws SQLException {
        if (!sync.copy().silent()) {
            return; // the server has checked them
        }
        if (anyWritten) {
            for (TableShape.ForeignKey key : sync.target().foreignKeys()) {
                if (key.readable() && sync.copy().columnNames().containsAll(key.columns())) {
                    require(key, written(key));
                }
            }
        }
        for (TableShape.ForeignKey key : sync.target().referencedBy()) {
            boolean byKey = new HashSet<>(key.referenced()).equals(new HashSet<>(sync.keyNames()));
            if (!key.readable()) {
                continue;
            }
            if (byKey && anyGone) {
                require(key, deleted(key));
            } else if (!byKey && (anyGone || anyWritten)) {
                require(key, ForeignKeyCheck.orphans(target, key));
            }
        }
    }

    /** Rows that were brought. */
    private long written(TableShape.ForeignKey key) throws SQLException {
        String notNull = key.columns().stream()
                .map(column -> "s." + Identifiers.quote(column) + " IS NOT NULL")
                .collect(Collectors.joining(" AND "));
        return target.oneVerbatim(
                "SELECT count(*) FROM " + staging.rows() + " s WHERE " + notNull + " AND NOT EXISTS (SELECT FROM "
                        + (key.toPartitioned() ? "" : "ONLY ") + key.to().quoted() + " p WHERE "
                        + equal(key.referenced(), "p", key.columns(), "s") + ")",
                row -> row.getLong(1));
    }

    /** Rows of another table that refer to one that was deleted. */
    private long deleted(TableShape.ForeignKey key) throws SQLException {
        return target.oneVerbatim(
                "SELECT count(*) FROM " + (key.fromPartitioned() ? "" : "ONLY ")
                        + key.from().quoted() + " c JOIN "
                        + staging.gone() + " g ON " + equal(key.columns(), "c", key.referenced(), "g")
                        + " WHERE NOT EXISTS (SELECT FROM " + (key.toPartitioned() ? "" : "ONLY ")
                        + key.to().quoted() + " p WHERE " + equal(key.referenced(), "p", key.columns(), "c") + ")",
                row -> row.getLong(1));
    }

    private static String equal(List<String> columns, String one, List<String> others, String other) {
        List<String> equal = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            equal.add(one + "." + Identifiers.quote(columns.get(i)) + " = " + other + "."
                    + Identifiers.quote(others.get(i)));
        }
        return String.join(" AND ", equal);
    }

    private void require(TableShape.ForeignKey key, long orphans) {
        if (orphans > 0) {
            throw new OperatorException(
                    ForeignKeyCheck.describe(target, key, orphans) + "; the target was left as it was",
                    "synchronise both in one view: syncTables '" + key.to() + "', '" + key.from() + "'.");
        }
    }
}

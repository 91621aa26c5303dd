package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Looks for rows that refer to rows that are not there, which a copy with silent foreign keys could leave behind. */
public final class ForeignKeyCheck {

    private ForeignKeyCheck() {}

    /**
     * The foreign keys the copy may have broken, as far as the role may look.
     *
     * @param later tables that are replaced after this one, and checked then
     */
    public static List<TableShape.ForeignKey> keys(PreparedCopy copy, Set<TableName> later) {
        List<TableShape.ForeignKey> keys = new ArrayList<>();
        copy.target().foreignKeys().stream()
                .filter(key -> key.readable() && !later.contains(key.to()))
                .forEach(keys::add);
        if (copy.plan().options().strategy() != CopyStrategy.APPEND) {
            copy.target().referencedBy().stream()
                    .filter(key -> key.readable() && !later.contains(key.from()))
                    .forEach(keys::add);
        }
        return keys;
    }

    /** @throws OperatorException when rows refer to rows that are not there */
    public static void requireNone(Session target, TableShape.ForeignKey key, long orphans) {
        if (orphans > 0) {
            throw new OperatorException(
                    describe(target, key, orphans) + "; the target was left as it was",
                    "copy " + key.to() + " first, or both together: copyTables '" + key.to() + "', '" + key.from()
                            + "'.");
        }
    }

    /** How many rows refer to nothing; 0 where the role may not look. */
    public static long orphans(Session target, TableShape.ForeignKey key) throws SQLException {
        return key.readable() ? target.one(CopySql.orphans(key), row -> row.getLong(1)) : 0;
    }

    public static String describe(Session target, TableShape.ForeignKey key, long orphans) {
        return orphans + " rows of " + key.from() + " in database '"
                + target.database().name() + "' refer to rows of " + key.to() + " that are not there (foreign key "
                + key.name() + ")";
    }
}

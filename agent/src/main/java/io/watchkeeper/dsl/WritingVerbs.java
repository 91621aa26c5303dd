package io.watchkeeper.dsl;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.sql.InsertResult;
import io.watchkeeper.toolkit.sql.RowWriter;
import io.watchkeeper.toolkit.sql.Ulids;
import io.watchkeeper.toolkit.sql.VersionedUpdate;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code insertOnce}, {@code updateVersioned} and {@code ulid}. */
record WritingVerbs(Action action) {

    /** One for all runs of this process, so that what is made later sorts behind. */
    private static final Ulids ULIDS = new Ulids();

    InsertResult insertOnce(String database, String table, Map<String, ? extends @Nullable Object> values)
            throws SQLException {
        TableName name = TableName.parse(action.texts().require(TextKind.TABLE, table));
        RowWriter writer = writer(database);
        if (action.dryRun()) {
            action.plan("insertOnce", database + "  " + name, () -> writer.describeInsert(name, values));
            return new InsertResult(database, name, 0, Duration.ZERO);
        }
        InsertResult result = writer.insertOnce(name, values);
        action.context().record(new VerbResult("insertOnce", result.fields()));
        return result;
    }

    VersionedUpdate updateVersioned(
            String database,
            String table,
            Map<String, ? extends @Nullable Object> key,
            long version,
            Map<String, ? extends @Nullable Object> changes)
            throws SQLException {
        TableName name = TableName.parse(action.texts().require(TextKind.TABLE, table));
        RowWriter writer = writer(database);
        if (action.dryRun()) {
            action.plan(
                    "updateVersioned",
                    database + "  " + name,
                    () -> writer.describeUpdate(name, key, version, changes));
            return new VersionedUpdate(database, name, VersionedUpdate.State.PLANNED, null, Duration.ZERO);
        }
        VersionedUpdate result = writer.updateVersioned(name, key, version, changes);
        action.context().record(new VerbResult("updateVersioned", result.fields()));
        return result;
    }

    String ulid() {
        return ULIDS.next(action.toolbox().clock());
    }

    private RowWriter writer(String database) {
        return new RowWriter(action.database(database), action.context().work());
    }
}

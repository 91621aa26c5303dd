package io.watchkeeper.dsl;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.sync.SyncPlan;
import org.jspecify.annotations.Nullable;

/** {@code syncTable('public.documents') { … }} */
@Block(
        name = "syncTable",
        value = "How one table is kept the same as another.",
        needs = {"from", "to"},
        words = {
            "from",
            "to",
            "targetTable",
            "key",
            "mode",
            "watermark",
            "overlap",
            "proveEvery",
            "verifyEvery",
            "deletes",
            "maxDeletes",
            "localEdits",
            "where",
            "columns",
            "followColumns",
            "sourceXmin",
            "workers",
            "batch",
            "rateLimit",
            "verify"
        })
public final class SyncTableSpec extends SyncSpec {

    private @Nullable String targetTable;

    SyncTableSpec(TextChecks texts) {
        super("syncTable", texts);
    }

    @Word(
            value = "The table that is kept the same, where it has another name there.",
            example = "targetTable 'fleet.documents'",
            byDefault = "the same name")
    public void targetTable(@Checked(TextKind.TABLE) String name) {
        targetTable = texts().require(TextKind.TABLE, name);
    }

    SyncPlan plan(String table) {
        TableName source = TableName.parse(table);
        TableName target = targetTable == null ? source : TableName.parse(targetTable);
        if (source().equals(target()) && source.equals(target)) {
            throw new OperatorException(
                    "'syncTable' would keep " + source + " of '" + source() + "' the same as itself",
                    "'from' and 'to' name two databases, or 'targetTable' another table.");
        }
        return new SyncPlan(source, target, options());
    }
}

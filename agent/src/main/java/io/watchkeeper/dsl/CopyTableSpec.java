package io.watchkeeper.dsl;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.CopyPlan;
import io.watchkeeper.toolkit.copy.CopyStrategy;
import org.jspecify.annotations.Nullable;

/** {@code copyTable('public.documents') { … }} */
@Block(
        name = "copyTable",
        value = "How one table is copied.",
        needs = {"from", "to"},
        words = {
            "from",
            "to",
            "targetTable",
            "columns",
            "where",
            "strategy",
            "partition",
            "key",
            "createKeyIndex",
            "format",
            "method",
            "sourceAddress",
            "workers",
            "batch",
            "rateLimit",
            "resume",
            "maxReplicationLag",
            "maxActiveSessions",
            "rebuildIndexes",
            "verify",
            "analyze",
            "suspendAutovacuum",
            "alertWhen"
        })
public final class CopyTableSpec extends CopySpec {

    private @Nullable String targetTable;

    CopyTableSpec(TextChecks texts) {
        super("copyTable", texts);
    }

    @Word(
            value = "The table the rows go to, where it has another name there.",
            example = "targetTable 'archive.documents'",
            byDefault = "the same name")
    public void targetTable(@Checked(TextKind.TABLE) String name) {
        targetTable = texts().require(TextKind.TABLE, name);
    }

    @Word(
            value = "What becomes of the rows the target already has.",
            example = "strategy append",
            byDefault = "truncate")
    public void strategy(PartitionName partition) {
        change(options -> options.withStrategy(CopyStrategy.PARTITION).withPartition(partition.name()));
    }

    @Word(
            value =
                    "For strategy: one partition of the target's table is replaced, by a new one where that is possible. The"
                            + " rows come from the source's partition of that name, else those that belong into it.",
            example = "strategy partition('documents_2026_11')",
            byDefault = "the whole table")
    public PartitionName partition(@Checked(TextKind.NAME) String name) {
        return new PartitionName(name);
    }

    CopyPlan plan(String table) {
        TableName source = TableName.parse(table);
        TableName target = targetTable == null ? source : TableName.parse(targetTable);
        if (source().equals(target()) && source.equals(target)) {
            throw new OperatorException(
                    "'copyTable' would copy " + source + " of '" + source() + "' onto itself",
                    "'from' and 'to' name two databases, or 'targetTable' another table.");
        }
        return new CopyPlan(source, target, options());
    }
}

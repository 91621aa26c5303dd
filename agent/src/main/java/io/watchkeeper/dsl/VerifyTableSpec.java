package io.watchkeeper.dsl;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.verify.VerifyPlan;
import org.jspecify.annotations.Nullable;

/** {@code verifyTable('public.documents') { … }} */
@Block(
        name = "verifyTable",
        value = "How one table is compared with another.",
        needs = {"from", "to"},
        words = {
            "from",
            "to",
            "targetTable",
            "by",
            "sample",
            "repair",
            "onMismatch",
            "maxDeletes",
            "where",
            "columns",
            "key",
            "patience",
            "chunkTime",
            "workers",
            "rateLimit"
        })
public final class VerifyTableSpec extends VerifySpec {

    private @Nullable String targetTable;

    VerifyTableSpec(TextChecks texts) {
        super("verifyTable", texts);
    }

    @Word(
            value = "The table that is compared, where it has another name there.",
            example = "targetTable 'fleet.documents'",
            byDefault = "the same name")
    public void targetTable(@Checked(TextKind.TABLE) String name) {
        targetTable = texts().require(TextKind.TABLE, name);
    }

    VerifyPlan plan(String table) {
        TableName source = TableName.parse(table);
        TableName target = targetTable == null ? source : TableName.parse(targetTable);
        if (source().equals(target()) && source.equals(target)) {
            throw new OperatorException(
                    "'verifyTable' would compare " + source + " of '" + source() + "' with itself",
                    "'from' and 'to' name two databases, or 'targetTable' another table.");
        }
        return new VerifyPlan(source, target, options());
    }
}

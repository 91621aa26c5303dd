package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.TableName;
import java.util.function.UnaryOperator;

/**
 * Which table to verify, and how.
 *
 * @param from the source's table, which is right
 * @param to the target's table
 */
public record VerifyPlan(TableName from, TableName to, VerifyOptions options) {

    /** The whole table under the same name. */
    public static VerifyPlan of(TableName table) {
        return new VerifyPlan(table, table, VerifyOptions.DEFAULT);
    }

    /** The same tables with other options. */
    public VerifyPlan with(UnaryOperator<VerifyOptions> change) {
        return new VerifyPlan(from, to, change.apply(options));
    }
}

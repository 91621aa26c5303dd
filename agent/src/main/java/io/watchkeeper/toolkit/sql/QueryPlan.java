package io.watchkeeper.toolkit.sql;

import io.watchkeeper.postgres.PlannedAction;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a dry run knows of a query.
 *
 * @param rows what it returned, where reading it changed nothing; else empty
 */
public record QueryPlan(List<PlannedAction> actions, List<Map<String, @Nullable Object>> rows) {
    public QueryPlan {
        actions = List.copyOf(actions);
    }
}

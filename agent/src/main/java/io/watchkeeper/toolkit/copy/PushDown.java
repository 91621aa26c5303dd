package io.watchkeeper.toolkit.copy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the planner of the target makes of a condition on a foreign table.
 *
 * @param remote the statement the source gets
 * @param filter what is left for the target to look at, row by row; null when the source does it all
 */
record PushDown(String remote, @Nullable String filter) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** @throws OperatorException when the condition reads other tables: it would read the target's */
    static PushDown explain(Session target, FdwTable table) throws SQLException {
        String json = target.oneVerbatim("EXPLAIN (VERBOSE, FORMAT JSON) " + table.select(), row -> row.getString(1));
        List<JsonNode> nodes = new ArrayList<>();
        try {
            collect(JSON.readTree(json).get(0).get("Plan"), nodes);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("PostgreSQL's plan is no JSON", e);
        }
        String remote = "";
        String filter = null;
        for (JsonNode node : nodes) {
            String relation = node.path("Relation Name").asText(table.name());
            if (!relation.equals(table.name())) {
                throw new OperatorException(
                        "the condition on " + table.copy().source().name() + " reads " + relation
                                + ", and with method fdw that would be the one of '"
                                + target.database().name() + "'",
                        "use method copy, with which the source evaluates the condition.");
            }
            if (node.has("Remote SQL")) {
                remote = node.get("Remote SQL").asText();
            }
            if (node.has("Filter")) {
                filter = node.get("Filter").asText();
            }
        }
        return new PushDown(remote, filter);
    }

    private static void collect(JsonNode node, List<JsonNode> all) {
        all.add(node);
        node.path("Plans").forEach(child -> collect(child, all));
    }
}

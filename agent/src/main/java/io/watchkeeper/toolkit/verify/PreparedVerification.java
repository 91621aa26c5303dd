package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.ServerState;
import java.util.List;

/**
 * A plan that was held against both catalogues: the tables can be compared.
 *
 * @param source what the source's server says of itself
 * @param target likewise
 * @param estimatedRows of the larger of the two tables
 * @param inRanges whether the table can be compared range by range
 * @param sameCluster whether one of the servers replays what the other writes, or both replay the same
 * @param notes what an operator should know
 */
record PreparedVerification(
        VerifyPlan plan,
        TableSide here,
        TableSide there,
        ServerState source,
        ServerState target,
        long estimatedRows,
        boolean inRanges,
        boolean sameCluster,
        List<String> notes) {

    PreparedVerification {
        notes = List.copyOf(notes);
    }

    PreparedVerification with(TableSide.Sample sample) {
        return new PreparedVerification(
                plan,
                here.with(sample),
                there.with(sample),
                source,
                target,
                estimatedRows,
                inRanges,
                sameCluster,
                notes);
    }

    /** Whether names of tables, types or functions are printed, which must be full names then. */
    boolean holdsObjectNames() {
        return here.columns().stream()
                .anyMatch(column -> column.type().withoutDomains().name().startsWith("reg"));
    }

    /** As a file's header and as differing keys have them. */
    List<String> keyNames() {
        return here.hasKey() ? here.key().stream().map(ComparedColumn::name).toList() : List.of("row_hash");
    }
}

package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Marks a slot so that one made again under its name can be told from it; see {@link SlotVerdict}. */
final class SlotMark {

    /** Before 15 a process of its own keeps the statistics, and is told of the reset. */
    private static final int SHOWN_WITHIN_TENTHS = 20;

    private SlotMark() {}

    /**
     * Resets the slot's statistics.
     *
     * @return since when they are reset; null when the role may not
     */
    static @Nullable String set(Session source, SlotState slot) throws SQLException {
        boolean may = source.one(
                "select has_function_privilege('pg_catalog.pg_stat_reset_replication_slot(text)', 'EXECUTE')",
                row -> row.getBoolean(1));
        if (!may) {
            return null;
        }
        source.query("select pg_stat_reset_replication_slot(?)", slot.name());
        for (int i = 0; i < SHOWN_WITHIN_TENTHS; i++) {
            Optional<SlotState> now = SlotState.read(source, slot.name());
            if (now.isEmpty()) {
                return null;
            }
            String since = now.get().since();
            if (since != null && !since.equals(slot.since())) {
                return since;
            }
            source.query("select pg_sleep(0.1)");
        }
        return null;
    }
}

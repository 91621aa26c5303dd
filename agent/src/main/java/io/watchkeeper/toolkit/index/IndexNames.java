package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.TableName;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Names for indexes that are proposed: such as PostgreSQL would give, that nothing has yet and no other proposal of this look has. */
final class IndexNames {

    private static final int MOST_BYTES = 63;

    private final Set<IndexName> taken;

    IndexNames(Collection<IndexName> taken) {
        this.taken = new HashSet<>(taken);
    }

    /** In the schema of the table, as PostgreSQL asks for. */
    IndexName free(TableName table, List<String> columns) {
        for (int number = 0; ; number++) {
            String suffix = "_idx" + (number == 0 ? "" : number);
            IndexName name = new IndexName(
                    table.schema(), cut(table.name() + "_" + String.join("_", columns), suffix.length()) + suffix);
            if (taken.add(name)) {
                return name;
            }
        }
    }

    private static String cut(String name, int room) {
        String cut = name;
        while (cut.getBytes(StandardCharsets.UTF_8).length + room > MOST_BYTES) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
        }
        return cut;
    }
}

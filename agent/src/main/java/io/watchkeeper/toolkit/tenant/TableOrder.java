package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** In which order tables are filled: each after those that it refers to. Emptied, the other way round. */
final class TableOrder {

    private TableOrder() {}

    /**
     * Orders the names of tables.
     *
     * @param keys of which both ends count only where they are among the names
     * @return all of them, or fewer where some refer to each other in a circle
     */
    static List<String> parentsFirst(List<String> names, List<Reference> keys) {
        List<String> ordered = new ArrayList<>();
        Set<String> left = new TreeSet<>(names);
        boolean found = true;
        while (found) {
            List<String> free = left.stream()
                    .filter(name -> keys.stream()
                            .noneMatch(key -> key.child().equals(name)
                                    && !key.parent().equals(name)
                                    && left.contains(key.parent())))
                    .toList();
            ordered.addAll(free);
            free.forEach(left::remove);
            found = !free.isEmpty();
        }
        return ordered;
    }

    /** A tenant's shared tables, each before those that it refers to; what refers to each other in a circle stands at the end. */
    static List<TenantTable> childrenFirst(Session session, TenantId tenant) throws SQLException {
        List<TenantTable> tables = new ArrayList<>();
        for (SharedTable table : SharedTable.all(session)) {
            tables.add(TenantTable.shared(session, table, tenant));
        }
        List<String> order = new ArrayList<>(order(session, tables));
        Collections.reverse(order);
        tables.sort(Comparator.comparingInt(table -> {
            int place = order.indexOf(String.valueOf(table.oid()));
            return place < 0 ? order.size() : place;
        }));
        return tables;
    }

    /** Those of the tables that refer to each other in a circle, or to such. */
    static List<TenantTable> inACircle(Session session, List<TenantTable> tables) throws SQLException {
        List<String> order = order(session, tables);
        return tables.stream()
                .filter(one -> !order.contains(String.valueOf(one.oid())))
                .toList();
    }

    private static List<String> order(Session session, List<TenantTable> tables) throws SQLException {
        List<Long> oids = tables.stream().map(TenantTable::oid).toList();
        List<Reference> references = ForeignKey.to(session, oids).stream()
                .filter(key -> oids.contains(key.child()))
                .map(key -> new Reference(String.valueOf(key.child()), String.valueOf(key.parent())))
                .toList();
        return parentsFirst(oids.stream().map(String::valueOf).toList(), references);
    }

    /** That one table refers to another. */
    record Reference(String child, String parent) {}
}

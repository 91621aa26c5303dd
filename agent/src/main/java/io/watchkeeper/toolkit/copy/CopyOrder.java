package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which tables hang together by foreign keys, and which of them comes first. */
public final class CopyOrder {

    private final Map<TableName, TableShape> tables = new LinkedHashMap<>();

    private CopyOrder(Collection<TableShape> shapes) {
        shapes.forEach(shape -> tables.put(shape.name(), shape));
    }

    /** Groups without a foreign key between them; in each, referenced tables come first as far as cycles allow. */
    public static List<List<TableName>> of(Collection<TableShape> shapes) {
        CopyOrder order = new CopyOrder(shapes);
        List<TableName> sorted = order.referencedFirst();
        List<List<TableName>> groups = new ArrayList<>();
        Set<TableName> placed = new LinkedHashSet<>();
        for (TableName table : sorted) {
            if (!placed.contains(table)) {
                Set<TableName> group = order.connectedTo(table);
                groups.add(sorted.stream().filter(group::contains).toList());
                placed.addAll(group);
            }
        }
        return groups;
    }

    private List<TableName> referencedFirst() {
        Set<TableName> done = new LinkedHashSet<>();
        Set<TableName> entered = new LinkedHashSet<>();
        for (TableName table : tables.keySet()) {
            visit(table, entered, done);
        }
        return List.copyOf(done);
    }

    private void visit(TableName table, Set<TableName> entered, Set<TableName> done) {
        if (entered.add(table)) {
            for (TableName parent : parents(table)) {
                visit(parent, entered, done);
            }
            done.add(table);
        }
    }

    private List<TableName> parents(TableName table) {
        TableShape shape = tables.get(table);
        return shape == null
                ? List.of()
                : shape.foreignKeys().stream()
                        .map(TableShape.ForeignKey::to)
                        .filter(tables::containsKey)
                        .toList();
    }

    private Set<TableName> connectedTo(TableName start) {
        Map<TableName, Set<TableName>> neighbours = new LinkedHashMap<>();
        for (TableName table : tables.keySet()) {
            for (TableName parent : parents(table)) {
                neighbours.computeIfAbsent(table, t -> new LinkedHashSet<>()).add(parent);
                neighbours.computeIfAbsent(parent, t -> new LinkedHashSet<>()).add(table);
            }
        }
        Set<TableName> group = new LinkedHashSet<>();
        Deque<TableName> open = new ArrayDeque<>(List.of(start));
        while (!open.isEmpty()) {
            TableName table = open.pop();
            if (group.add(table)) {
                open.addAll(neighbours.getOrDefault(table, Set.of()));
            }
        }
        return group;
    }
}

package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tables a plan means, held against both catalogues.
 *
 * @param groups tables tied by foreign keys, referenced ones first
 * @param failures tables that do not fit
 * @param sharesSnapshots whether several sessions of the source may see one snapshot; a standby that was given one could show less
 *     than was committed
 */
record PreparedSet(List<List<PreparedCopy>> groups, List<TableFailure> failures, boolean sharesSnapshots) {

    static PreparedSet of(TableSetPlan plan, Session from, Session to) throws SQLException {
        if (plan.options().strategy() == CopyStrategy.PARTITION) {
            throw new OperatorException(
                    "a partition is one table's, and several tables are copied", "use copyTable for it.");
        }
        List<TableName> names = TablePattern.resolve(from, plan.patterns(), plan.except());
        return new Preparation(
                        plan,
                        from,
                        to,
                        ServerPair.read(from, to),
                        TableShape.readAll(from, names),
                        TableShape.readAll(to, names),
                        StreamedTable.isAny(to))
                .prepare(names);
    }

    private record Preparation(
            TableSetPlan plan,
            Session from,
            Session to,
            ServerPair servers,
            Map<TableName, TableShape> here,
            Map<TableName, TableShape> there,
            boolean streamed) {

        PreparedSet prepare(List<TableName> names) throws SQLException {
            Map<TableName, TableFailure> failures = new LinkedHashMap<>();
            for (TableName name : names) {
                if (!there.containsKey(name)) {
                    failures.put(
                            name,
                            failure(
                                    name,
                                    new OperatorException(
                                            "there is no table " + name + " in database '"
                                                    + to.database().name() + "'",
                                            "create it there, or leave it out with except '" + name + "'.")));
                }
            }
            Map<TableName, PreparedCopy> copies = new LinkedHashMap<>();
            int failed;
            do {
                // A table that drops out leaves those that refer to it, or that it refers to, with other conditions.
                failed = failures.size();
                copies.clear();
                for (List<TableName> group : CopyOrder.of(remaining(names, failures.keySet()))) {
                    prepareGroup(group, options(names), copies, failures);
                }
            } while (failures.size() > failed);
            List<List<PreparedCopy>> groups = new ArrayList<>();
            for (List<TableName> group : CopyOrder.of(remaining(names, failures.keySet()))) {
                groups.add(group.stream().map(name -> copy(copies, name)).toList());
            }
            return new PreparedSet(
                    groups, List.copyOf(failures.values()), !servers.source().isStandby());
        }

        private void prepareGroup(
                List<TableName> group,
                CopyOptions options,
                Map<TableName, PreparedCopy> copies,
                Map<TableName, TableFailure> failures)
                throws SQLException {
            Set<TableShape> together = new LinkedHashSet<>();
            group.forEach(name -> together.add(shape(there, name)));
            for (TableName name : group) {
                TableShape target = shape(there, name);
                CopyPlan one = new CopyPlan(name, name, options);
                try {
                    if (streamed) {
                        StreamedTable.refuse(to, name);
                    }
                    if (plan.options().strategy() == CopyStrategy.SWAP) {
                        StandIn.refuse(to, name);
                    }
                    PreparedCopy copy = new CopyPreparation(
                                    one, shape(here, name), target, from.database(), to.database(), servers)
                            .prepare(servers.silent() || options.inChunks() ? Set.of(target) : together);
                    SuspendedAutovacuum.requireRight(to, copy);
                    copies.put(name, copy);
                } catch (OperatorException e) {
                    failures.put(name, failure(name, e));
                }
            }
        }

        /** Of several tables, workers are tables at once, unless each goes in chunks. */
        private CopyOptions options(List<TableName> tables) {
            CopyOptions options = plan.options();
            boolean chunks = options.resume() || options.pace().batch() != null || tables.size() == 1;
            return chunks ? options : options.withPace(options.pace().withWorkers(null));
        }

        private List<TableShape> remaining(List<TableName> names, Set<TableName> without) {
            return names.stream()
                    .filter(name -> !without.contains(name))
                    .map(name -> shape(there, name))
                    .toList();
        }

        private static PreparedCopy copy(Map<TableName, PreparedCopy> copies, TableName name) {
            PreparedCopy copy = copies.get(name);
            if (copy == null) {
                throw new IllegalStateException(name + " was not prepared");
            }
            return copy;
        }

        private static TableShape shape(Map<TableName, TableShape> shapes, TableName name) {
            TableShape shape = shapes.get(name);
            if (shape == null) {
                throw new IllegalStateException(name + " vanished while it was looked at");
            }
            return shape;
        }

        private static TableFailure failure(TableName name, OperatorException cause) {
            return new TableFailure(name, cause);
        }
    }
}

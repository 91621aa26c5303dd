package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A copy into one partition, as the copy of a table: which rows, into which table, and whether a new table is exchanged for it.
 *
 * @param plan names the partition itself; its options say {@link CopyOptions#partition} only where it is exchanged
 * @param notes what an operator should know
 */
record PartitionPlan(CopyPlan plan, List<String> notes) {

    private static final String PARTITIONS = """
            select n.nspname, c.relname, c.relkind = 'p', coalesce(pg_get_partition_constraintdef(c.oid), 'true'), p.partstrat
              from pg_partition_tree((select t.oid from pg_class t join pg_namespace s on s.oid = t.relnamespace
                                       where s.nspname = ? and t.relname = ?)) i
              join pg_class c on c.oid = i.relid join pg_namespace n on n.oid = c.relnamespace
              join pg_partitioned_table p on p.partrelid = i.parentrelid
             order by 1, 2""";

    private record Partition(TableName name, boolean partitioned, String bound, boolean byHash) {}

    /**
     * Finds the partition.
     *
     * @throws OperatorException when there is none of that name
     */
    static PartitionPlan of(CopyPlan plan, TableShape source, Session from, Session to) throws SQLException {
        Partition partition = find(plan, to);
        List<String> notes = new ArrayList<>();
        CopyPlan part = rows(plan, source, partition, from).withTables(from(source, partition, from), partition.name);
        List<StandIn.Reason> reasons = StandIn.reasons(to, partition.name, true);
        if (reasons.isEmpty()) {
            return new PartitionPlan(part, notes);
        }
        notes.add("the partition is emptied and filled instead of exchanged for a new one, because "
                + String.join("; ", reasons.stream().map(StandIn.Reason::what).toList()));
        return new PartitionPlan(part.with(options -> options.withPartition(null)), notes);
    }

    private static List<Partition> partitions(Session session, TableName table) throws SQLException {
        return session.list(
                PARTITIONS,
                row -> new Partition(
                        new TableName(row.getString(1), row.getString(2)),
                        row.getBoolean(3),
                        row.getString(4),
                        "h".equals(row.getString(5))),
                table.schema(),
                table.name());
    }

    private static Partition find(CopyPlan plan, Session to) throws SQLException {
        String name = String.valueOf(plan.options().partition());
        List<Partition> known = partitions(to, plan.to());
        for (Partition partition : known) {
            String full = partition.name.toString();
            if (name.equals(full) || name.equals(partition.name.name()) || name.equals(quoted(partition))) {
                return partition;
            }
        }
        String database = "' of database '" + to.database().name() + "'";
        if (known.isEmpty()) {
            throw new OperatorException(
                    "'" + plan.to() + database + " has no partitions",
                    "leave partition out, or name the table it is in.");
        }
        List<String> names = known.stream().map(PartitionPlan::quoted).toList();
        throw new OperatorException(
                "'" + plan.to() + database + " has no partition " + name,
                Suggestion.didYouMean(name, names) + "Its partitions: " + String.join(", ", names) + ".");
    }

    private static String quoted(Partition partition) {
        return Identifiers.quote(partition.name.name());
    }

    /** The source's own partition of that name, where it has one; else the whole table. */
    private static TableName from(TableShape source, Partition partition, Session from) throws SQLException {
        for (Partition own : partitions(from, source.name())) {
            if (own.name.name().equals(partition.name.name())) {
                return own.name;
            }
        }
        return source.name();
    }

    /** Of a partitioned source without such a partition, the rows that belong into the target's. */
    private static CopyPlan rows(CopyPlan plan, TableShape source, Partition partition, Session from)
            throws SQLException {
        if (!source.isPartitioned() || !from(source, partition, from).equals(source.name())) {
            return plan;
        }
        if (partition.byHash) {
            throw new OperatorException(
                    "which rows of " + source.name() + " in database '"
                            + from.database().name() + "' belong into " + partition.name
                            + " only the target can say, because it is chosen by hash",
                    "give the source a partition of the same name, or copy the whole table.");
        }
        String where = plan.options().where();
        String bound = partition.bound + (where == null ? "" : " AND (" + where + "\n)");
        return plan.with(options -> options.withWhere(bound));
    }
}

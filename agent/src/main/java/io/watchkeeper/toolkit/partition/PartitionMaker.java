package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says by which statements a partition of a table is made. It is made as a table of its own and attached, because attaching does not wait
 * for those who write, where {@code CREATE TABLE … PARTITION OF} locks the whole table.
 */
final class PartitionMaker {

    private static final String LIKE = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE"
            + " INCLUDING COMPRESSION INCLUDING STATISTICS INCLUDING COMMENTS";

    private final Session session;
    private final PartitionedTable table;
    private final PartitionModel stem;
    private final PartitionModel leaf;
    private final @Nullable SubPartitions within;
    private final PartitionNames names;
    private final String user;

    private PartitionMaker(
            Session session,
            PartitionedTable table,
            PartitionModel stem,
            PartitionModel leaf,
            @Nullable SubPartitions within)
            throws SQLException {
        this.session = session;
        this.table = table;
        this.stem = stem;
        this.leaf = leaf;
        this.within = within;
        this.names = new PartitionNames(session);
        this.user = session.one("select current_user", row -> row.getString(1));
    }

    /**
     * Reads what new partitions of the table are to be like.
     *
     * @throws OperatorException when the template is missing, or a unique key does not hold what the sub-partitions are made by
     */
    static PartitionMaker read(Session session, PartitionedTable table, UpkeepPlan plan) throws SQLException {
        Optional<Partition> newest = table.ranges().stream()
                .max(Comparator.comparing(p -> Objects.requireNonNull(p.span()).from()));
        SubPartitions within = plan.within();
        if (within != null) {
            requireKeys(session, table, within);
        } else if (newest.isPresent() && newest.get().partitioned()) {
            within = SubPartitionReader.read(session, newest.get());
        }
        String column = table.column();
        if (plan.template() != null) {
            PartitionModel model = PartitionModel.read(
                    session, template(session, plan.template()), PartitionModel.Kind.TEMPLATE, column);
            return new PartitionMaker(session, table, model, model, within);
        }
        if (newest.isEmpty()) {
            PartitionModel model = PartitionModel.read(session, table.oid(), PartitionModel.Kind.PARENT, column);
            return new PartitionMaker(session, table, model, model, within);
        }
        long oid = newest.get().oid();
        long leafOid = newest.get().partitioned() ? SubPartitionReader.firstLeaf(session, oid) : oid;
        PartitionModel stem = PartitionModel.read(session, oid, PartitionModel.Kind.SIBLING, column);
        PartitionModel leaf =
                leafOid == oid ? stem : PartitionModel.read(session, leafOid, PartitionModel.Kind.SIBLING, column);
        return new PartitionMaker(session, table, stem, leaf, within);
    }

    private static long template(Session session, String name) throws SQLException {
        TableName template = TableName.parse(name);
        return session
                .list(
                        "select c.oid::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                                + " where n.nspname = ? and c.relname = ? and c.relkind in ('r', 'p')",
                        row -> row.getLong(1),
                        template.schema(),
                        template.name())
                .stream()
                .findFirst()
                .orElseThrow(() -> new OperatorException(
                        "there is no table " + template + " in database '"
                                + session.database().name() + "', which new partitions are to be like",
                        "'template' names a table that is there; without it they are like the newest partition."));
    }

    /** A unique key of a table must hold the columns of every level it is partitioned by. */
    private static void requireKeys(Session session, PartitionedTable table, SubPartitions within) throws SQLException {
        for (String column : within.columns()) {
            List<String> without = session.list("""
                    select i.relname from pg_index x join pg_class i on i.oid = x.indexrelid
                     where x.indrelid = ?::oid and x.indisunique and not exists (
                       select from pg_attribute a where a.attrelid = x.indrelid and a.attname = ? and a.attnum = any (x.indkey::int2[]))
                     order by 1""", row -> Identifiers.quote(row.getString(1)), table.oid(), column);
            if (!without.isEmpty()) {
                throw new OperatorException(
                        table.name() + " cannot have sub-partitions by " + column + ": " + String.join(", ", without)
                                + " is unique without it",
                        "PostgreSQL asks for every partitioning column in each unique key; put " + column
                                + " into it, or leave the sub-partitions out.");
            }
        }
    }

    /**
     * The statements that make a partition.
     *
     * @param name of it
     * @param span that it holds
     * @param make it, empty and on its own
     * @param finish what could be in the way of rows that are moved into it
     * @param attach the last one
     */
    record Recipe(TableName name, Span span, List<String> make, List<String> finish, String attach) {
        List<String> all() {
            List<String> statements = new ArrayList<>(make);
            statements.addAll(finish);
            statements.add(attach);
            return statements;
        }
    }

    /** How to make one for the span; its name is free now. @param suffix of its name */
    Recipe recipe(Span span, String suffix) throws SQLException {
        TableName name = names.free(table.name(), "_" + suffix);
        List<String> make = new ArrayList<>();
        List<String> finish = new ArrayList<>();
        String like = "CREATE " + (leaf.unlogged() ? "UNLOGGED " : "") + "TABLE " + name.quoted() + " (LIKE "
                + table.name().quoted() + " " + LIKE + ")";
        if (within == null) {
            make.add(like + tablespace(leaf));
            dress(name, leaf, make, finish);
        } else {
            make.add(like.replace("UNLOGGED ", "") + " PARTITION BY " + within.key());
            own(name, make);
            finish.addAll(stem.access(name));
            finish.addAll(stem.publications(name));
            divide(name, within, make, finish);
        }
        String attach = "ALTER TABLE " + table.name().quoted() + " ATTACH PARTITION " + name.quoted()
                + " FOR VALUES FROM (" + table.type().literal(span.from()) + ") TO ("
                + table.type().literal(span.to()) + ")";
        return new Recipe(name, span, make, finish, attach);
    }

    private void divide(TableName whole, SubPartitions parts, List<String> make, List<String> finish)
            throws SQLException {
        for (SubPartitions.Part part : parts.parts()) {
            TableName name = names.free(whole, part.suffix());
            boolean divided = !part.within().isEmpty();
            make.add("CREATE " + (leaf.unlogged() && !divided ? "UNLOGGED " : "") + "TABLE " + name.quoted()
                    + " PARTITION OF " + whole.quoted() + " " + part.bound()
                    + (divided ? " PARTITION BY " + part.within().get(0).key() : tablespace(leaf)));
            if (divided) {
                own(name, make);
                divide(name, part.within().get(0), make, finish);
            } else {
                dress(name, leaf, make, finish);
            }
        }
    }

    private void dress(TableName name, PartitionModel model, List<String> make, List<String> finish) {
        own(name, make);
        make.addAll(model.settings(name));
        finish.addAll(model.access(name));
        finish.addAll(model.publications(name));
    }

    private void own(TableName name, List<String> make) {
        if (!table.owner().equals(user)) {
            make.add("ALTER TABLE " + name.quoted() + " OWNER TO " + Identifiers.quote(table.owner()));
        }
    }

    private static String tablespace(PartitionModel model) {
        return model.tablespace() == null ? "" : " TABLESPACE " + Identifiers.quote(model.tablespace());
    }

    /** Makes what the recipe says, inside the session's transaction. @param fill called when it can take rows */
    void make(Recipe recipe, Fill fill) throws SQLException {
        for (String statement : recipe.make()) {
            session.runVerbatim(statement);
        }
        takeDefaultRightsBack(recipe.name());
        // From here on others may wait for what is locked, until the transaction ends: for a second in all, not one for
        // each statement.
        long since = System.nanoTime();
        fill.into(recipe.name());
        for (String statement : recipe.finish()) {
            leaveTheRest(since);
            session.runVerbatim(statement);
        }
        leaveTheRest(since);
        session.runVerbatim(recipe.attach());
        identify(recipe.name());
    }

    private void leaveTheRest(long since) throws SQLException {
        long left = PatientLock.LONGEST.toMillis() - (System.nanoTime() - since) / 1_000_000;
        if (left <= 0) {
            throw new SQLException("others would wait for longer than a second", SqlStates.QUERY_CANCELED);
        }
        session.query("select set_config('statement_timeout', ?, true)", String.valueOf(left));
    }

    /** Puts rows into a table that is not attached yet. */
    @FunctionalInterface
    interface Fill {
        void into(TableName partition) throws SQLException;
    }

    /** What ALTER DEFAULT PRIVILEGES has given away is not what the model gives away. */
    private void takeDefaultRightsBack(TableName name) throws SQLException {
        List<String> others = session.list("""
                with recursive tree as (select ?::regclass::oid as oid union all
                                        select i.inhrelid from tree join pg_inherits i on i.inhparent = tree.oid)
                select distinct 'REVOKE ALL ON ' || c.oid::regclass || ' FROM '
                       || case when g.grantee = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(g.grantee)) end
                  from tree join pg_class c on c.oid = tree.oid, aclexplode(c.relacl) g where g.grantee <> c.relowner""", row -> row.getString(1), name.quoted());
        for (String statement : others) {
            session.runVerbatim(statement);
        }
    }

    /** The index that is its replica identity is there when it is attached. */
    private void identify(TableName name) throws SQLException {
        if (leaf.replicaIndex() == 0) {
            return;
        }
        List<String> statements = session.list("""
                with recursive tree as (select ?::regclass::oid as oid union all
                                        select i.inhrelid from tree join pg_inherits i on i.inhparent = tree.oid),
                     parts as (select ?::oid as oid union all select i.inhrelid from parts join pg_inherits i on i.inhparent = parts.oid)
                select 'ALTER TABLE ' || x.indrelid::regclass || ' REPLICA IDENTITY USING INDEX ' || quote_ident(i.relname)
                  from tree join pg_index x on x.indrelid = tree.oid join parts on parts.oid = x.indexrelid
                  join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid where t.relkind = 'r'""", row -> row.getString(1), name.quoted(), leaf.replicaIndex());
        for (String statement : statements) {
            session.runVerbatim(statement);
        }
    }
}

package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The tables of a tenant in both forms, each after those that it refers to. They belong together by their names.
 *
 * @param own the schema, without quotes
 */
record TwinTables(TenantId tenant, String own, List<TwinTable> all) {

    /** Rows of a table that refers to itself are copied at once, so that each finds the one it refers to. */
    static final long SELF_REFERRING = 100_000;

    /** @throws OperatorException when the two forms are not alike; names everything that is in the way */
    static TwinTables read(Session session, TenantId tenant, String own) throws SQLException {
        List<TenantTable> shared = new ArrayList<>();
        for (SharedTable table : SharedTable.all(session)) {
            shared.add(TenantTable.shared(session, table, tenant));
        }
        List<TenantTable> owned = TenantTable.allOf(session, own);
        List<String> problems = new ArrayList<>(unpaired(shared, owned, own));
        refuse(tenant, problems);
        List<TableOrder.Reference> references = new ArrayList<>(references(session, shared));
        references.addAll(references(session, owned));
        List<String> names = owned.stream().map(one -> one.name().name()).toList();
        List<String> order = TableOrder.parentsFirst(names, references);
        if (order.size() < names.size()) {
            List<String> circle =
                    names.stream().filter(name -> !order.contains(name)).toList();
            refuse(tenant, List.of("the tables " + String.join(", ", circle) + " refer to each other in a circle"));
        }
        List<TwinTable> twins = new ArrayList<>();
        for (String name : order) {
            boolean itself = references.stream()
                    .anyMatch(one -> one.child().equals(name) && one.parent().equals(name));
            twins.add(new TwinTable(named(shared, name), named(owned, name), itself));
        }
        return new TwinTables(tenant, own, twins);
    }

    private static TenantTable named(List<TenantTable> tables, String name) {
        return tables.stream()
                .filter(one -> one.name().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> unpaired(List<TenantTable> shared, List<TenantTable> owned, String own) {
        List<String> problems = new ArrayList<>();
        for (TenantTable table : shared) {
            String name = table.name().name();
            if (owned.stream().noneMatch(one -> one.name().name().equals(name))) {
                problems.add(table.name() + " has no counterpart in the schema " + own);
            }
            if (shared.stream().filter(one -> one.name().name().equals(name)).count() > 1) {
                problems.add("there are several shared tables called " + name);
            }
        }
        for (TenantTable table : owned) {
            if (shared.stream()
                    .noneMatch(one -> one.name().name().equals(table.name().name()))) {
                problems.add(table.name() + " has no counterpart among the shared tables");
            }
        }
        if (owned.isEmpty() && shared.isEmpty()) {
            problems.add("there is no shared table and no table in the schema " + own);
        }
        return problems;
    }

    private static List<TableOrder.Reference> references(Session session, List<TenantTable> tables)
            throws SQLException {
        List<TableOrder.Reference> references = new ArrayList<>();
        for (ForeignKey key :
                ForeignKey.to(session, tables.stream().map(TenantTable::oid).toList())) {
            Optional<TenantTable> child =
                    tables.stream().filter(one -> one.oid() == key.child()).findFirst();
            if (child.isPresent()) {
                references.add(new TableOrder.Reference(
                        child.get().name().name(), key.parentName().name()));
            }
        }
        return references;
    }

    /** @throws OperatorException when rows cannot go that way; names everything that is in the way */
    void require(Session session, Tenancy to) throws SQLException {
        List<String> problems = new ArrayList<>();
        for (TwinTable twin : all) {
            problems.addAll(twin.problems(to));
            problems.addAll(SequenceHandover.problems(session, twin));
            problems.addAll(surprises(session, twin.shared()));
            problems.addAll(surprises(session, twin.own()));
        }
        refuse(tenant, problems);
        for (TwinTable twin : all) {
            if (twin.refersToItself() && twin.source(to).count(session) > SELF_REFERRING) {
                problems.add(twin.source(to).name() + " refers to itself and has more than " + SELF_REFERRING
                        + " rows of the tenant, which cannot be copied at once");
            }
            if (to == Tenancy.RLS) {
                problems.addAll(collisions(session, twin));
            }
        }
        refuse(tenant, problems);
        if (to == Tenancy.SCHEMA) {
            Strangers.of(session, sources(to)).requireNone(session, sources(to));
        }
    }

    /** What would happen beside the rows' coming and going, and that not all of them can be seen. */
    static List<String> surprises(Session session, TenantTable table) throws SQLException {
        return session.list("""
                select what from (
                  select 'has the trigger ' || tgname || ', and nobody knows what it would do with rows that come and go' as what
                    from pg_trigger where tgrelid = ?::oid and not tgisinternal and tgenabled <> 'D'
                  union all select 'has the rule ' || rulename from pg_rewrite where ev_class = ?::oid
                  union all select 'hides rows from role ' || current_user || ', which has no BYPASSRLS' where row_security_active(?::oid)) w""", row -> table.name() + " " + row.getString(1), table.oid(), table.oid(), table.oid());
    }

    /** Values that must be different from all others', and are not. */
    private static List<String> collisions(Session session, TwinTable twin) throws SQLException {
        record Unique(String name, String columns) {}
        List<Unique> indexes = session.list(
                """
                select c.relname, string_agg(quote_ident(a.attname), ' ' order by k.place)
                  from pg_index i join pg_class c on c.oid = i.indexrelid
                  join unnest(i.indkey) with ordinality k (num, place) on k.place <= i.indnkeyatts
                  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.num
                 where i.indrelid = ?::oid and i.indisunique and i.indpred is null and i.indexprs is null
                 group by c.relname having not bool_or(a.attname = 'tenant_id')""",
                row -> new Unique(row.getString(1), row.getString(2)),
                twin.shared().oid());
        List<String> problems = new ArrayList<>();
        for (Unique index : indexes) {
            String same = String.join(
                    " and ",
                    Stream.of(index.columns().split(" "))
                            .map(one -> "t." + one + " = s." + one)
                            .toList());
            long rows = session.oneVerbatim(
                    "select count(*) from " + twin.own().name().quoted() + " s where exists (select from "
                            + twin.shared().name().quoted() + " t where " + same + " and not ("
                            + twin.shared().mine("t") + "))",
                    row -> row.getLong(1));
            if (rows > 0) {
                problems.add(rows + " rows of " + twin.own().name() + " have the same values as other tenants' rows in "
                        + twin.shared().name() + " in " + index.columns().replace(" ", ", ") + " (" + index.name()
                        + ")");
            }
        }
        return problems;
    }

    private static void refuse(TenantId tenant, List<String> problems) {
        if (!problems.isEmpty()) {
            String first = String.join("; ", problems.subList(0, Math.min(5, problems.size())));
            String more = problems.size() > 5 ? "; and " + (problems.size() - 5) + " more" : "";
            throw new OperatorException(
                    "tenant '" + tenant + "' cannot be moved: " + first + more,
                    "both forms must have the same tables with the same columns and primary keys beside tenant_id, no triggers and no rules,"
                            + " and unique keys of shared tables that hold tenant_id or values that no other tenant has (uuid); the agent's"
                            + " role must see all rows: ALTER ROLE … BYPASSRLS. docs/tenants.md has more.");
        }
    }

    List<TenantTable> sources(Tenancy to) {
        return all.stream().map(one -> one.source(to)).toList();
    }

    List<TenantTable> targets(Tenancy to) {
        return all.stream().map(one -> one.target(to)).toList();
    }

    /** What both forms add up to, each table's at one moment. @throws OperatorException for the first that differs */
    List<String> compare(Session session, Tenancy to, ShutOut time) throws SQLException {
        List<String> sums = new ArrayList<>();
        for (TwinTable twin : all) {
            time.require();
            String[] both = session.oneVerbatim(
                    "select " + twin.source(to).digest() + ", "
                            + twin.target(to).digest(),
                    row -> new String[] {row.getString(1), row.getString(2)});
            if (!Objects.equals(both[0], both[1])) {
                RowSum old = RowSum.of(both[0]);
                RowSum young = RowSum.of(both[1]);
                throw new OperatorException(
                        twin.target(to).name() + " has " + young.rows() + " rows of tenant '" + tenant + "' and "
                                + twin.source(to).name() + " " + old.rows()
                                + (old.rows() == young.rows() ? " with other values" : ""),
                        "somebody writes there whom nothing holds, or a column is computed in another way: compare "
                                + Identifiers.quoteAll(twin.shared().own().stream()
                                        .map(TenantTable.TableColumn::name)
                                        .toList())
                                + "; the tenant is where it was.");
            }
            sums.add(twin.name() + " " + both[0]);
        }
        return sums;
    }
}

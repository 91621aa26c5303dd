package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.TableArchive;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts a tenant's rows into the archive. A dump knows no rows of a table, only tables: those of shared tables are put together in a schema of
 * their own first.
 */
record TenantArchiving(Session session, TenantPace pace, DropPlan plan, TableArchive archive, String subject) {

    /** @throws OperatorException when they could not be archived, or what is archived is not what is there */
    void run(TenantId id, Tenancy form) throws SQLException {
        say("archive");
        if (form == Tenancy.SCHEMA) {
            String written = written(id.schema());
            List<TenantTable> tables = TenantTable.allOf(session, id.schema());
            List<String> sums = new ArrayList<>();
            for (TenantTable table : tables) {
                sums.add(table.name().name() + " " + RowSum.read(session, table));
            }
            // Once more under a lock, before they go.
            requireSame(written, tables);
            archived(id, written, null, sums);
        } else {
            RowRemoval.waitForOlder(pace, RowRemoval.mark(session));
            String before = RowRemoval.oldest(session);
            List<TenantTable> shared = TableOrder.childrenFirst(session, id);
            List<TenantTable> copies = copies(id, shared);
            String written = written(id.archiveSchema());
            requireSame(written, copies);
            archived(id, written, before, compare(shared, copies));
        }
        say("archived");
    }

    /** From here on its rows go. @throws OperatorException when it was let in meanwhile */
    private void archived(TenantId id, String written, @Nullable String before, List<String> sums) throws SQLException {
        new TenantTransaction(plan.lockTimeout(), plan.attempts()).run(session, List.of(), () -> {
            DropCheck.requireShutOut(session, id);
            DropLedger.archived(session, id, written, before, sums);
            return true;
        });
    }

    private String written(String schema) throws SQLException {
        String id = archive.writeSchema(schema);
        // What the disk gives back counts, not what was meant to be on it.
        Optional<String> problem = archive.problem(id);
        if (problem.isPresent()) {
            throw new OperatorException(
                    problem.get() + ", so that nothing was removed", "look at the disk of the repository.");
        }
        return id;
    }

    private void requireSame(String written, List<TenantTable> tables) throws SQLException {
        session.begin();
        try {
            Optional<String> difference = archive.difference(
                    session, written, tables.stream().map(TenantTable::name).toList());
            if (difference.isPresent()) {
                throw new OperatorException(
                        difference.get() + ": it was changed after it was archived, and nothing was removed",
                        "who still writes for a suspended tenant? Run the same again.");
            }
        } finally {
            session.rollback();
        }
    }

    private List<TenantTable> copies(TenantId id, List<TenantTable> shared) throws SQLException {
        String schema = id.archiveSchema();
        session.begin();
        try {
            // What a process that died has left.
            PassingSchema.drop(session, schema);
            session.runVerbatim("CREATE SCHEMA " + Identifiers.quote(schema));
            Set<String> taken = new HashSet<>();
            for (TenantTable table : shared) {
                TableName name = new TableName(schema, copyName(table.name(), taken));
                session.runVerbatim("CREATE TABLE " + name.quoted() + " AS SELECT * FROM "
                        + table.name().quoted() + " t WHERE " + table.mine("t"));
                session.runVerbatim("COMMENT ON TABLE " + name.quoted() + " IS "
                        + Identifiers.quoteLiteral(table.name().toString()));
            }
            session.commit();
        } finally {
            session.rollback();
        }
        return TenantTable.allOf(session, schema);
    }

    private static String copyName(TableName table, Set<String> taken) {
        String name = taken.add(table.name()) ? table.name() : table.schema() + "_" + table.name();
        taken.add(name);
        return name;
    }

    /** Each shared table with its copy, at one moment. @return what they add up to */
    private List<String> compare(List<TenantTable> shared, List<TenantTable> copies) throws SQLException {
        List<String> sums = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (TenantTable table : shared) {
            String name = copyName(table.name(), taken);
            TenantTable copy = copies.stream()
                    .filter(one -> one.name().name().equals(name))
                    .findFirst()
                    .orElseThrow();
            RowSum now = RowSum.read(session, table);
            RowSum then = RowSum.read(session, copy);
            if (!now.equals(then)) {
                throw new OperatorException(
                        table.name() + " has " + now.rows() + " rows of the tenant and the archive " + then.rows()
                                + (now.rows() == then.rows() ? " with other values" : "") + ", and nothing was removed",
                        "who still writes for a suspended tenant (roles with BYPASSRLS, superusers)? Run the same again.");
            }
            sums.add(table.name() + " " + now);
        }
        return sums;
    }

    /** Leaves the tenant as it was; what cannot be tidied up is added to the failure, and the next run does it. */
    void undo(TenantId id, Exception failure) {
        if (!session.isUsable()) {
            return;
        }
        try {
            session.rollback();
            PassingSchema.drop(session, id.archiveSchema());
            DropLedger.forget(session, id);
        } catch (SQLException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private void say(String stage) {
        session.work().progress(new Progress(subject, stage, 0, -1, 0));
    }
}

package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does a migration and takes it back, change by change, on a database that is thrown away, and compares the schema with what it was.
 * Nothing is done on the real one.
 */
final class RevertProof {

    private static final Logger LOG = LoggerFactory.getLogger(RevertProof.class);

    private static final String REACHES_FILES = """
            select rolsuper or pg_has_role(oid, 'pg_write_server_files', 'member') or pg_has_role(oid, 'pg_execute_server_program', 'member')
              from pg_roles where rolname = current_user""";

    private final ProjectCopy copy;
    private final @Nullable Path bin;
    private final TestDatabases places;
    private final Work work;

    RevertProof(ProjectCopy copy, @Nullable Path bin, TestDatabases places, Work work) {
        this.copy = copy;
        this.bin = bin;
        this.places = places;
        this.work = work;
    }

    /**
     * @param plan what is to be done on the real ones
     * @throws OperatorException when a change fails there, cannot be taken back, or leaves something else behind than it found
     */
    void run(MigrationWish wish, MigrationPlan plan, List<Database> databases) throws SQLException {
        plan.changes().filter(change -> !change.reversible()).findFirst().ifPresent(change -> {
            throw new OperatorException(
                    "'" + change.reference() + "' cannot be taken back, so that its way back cannot be tested",
                    "write a revert script for it, or ask for the migration without testRevert.");
        });
        for (MigrationPlan.OfDatabase one : plan.databases()) {
            if (!one.changes().isEmpty()) {
                Database target = databases.stream()
                        .filter(database -> database.name().equals(one.database()))
                        .findFirst()
                        .orElseThrow();
                try (TestDatabases.TestDatabase place = places.like(target, wish.revertTest(), work)) {
                    if (place.isOwnServer()) {
                        requireNoFiles(place.database(), one);
                    } else {
                        requireInside(target, one, place.words());
                    }
                    LOG.info("testing the way back of {} on {}", plan.subject(), place.words());
                    run(wish, place.database());
                }
            }
        }
    }

    private void run(MigrationWish wish, Database place) throws SQLException {
        MigrationPlan plan = new MigrationPlanner(copy.folder(), work).plan(wish, List.of(place));
        ChangeRun run = new ChangeRun(copy, bin, wish.lockTimeout(), List.of(place));
        Optional<SqitchChange> unused = run.settle(place.name(), work);
        List<SchemaDump> before = new ArrayList<>();
        List<Migrator.Step> steps = Migrator.ordered(plan);
        int total = 2 * steps.size();
        try {
            for (Migrator.Step step : steps) {
                progress(before.size(), total);
                before.add(SchemaDump.of(place, bin, copy.folder(), work));
                there(step, wish, run);
            }
            for (int i = steps.size() - 1; i >= 0; i--) {
                progress(total - i - 1, total);
                back(steps.get(i), wish, run);
                Optional<String> difference = before.get(i).difference(SchemaDump.of(place, bin, copy.folder(), work));
                if (difference.isPresent()) {
                    throw new OperatorException(
                            "'" + steps.get(i).change().reference()
                                    + "' does not leave the schema as it was when it is "
                                    + (wish.revert() ? "deployed again" : "taken back") + ": " + difference.get()
                                    + "; nothing was done on database '" + place.name() + "'",
                            "mend " + (wish.revert() ? "its scripts" : "its revert script") + ".");
                }
            }
        } finally {
            work.progress(Progress.finished("test of the way back"));
        }
    }

    private void progress(int done, int total) {
        work.progress(new Progress("test of the way back", "migrate", done, total, 0));
    }

    private void there(Migrator.Step step, MigrationWish wish, ChangeRun run) throws SQLException {
        try {
            int unused = run.carryOut(step, wish.revert(), wish.attempts(), work);
            if (!wish.revert()) {
                run.verify(step, wish.attempts(), work);
            }
        } catch (OperatorException e) {
            throw failed(step, e);
        }
    }

    private void back(Migrator.Step step, MigrationWish wish, ChangeRun run) throws SQLException {
        try {
            int unused = run.carryOut(step, !wish.revert(), wish.attempts(), work);
            if (wish.revert()) {
                run.verify(step, wish.attempts(), work);
            }
        } catch (OperatorException e) {
            throw failed(step, e);
        }
    }

    private static OperatorException failed(Migrator.Step step, OperatorException e) {
        return new OperatorException(
                "in the test of its way back, " + e.getMessage() + "; nothing was done on database '" + step.database()
                        + "' itself",
                e.hint(),
                e);
    }

    /** On the same server, only what stays within a database may be tried out. */
    private void requireInside(Database target, MigrationPlan.OfDatabase plan, String where) throws SQLException {
        try (Session session = target.open(work)) {
            StatementJudge judge = new StatementJudge(new DatabaseTables(session), MigrationWish.LOCK_TIMEOUT);
            Optional<String> outside = first(plan, statement -> ServerWide.may(statement, judge));
            if (outside.isPresent()) {
                throw new OperatorException(
                        outside.get() + ": this may act on the whole server of '" + target.name()
                                + "', so that it cannot be tried out in " + where,
                        "make a base backup of '" + target.name()
                                + "', which is restored to a server of its own then where that can be without a network:"
                                + " watchkeeper backup base --database " + target.name()
                                + "; or ask for the migration without testRevert.");
            }
        }
    }

    /** A server of its own runs as a user of this host, whose files are not thrown away with it. */
    private void requireNoFiles(Database place, MigrationPlan.OfDatabase plan) throws SQLException {
        try (Session session = place.open(work)) {
            if (!session.one(REACHES_FILES, row -> row.getBoolean(1))) {
                return;
            }
            StatementJudge judge = new StatementJudge(new DatabaseTables(session), MigrationWish.LOCK_TIMEOUT);
            Optional<String> files = first(plan, statement -> ServerWide.mayReachFiles(statement, judge));
            if (files.isPresent()) {
                throw new OperatorException(
                        files.get() + ": this may write files or run programs on this host, as the role of '"
                                + place.name() + "' may, so that it cannot be tried out in a restored backup",
                        "let the agent connect as a role that is no superuser, nor a member of pg_write_server_files or"
                                + " pg_execute_server_program; or ask for the migration without testRevert.");
            }
        }
    }

    /** Where the first statement is that a test must not run; empty when there is none. */
    private Optional<String> first(MigrationPlan.OfDatabase plan, Predicate<ScriptStatement> refused) {
        SqitchProject project = SqitchProject.read(copy.folder());
        for (PlannedChange change : plan.changes()) {
            SqitchChange one = project.changes().get(change.position());
            for (String kind : List.of(ChangeMarks.DEPLOY, ChangeMarks.REVERT)) {
                Optional<ScriptStatement> found = project.script(kind, one).map(ScriptReader::read).stream()
                        .flatMap(script -> script.statements().stream())
                        .filter(statement -> !Transaction.isControl(statement))
                        .filter(refused)
                        .findFirst();
                if (found.isPresent()) {
                    return Optional.of(
                            SqitchProject.path(kind, one) + ":" + found.get().line());
                }
            }
        }
        return Optional.empty();
    }
}

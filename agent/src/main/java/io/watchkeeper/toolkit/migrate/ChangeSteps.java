package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deploys changes, or takes them back, one after the other; when one fails, those that this has done are undone. */
final class ChangeSteps {

    private static final Logger LOG = LoggerFactory.getLogger(ChangeSteps.class);
    private static final long FIRST_PAUSE_MS = 250;
    private static final long LONGEST_PAUSE_MS = 10_000;

    private final SqitchProject project;
    private final @Nullable Path bin;
    private final MigrationWish wish;
    private final Map<String, Database> databases;
    private final Work work;
    private final Consumer<MigrationResult.Done> told;
    private final List<MigrationResult.Done> done = new ArrayList<>();
    private final List<Migrator.Step> finished = new ArrayList<>();

    ChangeSteps(
            SqitchProject project,
            @Nullable Path bin,
            MigrationWish wish,
            List<Database> databases,
            Work work,
            Consumer<MigrationResult.Done> told) {
        this.project = project;
        this.bin = bin;
        this.wish = wish;
        this.databases = databases.stream().collect(Collectors.toMap(Database::name, Function.identity()));
        this.work = work;
        this.told = told;
    }

    List<MigrationResult.Done> done() {
        return done;
    }

    /**
     * @throws OperatorException when one fails, with what became of the others
     * @throws SQLException when a connection is lost, likewise
     */
    void doAll(List<Migrator.Step> steps) throws SQLException {
        for (Migrator.Step step : steps) {
            work.progress(new Progress(step.change().reference(), "migrate", finished.size(), steps.size(), 0));
            try {
                doOne(step);
            } catch (WorkCancelledException e) {
                LOG.warn("cancelled at '{}': {}", step.change().reference(), undo());
                throw e;
            } catch (OperatorException e) {
                throw new OperatorException(e.getMessage() + "; " + undo(), e.hint(), e);
            } catch (SQLException e) {
                throw new SQLException(e.getMessage() + "; " + undo(), e.getSQLState(), e);
            } finally {
                work.progress(Progress.finished(step.change().reference()));
            }
        }
    }

    private void doOne(Migrator.Step step) throws SQLException {
        long start = System.nanoTime();
        int attempts = carryOut(step);
        // From here on it is registered: whatever comes, it is undone with the others.
        finished.add(step);
        if (wish.verify() && !wish.revert()) {
            verify(step);
        }
        MigrationResult.Done one = new MigrationResult.Done(
                step.database(),
                step.change().reference(),
                step.change().phase(),
                attempts,
                Duration.ofNanos(System.nanoTime() - start));
        done.add(one);
        told.accept(one);
    }

    /** @return the attempt that succeeded, from 1 */
    private int carryOut(Migrator.Step step) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            dropLeftIndex(step, work);
            Sqitch.Outcome outcome;
            try {
                outcome = attempt(step, work, wish.revert());
            } catch (WorkCancelledException e) {
                String left = dropLeftIndexAfterwards(step);
                if (!left.isEmpty()) {
                    LOG.warn("cancelled at '{}'{}", step.change().reference(), left);
                }
                throw e;
            }
            if (outcome.succeeded()) {
                return attempt;
            }
            if (!outcome.isInTheWay() || attempt >= wish.attempts()) {
                throw failed(step, outcome, attempt, dropLeftIndexAfterwards(step));
            }
            pause(attempt);
        }
    }

    /** Not by Sqitch while it deploys, which would leave a change that does not pass applied and not registered. */
    private void verify(Migrator.Step step) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            Sqitch.Outcome outcome =
                    sqitch(step, wish.lockTimeout()).verify(work, step.change().reference());
            if (outcome.succeeded()) {
                return;
            }
            if (!outcome.isInTheWay() || attempt >= wish.attempts()) {
                throw failed(step, outcome, attempt, "");
            }
            pause(attempt);
        }
    }

    private Sqitch sqitch(Migrator.Step step, Duration lockTimeout) {
        return new Sqitch(project.folder(), database(step), bin, lockTimeout);
    }

    /** None for what is built or dropped beside the work of others: it waits for their transactions, and nobody waits behind it. */
    private Duration lockTimeout(Migrator.Step step, boolean revert) {
        return project.script(
                                revert ? "revert" : "deploy",
                                project.changes().get(step.change().position()))
                        .map(ScriptReader::read)
                        .filter(Transaction::waitsBeside)
                        .isPresent()
                ? Duration.ZERO
                : wish.lockTimeout();
    }

    private Sqitch.Outcome attempt(Migrator.Step step, Work whose, boolean revert) throws SQLException {
        Sqitch sqitch = sqitch(step, lockTimeout(step, revert));
        if (!revert) {
            return sqitch.deploy(whose, step.change().reference());
        }
        int before = step.change().position() - 1;
        return sqitch.revert(
                whose, before < 0 ? null : project.changes().get(before).reference());
    }

    private Database database(Migrator.Step step) {
        Database database = databases.get(step.database());
        if (database == null) {
            throw new IllegalStateException("a step on " + step.database());
        }
        return database;
    }

    /** An index that was half built keeps its name from the next attempt. */
    private void dropLeftIndex(Migrator.Step step, Work whose) throws SQLException {
        if (step.change().inTransaction()) {
            return;
        }
        String kind = wish.revert() ? "revert" : "deploy";
        Optional<TableName> index = project.script(
                        kind, project.changes().get(step.change().position()))
                .map(ScriptReader::read)
                .flatMap(LeftIndexes::built);
        if (index.isPresent()) {
            try (Session session = database(step).open(whose)) {
                // It waits for everybody who has a transaction open, and nobody waits behind it.
                session.lockTimeout(Duration.ZERO);
                boolean unused = LeftIndexes.drop(session, index.get());
            }
        }
    }

    /** After a failure, which it must not hide. @return what to add to the message; empty when nothing is left */
    private String dropLeftIndexAfterwards(Migrator.Step step) {
        try {
            dropLeftIndex(step, afterwards());
            return "";
        } catch (SQLException | OperatorException e) {
            return ", and the unfinished index could not be dropped: " + e.getMessage();
        }
    }

    private OperatorException failed(Migrator.Step step, Sqitch.Outcome outcome, int attempts, String left) {
        String what = "'" + step.change().reference() + "' could not be "
                + (wish.revert() ? "taken back from" : "deployed to") + " database '" + step.database() + "': "
                + outcome.message() + left;
        return outcome.isInTheWay()
                ? new OperatorException(
                        what + ", " + attempts + " times",
                        "somebody holds a lock on a table of it: 'watchkeeper run' of a runbook with lockWaits('"
                                + step.database() + "') shows who; or give it more attempts.")
                : new OperatorException(what, "mend the script and try again.");
    }

    /** The process may have been told to stop, and what it has begun is undone all the same. */
    private static Work afterwards() {
        return Work.unattended("watchkeeper migrate");
    }

    /** Newest first. @return what became of it, in words */
    private String undo() {
        for (int i = finished.size() - 1; i >= 0; i--) {
            Migrator.Step step = finished.get(i);
            String where = "'" + step.change().reference() + "' on database '" + step.database() + "'";
            if (!wish.revert() && !step.change().reversible()) {
                return where + " cannot be taken back, and stays with what came before it";
            }
            try {
                Sqitch.Outcome outcome = attempt(step, afterwards(), !wish.revert());
                if (!outcome.succeeded()) {
                    return where + " could not be undone, and stays with what came before it: " + outcome.message();
                }
            } catch (SQLException | OperatorException e) {
                return where + " could not be undone, and stays with what came before it: " + e.getMessage();
            }
        }
        return "the schema is as it was";
    }

    private void pause(int attempt) {
        long longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << Math.min(attempt, 10));
        work.throwIfCancelled();
        LockSupport.parkNanos(
                Duration.ofMillis(longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1))
                        .toNanos());
        work.throwIfCancelled();
    }
}

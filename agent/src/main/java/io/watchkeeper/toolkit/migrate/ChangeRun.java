package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the scripts of single changes by Sqitch, as often as locks ask for it, and sees to it that the registry says what is there, see
 * {@link ChangeMarks}.
 */
final class ChangeRun {

    private static final Logger LOG = LoggerFactory.getLogger(ChangeRun.class);
    private static final long FIRST_PAUSE_MS = 250;
    private static final long LONGEST_PAUSE_MS = 10_000;

    /** Whatever keeps Sqitch from writing down what is there, it is worth waiting for. */
    private static final int LOG_ATTEMPTS = 6;

    private final ProjectCopy copy;
    private final SqitchProject project;
    private final @Nullable Path bin;
    private final Duration lockTimeout;
    private final Map<String, Database> databases;

    /** @param lockTimeout how long a statement waits for a lock before the change is tried again */
    ChangeRun(ProjectCopy copy, @Nullable Path bin, Duration lockTimeout, List<Database> databases) {
        this.copy = copy;
        this.project = SqitchProject.read(copy.folder());
        this.bin = bin;
        this.lockTimeout = lockTimeout;
        this.databases = databases.stream().collect(Collectors.toMap(Database::name, Function.identity()));
    }

    /**
     * Deploys a change or takes it back.
     *
     * @return the attempt that succeeded, from 1
     * @throws OperatorException when it failed; then it was rolled back, unless {@link #hasHappened} says otherwise
     */
    int carryOut(Migrator.Step step, boolean revert, int attempts, Work work) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            dropLeftIndex(step, revert, work);
            ChangeMarks.Mark mark = copy.mark(change(step), kind(revert));
            try (Session session = database(step).open(work)) {
                ChangeMarks.prepare(session, project.name(), mark);
            }
            Sqitch.Outcome outcome = attempt(step, revert, work);
            // The only statement of a script that allows no transaction has failed, where one has.
            if (outcome.succeeded() || (!mark.certain() && !outcome.sqlState().isEmpty())) {
                try (Session session = database(step).open(work)) {
                    ChangeMarks.clear(session, project.name(), mark.change());
                }
            }
            if (outcome.succeeded()) {
                return attempt;
            }
            // psql may have got through where Sqitch, which writes it down, has not.
            if (hasHappened(step, revert, work)) {
                return attempt;
            }
            if (!outcome.isInTheWay() || attempt >= attempts) {
                throw failed(step, revert, outcome, attempt, dropLeftIndexAfterwards(step, revert));
            }
            pause(attempt, work);
        }
    }

    /** Not by Sqitch while it deploys, which would leave a change that does not pass applied and not registered. */
    void verify(Migrator.Step step, int attempts, Work work) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            Sqitch.Outcome outcome = sqitch(step.database(), lockTimeout)
                    .verify(work, step.change().reference());
            if (outcome.succeeded()) {
                return;
            }
            if (!outcome.isInTheWay() || attempt >= attempts) {
                throw failed(step, false, outcome, attempt, "");
            }
            pause(attempt, work);
        }
    }

    /** Whether a change is there, or gone, whoever died before it was written down; from now on the registry says so too. */
    boolean hasHappened(Migrator.Step step, boolean revert, Work work) throws SQLException {
        Optional<SqitchChange> unused = settle(step.database(), work);
        try (Session session = database(step).open(work)) {
            int there = Registry.read(session, project).position(project, step.database());
            return revert
                    ? there <= step.change().position()
                    : there > step.change().position();
        }
    }

    /**
     * Has Sqitch write down what a process that died has done.
     *
     * @return the change that was deployed and is written down now; empty when none was
     * @throws OperatorException when Sqitch cannot
     */
    Optional<SqitchChange> settle(String database, Work work) throws SQLException {
        Registry registry;
        try (Session session = database(database).open(work)) {
            registry = Registry.read(session, project);
        }
        Optional<ChangeMarks.Mark> mark = registry.unregistered();
        if (mark.isEmpty()) {
            return Optional.empty();
        }
        boolean deploy = mark.get().isDeploy();
        int last = registry.changes().size() - 1;
        String reference = last < 0 ? null : project.changes().get(last).reference();
        Sqitch.Outcome outcome = log(database, deploy, reference, work);
        for (int attempt = 1; !outcome.succeeded() && attempt < LOG_ATTEMPTS; attempt++) {
            pause(attempt, work);
            outcome = log(database, deploy, reference, work);
        }
        if (!outcome.succeeded()) {
            throw new OperatorException(
                    "'" + mark.get().change() + "' is " + (deploy ? "in" : "gone from") + " database '" + database
                            + "', and Sqitch cannot write that down: " + outcome.message(),
                    "the next migration of '" + database
                            + "' tries it again; until then, run no script of this change by hand.");
        }
        try (Session session = database(database).open(work)) {
            ChangeMarks.clear(session, project.name(), mark.get().change());
        }
        LOG.info(
                "'{}' was {} database '{}' by a process that died, and is registered as such now",
                mark.get().change(),
                deploy ? "deployed to" : "taken back from",
                database);
        return deploy ? Optional.of(project.changes().get(last)) : Optional.empty();
    }

    private Sqitch.Outcome log(String database, boolean deploy, @Nullable String reference, Work work)
            throws SQLException {
        Sqitch sqitch = sqitch(database, lockTimeout);
        return deploy && reference != null ? sqitch.logDeployed(work, reference) : sqitch.logReverted(work, reference);
    }

    private Sqitch sqitch(String database, Duration timeout) {
        return new Sqitch(copy, database(database), bin, timeout);
    }

    private static String kind(boolean revert) {
        return revert ? ChangeMarks.REVERT : ChangeMarks.DEPLOY;
    }

    private SqitchChange change(Migrator.Step step) {
        return project.changes().get(step.change().position());
    }

    private Optional<ScriptReader.Script> script(Migrator.Step step, boolean revert) {
        return project.script(kind(revert), change(step)).map(ScriptReader::read);
    }

    private Sqitch.Outcome attempt(Migrator.Step step, boolean revert, Work work) throws SQLException {
        // None for what is built or dropped beside the work of others: it waits for their transactions, and nobody
        // waits behind it.
        boolean waitsBeside =
                script(step, revert).filter(Transaction::waitsBeside).isPresent();
        Sqitch sqitch = sqitch(step.database(), waitsBeside ? Duration.ZERO : lockTimeout);
        if (!revert) {
            return sqitch.deploy(work, step.change().reference());
        }
        int before = step.change().position() - 1;
        return sqitch.revert(
                work, before < 0 ? null : project.changes().get(before).reference());
    }

    private Database database(Migrator.Step step) {
        return database(step.database());
    }

    private Database database(String name) {
        Database database = databases.get(name);
        if (database == null) {
            throw new IllegalStateException("a step on " + name);
        }
        return database;
    }

    /** An index that was half built keeps its name from the next attempt. */
    private void dropLeftIndex(Migrator.Step step, boolean revert, Work work) throws SQLException {
        Optional<TableName> index = script(step, revert)
                .filter(script -> !Transaction.isOne(script))
                .flatMap(LeftIndexes::built);
        if (index.isPresent()) {
            try (Session session = database(step).open(work)) {
                // It waits for everybody who has a transaction open, and nobody waits behind it.
                session.lockTimeout(Duration.ZERO);
                boolean unused = LeftIndexes.drop(session, index.get());
            }
        }
    }

    /** After a failure, which it must not hide. @return what to add to the message; empty when nothing is left */
    String dropLeftIndexAfterwards(Migrator.Step step, boolean revert) {
        try {
            dropLeftIndex(step, revert, Work.unattended("watchkeeper migrate"));
            return "";
        } catch (SQLException | OperatorException e) {
            return ", and the unfinished index could not be dropped: " + e.getMessage();
        }
    }

    private static OperatorException failed(
            Migrator.Step step, boolean revert, Sqitch.Outcome outcome, int attempts, String left) {
        String what = "'" + step.change().reference() + "' could not be "
                + (revert ? "taken back from" : "deployed to") + " database '" + step.database() + "': "
                + outcome.message() + left;
        return outcome.isInTheWay()
                ? new OperatorException(
                        what + ", " + attempts + " times",
                        "somebody holds a lock on a table of it: 'watchkeeper run' of a runbook with lockWaits('"
                                + step.database() + "') shows who; or give it more attempts.")
                : new OperatorException(what, "mend the script and try again.");
    }

    /** Longer after each attempt, and never quite as long as that of another. */
    static void pause(int attempt, Work work) {
        long longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << Math.min(attempt, 10));
        work.throwIfCancelled();
        LockSupport.parkNanos(
                Duration.ofMillis(longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1))
                        .toNanos());
        work.throwIfCancelled();
    }
}

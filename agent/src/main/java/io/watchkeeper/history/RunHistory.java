package io.watchkeeper.history;

import io.watchkeeper.approval.Approvals;
import io.watchkeeper.engine.LogLine;
import io.watchkeeper.engine.PastRuns;
import io.watchkeeper.engine.RunListener;
import io.watchkeeper.engine.RunLiveness;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTicks;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.TableState;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.schedule.ScheduleMemory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every run of this host, in SQLite. Several processes may have the store open at once; all methods may be called from any
 * thread. Methods throw {@link OperatorException} when the store cannot be read or written, except the listener's: a run goes
 * on when its store fails, and its end is stored as soon as that is possible.
 */
public final class RunHistory implements RunListener, PastRuns, ScheduleMemory, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunHistory.class);

    /** @param before only runs with an id lower than this, for paging; null for the newest */
    public record Query(
            @Nullable String runbook,
            @Nullable RunState state,
            int limit,
            @Nullable String before) {}

    private final Path state;
    private final Clock clock;
    private final HistoryFile file;
    private final PendingEnds pending;
    private final RunLog log;
    private final LateWriter late;
    private final ScheduleRows schedule;
    private final PastRunRows past;
    private final MeasurementThinning thinning;

    private RunHistory(Path state, Clock clock, HistoryFile file) {
        this.state = state;
        this.clock = clock;
        this.file = file;
        this.pending = new PendingEnds(file);
        this.log = new RunLog(file);
        this.late = new LateWriter(log, pending);
        this.schedule = new ScheduleRows(file);
        this.past = new PastRunRows(file, pending);
        this.thinning = new MeasurementThinning(file);
    }

    /**
     * Opens {@code <state>/watchkeeper.db}, creating or migrating it.
     *
     * @throws OperatorException when it is damaged, newer than this program, or cannot be written
     */
    public static RunHistory open(Path state, Clock clock) {
        return new RunHistory(state, clock, HistoryFile.open(state, clock.instant()));
    }

    /**
     * Opens the store for looking only: nothing is created, migrated or written, and whatever would write throws.
     *
     * @throws OperatorException when there is none yet, or it cannot be read
     */
    public static RunHistory openForReading(Path state, Clock clock) {
        return new RunHistory(state, clock, HistoryFile.openForReading(state));
    }

    /** Newest first, without steps. */
    public List<RunOutcome> list(Query query) {
        return past.list(query);
    }

    /**
     * By whole id or a prefix of at least 4 characters that only one run has, in either case.
     *
     * @throws OperatorException when the prefix is shorter, or several runs have it
     */
    public Optional<RunOutcome> find(String runIdOrPrefix) {
        return past.find(runIdOrPrefix);
    }

    /** At most 10,000 lines; a longer log ends with a line that says so. */
    public List<LogLine> log(String runId) {
        if (!file.readOnly()) {
            log.flush();
        }
        return file.read(connection -> RunLog.read(connection, runId));
    }

    @Override
    public Optional<RunState> lastVerdict(String runbook) {
        return past.lastEnd(runbook, Set.of(RunState.SKIPPED, RunState.CANCELLED));
    }

    /** How the newest real (not dry) run of this runbook that was not skipped ended. */
    public Optional<RunState> lastEnd(String runbook) {
        return past.lastEnd(runbook, Set.of(RunState.SKIPPED));
    }

    /** The newest real run of each runbook that has any, by runbook, without steps. */
    public Map<String, RunOutcome> lastRuns() {
        return past.lastRuns();
    }

    /** The newest real run of each runbook that was gone through as a checklist and has ended, without steps. */
    public List<RunOutcome> lastChecklists() {
        return past.lastChecklists();
    }

    /** The newest real run of each runbook that succeeded, by runbook, without steps. */
    public Map<String, RunOutcome> lastSuccesses() {
        return past.lastSuccesses();
    }

    /**
     * What ran since then, counted by stretches of time: as much as a picture of it can show, however many runs there were.
     *
     * @param stretch whole seconds
     */
    public List<RunTicks> ticks(Instant since, Duration stretch) {
        return past.ticks(since, stretch);
    }

    /** The newest real runs of a runbook that succeeded, failed or timed out, newest first, without steps. @param count at most */
    public List<RunOutcome> verdicts(String runbook, int count) {
        return past.verdicts(runbook, count);
    }

    /** Runs that stand as queued or running although no process runs them any more are marked failed, reason interrupted. */
    public List<RunOutcome> markInterrupted() {
        return new InterruptedRuns(file).mark(runId -> pending.contains(runId) || RunLiveness.isAlive(state, runId));
    }

    /** Forgets runs that ended before now minus the given age, except those that later decisions and pages build on: of each
     * runbook the newest real run, the newest that was not skipped, and the newest that succeeded. */
    public int expire(Duration age) {
        Instant before = clock.instant().minus(age);
        file.write(connection -> TableRows.expire(connection, before));
        return new ExpiredRuns(file).delete(before);
    }

    /** Keeps of the figures of long ago one a day, and forgets those of very long ago. */
    public void thinMeasurements() {
        thinning.thin(clock.instant());
    }

    /** Figures over time, in this store. */
    public Measurements measurements() {
        return new MeasurementHistory(file);
    }

    /** The tables that are kept the same or compared, as the newest results of all processes told. */
    public List<TableState> tables() {
        return file.read(TableRows::all);
    }

    /** Who agreed to what, kept in the same file. */
    public Approvals approvals() {
        return new ApprovalHistory(file, clock);
    }

    /** Who did what, kept in the same file. @param host as entries name it */
    public AuditTrail audit(String host) {
        return new AuditTrail(file, state, host, clock);
    }

    /** The open alerts, kept in the same file. */
    public AlertHistory alerts() {
        return new AlertHistory(file);
    }

    /** @throws OperatorException when nothing can be written, with the reason */
    public void requireUsable() {
        file.write(connection -> {
            try (var statement = connection.createStatement()) {
                // Changes no value, but does put a page on the disk.
                return statement.executeUpdate("update schema_version set version = version");
            }
        });
    }

    /** What SQLite's own check says about the file; empty when all is well. Reads the whole file. */
    public Optional<String> damage() {
        return file.damage();
    }

    @Override
    public Set<String> paused() {
        return schedule.paused();
    }

    @Override
    public void setPaused(String runbook, boolean paused) {
        schedule.setPaused(runbook, paused);
    }

    @Override
    public Optional<Instant> lastFireTime(String runbook) {
        return schedule.lastFireTime(runbook);
    }

    @Override
    public void setLastFireTime(String runbook, Instant fireTime) {
        schedule.setLastFireTime(runbook, fireTime);
    }

    @Override
    public void setLastFireTimes(Map<String, Instant> fireTimes) {
        schedule.setLastFireTimes(fireTimes);
    }

    /** @throws OperatorException when the run cannot be recorded, which refuses it */
    @Override
    public void runAccepted(RunOutcome run) {
        file.change(connection -> RunRows.save(connection, run, clock.instant()));
    }

    @Override
    public void runStarted(RunOutcome run) {
        store(run.runId(), "its start", connection -> RunRows.save(connection, run, clock.instant()));
    }

    @Override
    public void stepStarted(String runId, int stepIndex, String stepName) {
        StepOutcome step = new StepOutcome(stepIndex, stepName, RunState.RUNNING, Duration.ZERO, 1, List.of(), null);
        store(runId, "the start of step '" + stepName + "'", connection -> save(connection, runId, step));
    }

    @Override
    public void verbFinished(String runId, int stepIndex, VerbResult result) {
        store(runId, "a result of " + result.verb(), connection -> {
            RunRows.add(connection, runId, stepIndex, result);
            Instant now = clock.instant();
            RunRows.touch(connection, runId, now);
            Optional<TableState> table = TableState.of(result, now);
            if (table.isPresent()) {
                TableRows.save(connection, runId, table.get(), now);
            }
        });
    }

    @Override
    public void logged(String runId, LogLine line) {
        if (log.add(runId, line)) {
            late.soon();
        }
    }

    @Override
    public void stepFinished(String runId, StepOutcome step) {
        log.flush();
        store(runId, "the end of step '" + step.name() + "'", connection -> save(connection, runId, step));
    }

    @Override
    public void runFinished(RunOutcome run) {
        boolean lines = log.flush();
        log.ended(run.runId());
        if (!pending.store(run, clock.instant()) || !lines) {
            late.soon();
        }
    }

    /** Stores what waits, as far as that is possible, and closes the file. */
    @Override
    public void close() {
        late.close();
        file.close();
    }

    private void save(Connection connection, String runId, StepOutcome step) throws SQLException {
        RunRows.save(connection, runId, step);
        RunRows.touch(connection, runId, clock.instant());
    }

    /** Stores something about a run that goes on whether this succeeds or not; the end of the run stores all of it again. */
    private void store(String runId, String what, HistoryFile.Change change) {
        try {
            file.change(change);
        } catch (OperatorException e) {
            LOG.warn("run {}: {} cannot be stored before the run ends: {}", runId, what, e.getMessage());
        }
    }
}

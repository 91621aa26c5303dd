package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.files.FreeSpace;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.protection.DrillState;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.Catalogue;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proves that a backup restores: brings it into a sandbox, recovers it to the target, looks at what came of it, measures what was
 * lost and how long it took, and removes the sandbox. Whatever could not be looked at makes the drill fail.
 */
public final class PitrDrill {

    private static final Logger LOG = LoggerFactory.getLogger(PitrDrill.class);

    private final BackupSettings settings;
    private final RestoreSource backups;
    private final Database source;
    private final Work work;
    private final String runId;

    /** Of backups in the agent's own repository. @param source the database whose cluster was backed up; it need not be reachable */
    public PitrDrill(BackupSettings settings, Database source, Work work, String runId) {
        this(settings, new RepositorySource(settings, source.name(), work), source, work, runId);
    }

    /** @param backups where these are @param source the database whose cluster was backed up; it need not be reachable */
    public PitrDrill(BackupSettings settings, RestoreSource backups, Database source, Work work, String runId) {
        this.settings = settings;
        this.backups = backups;
        this.source = source;
        this.work = work;
        this.runId = runId;
    }

    /** What a drill would use. @throws OperatorException when the target cannot be reached */
    public RestorePreview preview(DrillPlan plan) {
        RestorePreview preview = new RestorePlanner(settings, backups, source.name(), work)
                .asking(source)
                .preview(plan.target(), plan.backup(), settings.state());
        PgBinaries unused = BaseRestore.programs(settings, preview.backup());
        return preview;
    }

    /**
     * Does it, and writes down in the catalogue what came of it, whatever that was.
     *
     * @return also of a drill that failed
     * @throws WorkCancelledException when the work was told to stop; the sandbox is gone then, and nothing was written down
     */
    public DrillResult run(DrillPlan plan) {
        Instant began = settings.clock().instant();
        Run run = new Run(plan, began);
        try {
            run.go();
        } catch (WorkCancelledException e) {
            throw e;
        } catch (OperatorException e) {
            work.throwIfCancelled();
            run.failed(Reason.of(e), e.hint());
        } catch (IOException | SQLException | UncheckedIOException e) {
            work.throwIfCancelled();
            LOG.warn("drill of {} ended early", source.name(), e);
            boolean full = String.valueOf(e.getMessage()).contains("No space left");
            run.failed(
                    full ? "the sandbox's disk is full: " + Reason.of(e) : Reason.of(e),
                    full ? "make room in the state directory, or move it to a larger disk." : null);
        }
        DrillResult result = run.result();
        record(result);
        work.progress(Progress.finished(source.name()));
        return result;
    }

    private void record(DrillResult result) {
        Catalogue catalogue = settings.catalogue(source.name());
        DrillState state = new DrillState(
                result.database(),
                result.backup(),
                result.startedAt().plus(result.took()),
                result.passed(),
                result.rpo() == null ? null : result.rpo().toMillis() / 1000.0,
                result.rto() == null ? null : result.rto().toMillis() / 1000.0,
                result.recoveredTo(),
                runId,
                result.failures());
        DrillRecords.write(catalogue, result.id(), state);
        if (result.passed()) {
            result.restoreTime().ifPresent(took -> markRestored(catalogue, result.backup(), state.at(), took));
        }
    }

    private static void markRestored(Catalogue catalogue, String backup, Instant at, Duration took) {
        try {
            catalogue.status(backup, status -> status.withRestored(at, took.toMillis() / 1000.0));
        } catch (OperatorException e) {
            // As with its record: a repository that can only be read here is no reason to call a drill failed.
            LOG.warn("that backup {} was restored cannot be written down: {}", backup, e.getMessage());
        }
    }

    /** One drill under way. */
    private final class Run {

        private final DrillPlan plan;
        private final Instant began;
        private final String id;
        private final DrillClock clock;
        private String backup = "";
        private Bytes restored = new Bytes(0);
        private String isolation = "";
        private @Nullable DrillChecks checks;
        private Recovery.@Nullable Reached reached;
        private @Nullable Duration rto;
        private @Nullable String failure;
        private @Nullable String hint;

        Run(DrillPlan plan, Instant began) {
            this.plan = plan;
            this.began = began;
            this.id = Long.toString(began.toEpochMilli(), 36) + "-"
                    + runId.substring(Math.max(0, runId.length() - 6)).toLowerCase(Locale.ROOT);
            this.clock = new DrillClock(source.name(), work);
        }

        void go() throws IOException, SQLException {
            clock.enter("choose");
            if (plan.synthetic() != null) {
                // What is missing is said before an hour of restoring.
                SyntheticTransaction.read(plan.synthetic());
            }
            Optional<SourceState> before = SourceState.of(source, work);
            RestorePlanner.Plan chosen = new RestorePlanner(settings, backups, source.name(), work)
                    .asking(source)
                    .plan(plan.target(), plan.backup(), settings.state());
            Backup newest = chosen.preview().backup();
            backup = newest.id();
            PgBinaries programs = BaseRestore.programs(settings, newest);
            Pins pins = Pins.take(
                    settings.catalogue(source.name()), chosen.preview().chain(), runId + "-" + id);
            try {
                Sandbox sandbox = Sandbox.make(settings.state(), id, runId, plan.port());
                Work.Registration cancellation = work.onCancel(() -> OtherProcesses.end(sandbox.folder()));
                try {
                    in(sandbox, chosen, programs, before);
                } finally {
                    cancellation.close();
                    clock.end();
                    removing(sandbox);
                }
            } finally {
                pins.close();
            }
        }

        private void removing(Sandbox sandbox) {
            try {
                clock.enter("remove");
            } catch (WorkCancelledException e) {
                LOG.debug("removing the sandbox of a drill that was told to stop");
            }
            sandbox.close();
            clock.end();
        }

        private void in(Sandbox sandbox, RestorePlanner.Plan chosen, PgBinaries programs, Optional<SourceState> before)
                throws IOException, SQLException {
            clock.enter("restore");
            FreeSpace.require(sandbox.folder(), chosen.preview().needed(), "the drill of " + source.name());
            chosen.bring(
                    sandbox.data(),
                    sandbox.tablespaces(),
                    Files.createDirectory(sandbox.folder().resolve("parts")),
                    sandbox.user());
            restored = new Bytes(io.watchkeeper.files.FolderTree.size(sandbox.data()));
            ControlData control = ControlData.of(programs, sandbox.data(), work);
            clock.enter("recover");
            try (SandboxServer server = new SandboxServer(
                            programs, sandbox, source.settings().user());
                    WalFeeder feeder = new WalFeeder(sandbox.wal(), sandbox.user(), WalFeeder.Source.of(chosen))) {
                isolation = server.isolation().words();
                String restoreCommand = feeder.start(sandbox.folder().resolve("fetch.sh"));
                Recovery.Reached end = new Recovery(server, feeder, chosen, work).run(control, restoreCommand);
                reached = end;
                clock.enter("check");
                DrillChecks made = new DrillChecks(plan, chosen, server, source, programs, work);
                checks = made;
                made.run(end, control, before, began);
                rto = clock.elapsed();
                made.limit("RTO", rto, plan.maxRto(), "from the start until the last check");
            }
        }

        void failed(String why, @Nullable String whatToDo) {
            failure = why;
            hint = whatToDo;
        }

        DrillResult result() {
            DrillChecks made = checks;
            return new DrillResult(
                    id,
                    source.name(),
                    backup,
                    plan.target().words(),
                    began,
                    clock.elapsed(),
                    plan.maxRpo(),
                    plan.maxRto(),
                    made == null ? null : made.rpo(),
                    failure == null ? rto : null,
                    made == null ? null : made.recoveredTo(),
                    reached == null ? null : reached.replayed(),
                    made == null ? 0 : made.timeline(),
                    restored,
                    isolation,
                    made == null ? List.of() : made.done(),
                    clock.phases(),
                    failure,
                    hint);
        }
    }

    /** What a drill reads is not expired meanwhile. A repository that cannot be written to, nobody expires from this host. */
    private record Pins(List<LockFile> held) {

        static Pins take(Catalogue catalogue, List<Backup> chain, String holder) {
            return new Pins(
                    Files.isWritable(catalogue.folder())
                            ? chain.stream()
                                    .map(one -> catalogue.pin(one.id(), holder))
                                    .toList()
                            : List.of());
        }

        void close() {
            held.forEach(LockFile::close);
        }
    }
}

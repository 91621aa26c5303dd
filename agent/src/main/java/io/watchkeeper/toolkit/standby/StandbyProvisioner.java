package io.watchkeeper.toolkit.standby;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.failover.FailoverProbe;
import io.watchkeeper.toolkit.failover.ManagedAction;
import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes a physical standby on this host, or goes on with one that was begun: settings, role, pg_hba.conf, slot, copy, start, stream. Each
 * step looks at what is there before it does anything, and is written down before it is done; so a run can be repeated at any time, also
 * after a crash at any moment, and all of it can be undone.
 */
public final class StandbyProvisioner {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int TOKEN_BYTES = 8;

    private final Database primary;
    private final Path state;
    private final Work work;
    private final Clock clock;
    private final Duration patience;
    private @Nullable FailoverProbe managers;

    /**
     * @param primary the database to be a standby of
     * @param state the agent's own folder
     */
    public StandbyProvisioner(Database primary, Path state, Work work, Clock clock) {
        this(primary, state, work, clock, PATIENCE);
    }

    /** @param patience how long a standby that was started may take to connect */
    StandbyProvisioner(Database primary, Path state, Work work, Clock clock, Duration patience) {
        this.primary = primary;
        this.state = state;
        this.work = work;
        this.clock = clock;
        this.patience = patience;
    }

    /** Asks first whether a failover manager looks after the primary, whose business its standbys are then. */
    public StandbyProvisioner asking(FailoverProbe probe) {
        managers = probe;
        return this;
    }

    /**
     * Makes it, or what is missing of it.
     *
     * @throws OperatorException when a step cannot be done; what was done stays, and the next run goes on there
     */
    public StandbyResult provision(StandbyPlan plan) throws SQLException {
        long began = System.nanoTime();
        StandbyLedger ledger = new StandbyLedger(state, clock);
        LockFile lock = ledger.lock(plan.name(), work.applicationName());
        try {
            PrimaryFacts facts = facts();
            if (managers != null) {
                managers.refuse(
                        primary, plan.renew() ? ManagedAction.REPROVISION_STANDBY : ManagedAction.PROVISION_STANDBY);
            }
            StandbyPlan.Place place = plan.place();
            StandbyHost host = StandbyHost.of(place.dataDirectory(), place.owner(), place.bin(), facts.major());
            StandbyDraft draft = new StandbyDraft(ledger, begin(ledger, plan, facts, host));
            return new StandbySteps(primary, facts, host, plan, draft, work, patience).run(began);
        } finally {
            lock.close();
        }
    }

    /**
     * Copies a standby again that was made here and has lost its place in the log, as it was made.
     *
     * @throws OperatorException when no such standby was made here, or it was promoted
     */
    public StandbyResult renew(String name) throws SQLException {
        StandbyRecord record = new StandbyLedger(state, clock)
                .find(name)
                .orElseThrow(() -> new OperatorException(
                        "standby '" + name + "' was not made by the agent of this host",
                        "only what provisionStandby has made is copied again."));
        StandbyPlan.Place place = new StandbyPlan.Place(
                record.data(),
                record.port(),
                record.owner(),
                record.bin() == null ? null : Path.of(record.bin()),
                record.tablespaces());
        StandbyPlan plan = StandbyPlan.of(name, record.data(), record.port())
                .withSlot(record.slot())
                .with(new StandbyPlan.Access(record.role(), null, false, null, record.sslMode(), record.sslRootCert()))
                .with(place)
                .with(StandbyStart.of(record.start()))
                .withRenew(true);
        return provision(plan);
    }

    /** Whether the standby was made by the agent of this host, so that {@link #renew} can copy it again. */
    public boolean hasMade(String name) {
        return new StandbyLedger(state, clock).find(name).isPresent();
    }

    private PrimaryFacts facts() throws SQLException {
        try (Session session = primary.open(work)) {
            return PrimaryFacts.read(session);
        }
    }

    /** A new record is on the disk only when nothing of somebody else's is in the way. */
    private StandbyRecord begin(StandbyLedger ledger, StandbyPlan plan, PrimaryFacts facts, StandbyHost host) {
        Optional<StandbyRecord> known = ledger.find(plan.name());
        if (known.isPresent()) {
            return known.get().requireSame(plan, primary.name(), facts.systemId());
        }
        StandbyHost.requireEmpty(plan.place().dataDirectory());
        Map<String, String> tablespaces =
                StandbyHost.tablespaces(facts, plan.place().tablespaces());
        StandbyCopy.requireFolders(tablespaces, true, facts.major());
        byte[] token = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(token);
        StandbyPlan.Place place = plan.place();
        StandbyPlan full = plan.with(
                new StandbyPlan.Place(place.dataDirectory(), place.port(), place.owner(), place.bin(), tablespaces));
        StandbyRecord record = StandbyRecord.begin(
                full,
                primary.name(),
                facts.systemId(),
                host.user().name(),
                HexFormat.of().formatHex(token));
        ledger.write(record);
        return record;
    }

    /**
     * Takes back all that was made for the standby: its server, its files, slot, pg_hba.conf, role and settings; nothing that was there
     * before. Nothing happens when there is no such standby.
     *
     * @throws OperatorException when it was promoted meanwhile
     */
    public StandbyResult undo(StandbyPlan plan) throws SQLException {
        long began = System.nanoTime();
        StandbyLedger ledger = new StandbyLedger(state, clock);
        LockFile lock = ledger.lock(plan.name(), work.applicationName());
        try {
            Optional<StandbyRecord> record = ledger.find(plan.name());
            List<String> said = new ArrayList<>();
            if (record.isPresent()) {
                StandbyRecord is = record.get();
                PrimaryFacts facts = facts();
                is.requireFrom(primary.name(), facts.systemId());
                StandbyHost host = StandbyHost.of(
                        is.data(), is.owner(), is.bin() == null ? null : Path.of(is.bin()), facts.major());
                said.addAll(new StandbyUndo(primary, facts, is, host, work).run());
                ledger.delete(plan.name());
            } else {
                said.add("nothing was made for standby '" + plan.name() + "' by the agent of this host");
            }
            return result(plan, StandbyResult.UNDONE, record.isPresent(), said, began);
        } finally {
            work.progress(Progress.finished(plan.name()));
            lock.close();
        }
    }

    /** What {@link #provision} would do. Changes nothing. */
    public List<PlannedAction> describe(StandbyPlan plan) throws SQLException {
        List<PlannedAction> actions = new ArrayList<>();
        if (managers != null) {
            try {
                managers.refuse(primary, ManagedAction.PROVISION_STANDBY);
            } catch (OperatorException e) {
                String why = "would be refused: " + e.getMessage();
                actions.add(new PlannedAction(primary.name(), "-- nothing", LockLevel.NONE, -1, -1, why));
                return actions;
            }
        }
        try (Session session = primary.open(work)) {
            return new StandbyDescription(session, plan, new StandbyLedger(state, clock).find(plan.name())).actions();
        }
    }

    /** What {@link #undo} would do. Changes nothing. */
    public List<PlannedAction> describeUndo(StandbyPlan plan) {
        return StandbyDescription.undo(primary.name(), new StandbyLedger(state, clock).find(plan.name()));
    }

    /** Of a dry run. */
    public StandbyResult planned(StandbyPlan plan) {
        return result(plan, StandbyResult.PLANNED, false, List.of(), System.nanoTime());
    }

    private StandbyResult result(StandbyPlan plan, String how, boolean changed, List<String> notes, long began) {
        return new StandbyResult(
                plan.name(),
                primary.name(),
                how,
                changed,
                plan.place().dataDirectory().toString(),
                plan.place().port(),
                plan.slot(),
                plan.access().role(),
                new LinkedHashMap<>(),
                notes,
                new Bytes(0),
                new Bytes(0),
                Duration.ofNanos(System.nanoTime() - began));
    }
}

package io.watchkeeper.toolkit.standby;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** The steps of one standby, in their order. */
final class StandbySteps {

    /** The server takes over a changed pg_hba.conf a moment after it says so. */
    private static final int LOGIN_ATTEMPTS = 10;

    private static final int LOGIN_PAUSE_MS = 200;

    private final Database primary;
    private final PrimaryFacts facts;
    private final StandbyHost host;
    private final StandbyPlan plan;
    private final StandbyDraft draft;
    private final Work work;
    private final Duration patience;
    private final PrimaryAddress address;
    private final PassFile passFile;
    private Bytes copied = new Bytes(0);

    /** Whether it was connected when the run began; then nothing needs to be found out about its login. */
    private boolean streams;

    /** Where the standby's log was when the run began. */
    private long logFrom;

    StandbySteps(
            Database primary,
            PrimaryFacts facts,
            StandbyHost host,
            StandbyPlan plan,
            StandbyDraft draft,
            Work work,
            Duration patience) {
        this.primary = primary;
        this.facts = facts;
        this.host = host;
        this.plan = plan;
        this.draft = draft;
        this.work = work;
        this.patience = patience;
        StandbyPlan.Access access = plan.access();
        this.address = PrimaryAddress.of(primary.settings(), access.sslMode(), access.sslRootCert());
        this.passFile = new PassFile(Path.of(draft.record().passFile()), host.user());
    }

    StandbyResult run(long began) throws SQLException {
        try {
            logFrom = server().logSize();
            streams = StandbyHost.isMade(draft.record()) && look().isPresent();
            step(StandbyStep.SETTINGS, this::settings);
            step(StandbyStep.ROLE, this::role);
            step(StandbyStep.HBA, this::hba);
            step(StandbyStep.SLOT, this::slot);
            step(StandbyStep.LOGIN, this::login);
            step(StandbyStep.COPY, this::copy);
            step(StandbyStep.CONFIGURE, this::configure);
            step(StandbyStep.START, this::start);
        } finally {
            work.progress(Progress.finished(plan.name()));
        }
        if (plan.start() instanceof StandbyStart.None && !server().isRunning()) {
            draft.note("to start it: " + server().startCommand(plan.start()));
            return result(StandbyResult.READY, 0, began);
        }
        work.progress(Progress.ofBytes(plan.name(), StandbyStep.STREAMING.toString(), 0, 0));
        StreamingWait.Seen seen = awaitStreaming();
        draft.found(StandbyStep.STREAMING, "receives the log");
        return result(StandbyResult.STREAMING, seen.lagBytes(), began);
    }

    private StreamingWait.Seen awaitStreaming() throws SQLException {
        try {
            return streaming().await();
        } catch (LogGoneException e) {
            // The slot is whole, and came too late: somebody made it again, or the standby was away without it.
            if (!plan.renew() || copied.count() > 0) {
                throw e;
            }
            try (Session session = primary.open(work)) {
                renew(new StandbySlot(session, plan.slot()));
            }
            logFrom = server().logSize();
            step(StandbyStep.COPY, this::copy);
            step(StandbyStep.CONFIGURE, this::configure);
            step(StandbyStep.START, this::start);
            return streaming().await();
        }
    }

    private StreamingWait streaming() {
        return new StreamingWait(primary, draft.record(), server(), triage(), work, patience, logFrom);
    }

    private Optional<StreamingWait.Seen> look() throws SQLException {
        try (Session session = primary.open(work)) {
            return StreamingWait.look(session, draft.record());
        }
    }

    /** Whoever dies in a step finds it again: each is said before it begins and when it is done. */
    private void step(StandbyStep step, Action action) throws SQLException {
        work.throwIfCancelled();
        work.progress(Progress.ofBytes(plan.name(), step.toString(), 0, 0));
        action.run();
        work.progress(Progress.ofBytes(plan.name(), step + " done", 0, 0));
    }

    private interface Action {
        void run() throws SQLException;
    }

    private void settings() throws SQLException {
        List<PrimarySettings.Need> waiting;
        try (Session session = primary.open(work)) {
            PrimarySettings settings = new PrimarySettings(session);
            waiting = settings.satisfy(draft, plan, streams);
            if (settings.slotsAreUnlimited() && plan.settings().maxSlotWalKeep() == null) {
                draft.note("max_slot_wal_keep_size of '" + primary.name()
                        + "' has no limit: while the standby is away, its slot keeps log until the disk is full");
            }
        }
        if (waiting.isEmpty()) {
            return;
        }
        String names = waiting.stream().map(PrimarySettings.Need::name).collect(Collectors.joining(", "));
        if (!plan.settings().restart() || !facts.isHere()) {
            throw new OperatorException(
                    "'" + primary.name() + "' needs a restart for " + names + ", which are set and wait for it",
                    facts.isHere()
                            ? "restart it and run this again, which goes on here; 'restart true' lets the run do it."
                            : "restart it on its own host and run this again, which goes on here.");
        }
        new PrimaryRestart(primary, facts, work).restart(plan.place().bin());
        draft.did(StandbyStep.SETTINGS, "restarted '" + primary.name() + "' for " + names);
    }

    private void role() throws SQLException {
        try (Session session = primary.open(work)) {
            new ReplicationRole(session, plan.access().role())
                    .ensure(draft, address, passFile, plan.access().passwordFile(), facts.standby());
        }
    }

    private void hba() throws SQLException {
        String from = hbaFrom();
        Path file = facts.hbaFile();
        if (!plan.access().writeHba()) {
            draft.found(StandbyStep.HBA, "left alone");
        } else if (file == null || !facts.isHere()) {
            draft.found(StandbyStep.HBA, "left alone: the file is on another host");
            draft.note("pg_hba.conf of '" + primary.name() + "' cannot be written from here; it needs: "
                    + HbaBlock.line(plan.access().role(), from, address.requiresTls()));
        } else {
            HbaBlock block = HbaBlock.of(plan.name(), plan.access().role(), from, address.requiresTls());
            try (Session session = primary.open(work)) {
                HbaFile hba = new HbaFile(session, file);
                draft.record(record -> record.withHbaFile(file.toString()));
                if (hba.write(block)) {
                    draft.did(StandbyStep.HBA, "wrote " + block.lines().get(0) + " into " + file);
                } else {
                    draft.found(StandbyStep.HBA, "the line is in " + file);
                }
            }
        }
    }

    private String hbaFrom() {
        String given = plan.access().hbaFrom();
        return given != null ? given : Objects.requireNonNullElse(facts.seenFrom(), "samehost");
    }

    private void slot() throws SQLException {
        try (Session session = primary.open(work)) {
            StandbySlot slot = new StandbySlot(session, plan.slot());
            boolean made = StandbyHost.isMade(draft.record());
            boolean lost = slot.find().map(StandbySlot.Found::isLost).orElse(made);
            if (!lost) {
                slot.ensure(draft);
            } else if (made) {
                renew(slot);
            } else if (draft.record().slotMade()) {
                // Nothing was copied yet, so nothing needs what it lost.
                slot.renew();
                draft.did(StandbyStep.SLOT, "made slot " + plan.slot() + " again");
            } else {
                throw new OperatorException(
                        "slot " + plan.slot() + " of '" + primary.name() + "' has lost its log",
                        "drop it if nobody needs it, or give the standby another: slot '…'.");
            }
        }
    }

    /** The log between what the standby has and what the primary has is gone, or nobody has kept it. */
    private void renew(StandbySlot slot) throws SQLException {
        if (!plan.renew()) {
            throw new OperatorException(
                    "slot " + plan.slot() + " of '" + primary.name() + "' is gone or has lost log that standby '"
                            + plan.name() + "' needs",
                    "renew true copies the standby again; its data directory is replaced.");
        }
        StandbyServer server = server();
        if (server.isPromoted()) {
            throw new OperatorException(
                    "standby '" + plan.name() + "' was promoted: "
                            + plan.place().dataDirectory() + " is a primary's now",
                    "nothing was changed; name another data directory.");
        }
        StandbyCopy.requireFolders(draft.record().tablespaces(), false, facts.major());
        server.stop(StandbyStart.of(draft.record().start()));
        draft.record(record -> record.withSlotMade(true).withUntouched(false));
        slot.release(plan.name());
        try {
            FolderTree.delete(draft.record().incoming());
            Files.move(draft.record().data(), draft.record().incoming(), StandardCopyOption.ATOMIC_MOVE);
            FolderTree.delete(draft.record().incoming());
        } catch (IOException e) {
            throw new OperatorException(
                    plan.place().dataDirectory() + " cannot be removed: " + e, "run this as its owner or as root.", e);
        }
        slot.renew();
        draft.did(
                StandbyStep.SLOT, "made slot " + plan.slot() + " again, and removed the copy that it was too late for");
    }

    private void login() throws SQLException {
        if (streams) {
            draft.found(StandbyStep.LOGIN, "the standby is connected");
            return;
        }
        ReplicationLogin login = new ReplicationLogin(address, plan.access().role(), passFile.read());
        for (int i = 1; true; i++) {
            try {
                String systemId = login.attempt();
                if (!systemId.equals(facts.systemId())) {
                    throw new OperatorException(
                            address + " is cluster " + systemId + ", and '" + primary.name() + "' is "
                                    + facts.systemId(),
                            "the addresses lead to different servers: look at databases." + primary.name() + ".url.");
                }
                draft.found(StandbyStep.LOGIN, "role " + plan.access().role() + " is let in");
                return;
            } catch (SQLException e) {
                boolean notYet = FailureClass.sqlState(e).orElse("").equals(SqlStates.INVALID_AUTHORIZATION);
                if (!notYet || i == LOGIN_ATTEMPTS) {
                    throw triage().problem(
                                    "role '" + plan.access().role() + "' cannot log in to '" + primary.name() + "' at "
                                            + address,
                                    e);
                }
                Pause.millis(work, LOGIN_PAUSE_MS);
            }
        }
    }

    private void copy() throws SQLException {
        if (StandbyHost.isMade(draft.record())) {
            draft.found(StandbyStep.COPY, "was made before");
            return;
        }
        try (Session session = primary.open(work)) {
            // A killed agent's pg_basebackup may not have noticed yet.
            new StandbySlot(session, plan.slot()).release(plan.name());
        }
        copied = new StandbyCopy(draft, host, facts, address, work).make();
        draft.did(StandbyStep.COPY, "copied " + copied + " to " + plan.place().dataDirectory());
    }

    private void configure() throws SQLException {
        draft.record(record -> record.withPort(plan.place().port()));
        try (Session session = primary.open(work)) {
            boolean running = server().isRunning();
            List<String> changed = server().configure(session, plan.start());
            if (changed.isEmpty()) {
                draft.found(StandbyStep.CONFIGURE, "is as it has to be");
            } else {
                draft.did(StandbyStep.CONFIGURE, String.join(", ", changed));
            }
            if (running && !changed.isEmpty()) {
                draft.note("the standby's server runs with its port of before until it is restarted");
            }
        }
    }

    private void start() {
        StandbyServer server = server();
        if (server.isRunning()) {
            draft.found(StandbyStep.START, "the server runs");
        } else if (plan.start() instanceof StandbyStart.None) {
            draft.found(StandbyStep.START, "left to somebody else");
        } else {
            draft.record(record -> record.withStarted(plan.start()));
            server.start(plan.start());
            draft.did(StandbyStep.START, "started the server");
        }
    }

    private StandbyServer server() {
        return new StandbyServer(draft.record(), host, work);
    }

    private Triage triage() {
        Optional<Secret> secret = passFile.read();
        return new Triage(primary, address, plan.access().role(), secret, plan.name(), plan.slot(), hbaFrom(), work);
    }

    private StandbyResult result(String state, long lagBytes, long began) {
        Map<String, String> steps = new LinkedHashMap<>();
        draft.done().forEach((step, words) -> steps.put(step.toString(), words));
        return new StandbyResult(
                plan.name(),
                primary.name(),
                state,
                draft.changed(),
                plan.place().dataDirectory().toString(),
                plan.place().port(),
                plan.slot(),
                plan.access().role(),
                steps,
                draft.notes(),
                copied,
                new Bytes(Math.max(0, lagBytes)),
                Duration.ofNanos(System.nanoTime() - began));
    }
}

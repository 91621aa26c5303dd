package io.watchkeeper.engine;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.units.Bytes;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a few runs at a time do heavy work, over all processes of the host. A run has one place for all it does: whoever has it never
 * waits for another, so no two runs can wait for each other.
 */
public final class Arbiter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Arbiter.class);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
    private static final Duration SHARED_ANEW = Duration.ofSeconds(1);
    private static final Duration LOOK_AGAIN_AT_GATE = Duration.ofMillis(2);

    private final HeavyFolder folder;
    private final HeavyLimits limits;
    private final Clock clock;
    private final StrainWatch watch;
    private volatile @Nullable Share share;

    /** By run id; what this process works on or waits for. Guarded by itself. */
    private final Map<String, Place> places = new HashMap<>();

    /** The place of one run, or its wish for one. Guarded by {@link #places}. */
    private static final class Place {
        private final HeavyWork work;
        private int verbs = 1;
        private boolean begun;
        private @Nullable LockFile file;

        Place(HeavyWork work) {
            this.work = work;
        }
    }

    Arbiter(StateFolder folder, HeavyLimits limits, DatabasePools databases, Clock clock) {
        this.folder = new HeavyFolder(folder);
        this.limits = limits;
        this.clock = clock;
        this.watch = new StrainWatch(databases, this.folder, limits, this::databases, clock);
    }

    /**
     * Does heavy work of a run, after waiting for a place where it has none yet.
     *
     * @param signal that stops the run
     */
    <T, E extends Exception> T heavily(ActiveRun run, StopSignal signal, HeavyWork work, HeavyWork.Doing<T, E> doing)
            throws E {
        Place place = join(run, signal, work);
        try {
            return doing.get();
        } finally {
            leave(run, place);
        }
    }

    private Place join(ActiveRun run, StopSignal signal, HeavyWork work) {
        while (true) {
            Place first = null;
            synchronized (places) {
                Place place = places.get(run.id());
                if (place == null) {
                    first = new Place(work);
                    places.put(run.id(), first);
                } else if (place.begun) {
                    place.verbs++;
                    return place;
                }
            }
            if (first != null) {
                return begin(run, signal, first);
            }
            // Another verb of the run waits, for both.
            signal.pause(LOOK_AGAIN);
        }
    }

    private Place begin(ActiveRun run, StopSignal signal, Place place) {
        boolean begun = false;
        watch.begin();
        try {
            if (place.work.kind() == HeavyWork.Kind.MAINTENANCE) {
                // One long statement after another, which do not stop half-way: look before.
                watch.lookNow(place.work.databases());
            }
            LockFile file = awaitPlace(run, signal, place.work);
            synchronized (places) {
                place.file = file;
                place.begun = true;
            }
            begun = true;
            return place;
        } finally {
            if (!begun) {
                leave(run, place);
            }
        }
    }

    private void leave(ActiveRun run, Place place) {
        synchronized (places) {
            if (--place.verbs > 0) {
                return;
            }
            places.remove(run.id(), place);
        }
        close(place.file);
    }

    /** @return null where the state folder cannot be used: work goes on, because a full disk may be why it is needed */
    private @Nullable LockFile awaitPlace(ActiveRun run, StopSignal signal, HeavyWork work) {
        String before = run.doing();
        HeavyClaim claim = new HeavyClaim(run.asHolder(), work, System.nanoTime(), clock.instant());
        try {
            return awaitTurn(run, signal, claim);
        } catch (OperatorException e) {
            LOG.warn("run {} goes on without a place for heavy work: {}", run.id(), e.getMessage());
            return null;
        } finally {
            run.doing(before);
        }
    }

    private LockFile awaitTurn(ActiveRun run, StopSignal signal, HeavyClaim claim) {
        LockFile inLine = null;
        String told = null;
        try {
            while (true) {
                HeavyLine.Turn turn;
                LockFile gate = gate(signal);
                try {
                    turn = turn(claim, inLine != null);
                    if (turn.mayBegin()) {
                        return folder.work(claim.begun(clock.instant()));
                    }
                    if (inLine == null) {
                        inLine = folder.waitInLine(claim);
                    }
                } finally {
                    gate.close();
                }
                String reason = turn.reason() + ", " + ArbiterState.inLine(turn.place());
                if (!reason.equals(told)) {
                    told = reason;
                    run.doing("before its heavy work began: " + reason);
                    run.log(LogLine.Level.INFO, reason);
                }
                signal.pause(LOOK_AGAIN);
            }
        } finally {
            close(inLine);
        }
    }

    private LockFile gate(StopSignal signal) {
        while (true) {
            signal.throwIfStopped();
            Optional<LockFile> gate = folder.tryGate();
            if (gate.isPresent()) {
                return gate.get();
            }
            signal.pause(LOOK_AGAIN_AT_GATE);
        }
    }

    /** Only for who has the gate. */
    private HeavyLine.Turn turn(HeavyClaim claim, boolean isInLine) {
        folder.sweep();
        List<HeavyClaim> waiting = new ArrayList<>(folder.waiting());
        if (!isInLine) {
            waiting.add(claim);
        }
        HeavyLine.Turn turn = new HeavyLine(folder.working(), limits, strainsFor(claim), System.nanoTime())
                .turns(waiting)
                .get(claim.run().runId());
        if (turn == null) {
            throw new OperatorException("the file of run " + claim.run().runId() + " is gone from the line", null);
        }
        return turn;
    }

    /** A run that has pulled the brake does not feel it itself. */
    private List<Strain> strainsFor(HeavyClaim claim) {
        boolean isBraked = folder.isBraked(claim.run().runId());
        return folder.strains(clock.instant()).stream()
                .filter(strain -> strain.kind() != Strain.Kind.BRAKE || isBraked)
                .toList();
    }

    private static void close(@Nullable LockFile file) {
        if (file == null) {
            return;
        }
        try {
            file.close();
        } catch (OperatorException e) {
            LOG.warn("a file of heavy work could not be tidied up; its place is free", e);
        }
    }

    /** For one attempt of a step. */
    GiveWay giveWay(ActiveRun run, StopSignal signal) {
        Supplier<Optional<String>> reason = () -> reasonToGiveWay(run.id());
        return new GiveWay(reason, signal, limits.heavyAfter(), text -> run.log(LogLine.Level.INFO, text));
    }

    private Optional<String> reasonToGiveWay(String run) {
        HeavyWork work;
        synchronized (places) {
            Place place = places.get(run);
            work = place == null || !place.begun ? null : place.work;
        }
        // A brake is felt by every run that takes long, a strained database by those that work on it.
        return folder.strains(clock.instant()).stream()
                .filter(strain ->
                        strain.kind() == Strain.Kind.BRAKE ? folder.isBraked(run) : work != null && strain.slows(work))
                .findFirst()
                .map(Strain::text);
    }

    /** How many bytes per second a run may move now where its verbs can be held to a rate; empty for as many as it likes. */
    OptionalLong share() {
        Bytes rate = limits.rate();
        if (rate == null) {
            return OptionalLong.empty();
        }
        long now = System.nanoTime();
        Share known = share;
        if (known == null || now - known.at() > SHARED_ANEW.toNanos()) {
            known = new Share(rate.count() / Math.max(1, folder.working().size()), now);
            share = known;
        }
        return OptionalLong.of(known.bytes());
    }

    /** @param at by {@link System#nanoTime} */
    private record Share(long bytes, long at) {}

    private Set<String> databases() {
        synchronized (places) {
            return places.values().stream()
                    .flatMap(place -> place.work.databases().stream())
                    .collect(Collectors.toSet());
        }
    }

    /**
     * What this host works on and what waits, as it is now.
     *
     * @throws OperatorException when the state folder cannot be read
     */
    public ArbiterState state() {
        List<HeavyClaim> working = folder.working();
        List<Strain> strains = folder.strains(clock.instant());
        List<ArbiterState.Job> jobs = working.stream()
                .sorted(Comparator.comparing(HeavyClaim::since))
                .map(claim -> job(
                        claim,
                        0,
                        strains.stream()
                                .filter(strain -> strain.slows(claim.work()))
                                .findFirst()
                                .map(strain -> "goes on slowly because " + strain.text())
                                .orElse(null)))
                .toList();
        List<ArbiterState.Job> waiting = new HeavyLine(working, limits, strains, System.nanoTime())
                .turns(folder.waiting()).values().stream()
                        .map(turn ->
                                job(turn.claim(), turn.place(), turn.mayBegin() ? "begins in a moment" : turn.reason()))
                        .toList();
        return new ArbiterState(limits.atOnce(), jobs, waiting, strains);
    }

    private static ArbiterState.Job job(HeavyClaim claim, int place, @Nullable String reason) {
        return new ArbiterState.Job(
                claim.run().runId(),
                claim.run().runbook(),
                claim.run().pid(),
                claim.work(),
                claim.since(),
                place,
                reason);
    }

    @Override
    public void close() {
        watch.close();
    }
}

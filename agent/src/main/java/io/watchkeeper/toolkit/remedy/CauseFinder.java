package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.replicas.LagBytes;
import io.watchkeeper.replicas.ReplicationSlot;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says why a replica is behind, by what both ends show; asks nobody. */
final class CauseFinder {

    private static final double SILENT_SECONDS = 15;
    private static final long NOTICEABLE = Bytes.kilobytes(64).count();
    private static final int CLOSE_CHECKPOINTS = 2;

    private final Behind behind;
    private final PrimaryLook primary;
    private final long requestedCheckpoints;
    private final Duration longVacuum;
    private final @Nullable Behind before;
    private final List<Cause> causes = new ArrayList<>();

    /**
     * @param requestedCheckpoints since the first look
     * @param longVacuum from where on a vacuum counts as long
     * @param before the replica at the look before; null at the first
     */
    CauseFinder(
            Behind behind,
            PrimaryLook primary,
            long requestedCheckpoints,
            Duration longVacuum,
            @Nullable Behind before) {
        this.behind = behind;
        this.primary = primary;
        this.requestedCheckpoints = requestedCheckpoints;
        this.longVacuum = longVacuum;
        this.before = before;
    }

    /** The likeliest first; never empty. @param bloat of an index that was looked at; null for none */
    List<Cause> find(@Nullable Cause bloat) {
        slot();
        behind.fromItself().ifPresentOrElse(this::standby, this::unseenStandby);
        stages();
        vacuums();
        if (requestedCheckpoints >= CLOSE_CHECKPOINTS) {
            add(
                    Cause.Kind.CHECKPOINTS,
                    0.35,
                    requestedCheckpoints
                            + " were asked for by written log since the first look; max_wal_size is small");
        }
        if (bloat != null) {
            causes.add(bloat);
        }
        if (causes.isEmpty()) {
            rest();
        }
        causes.sort(Comparator.comparingDouble(Cause::likelihood).reversed());
        return List.copyOf(causes);
    }

    private void slot() {
        ReplicationSlot slot = behind.slot();
        if (slot != null && slot.walStatus().equals("lost")) {
            add(
                    Cause.Kind.SLOT_LOST,
                    1,
                    "slot " + slot.name()
                            + " has wal_status lost: it kept more than max_slot_wal_keep_size, and what it kept is removed");
        }
    }

    private void unseenStandby() {
        if (!behind.replica().isConnected()) {
            add(
                    Cause.Kind.RECEIVER_DOWN,
                    0.9,
                    "it is not connected; last seen " + behind.replica().seenAt() + ". It could not be asked: "
                            + behind.problem());
        }
    }

    private void standby(StandbyLook look) {
        if (look.paused()) {
            add(
                    Cause.Kind.REPLAY_PAUSED,
                    1,
                    "pg_is_wal_replay_paused() is true on it, " + Bytes.of(look.behindBytes())
                            + " received and waiting");
        }
        if (look.applyDelayMs() > 0) {
            Duration delay = Duration.ofMillis(look.applyDelayMs());
            boolean explains = behind.seconds() <= delay.toMillis() / 1000.0 + 60;
            add(
                    Cause.Kind.APPLY_DELAY,
                    explains ? 0.95 : 0.2,
                    "recovery_min_apply_delay is " + DurationText.say(delay));
        }
        receiver(look);
        if (!look.paused()) {
            replay(look);
        }
    }

    private void receiver(StandbyLook look) {
        StandbyLook.Receiver receiver = look.receiver();
        if (receiver == null) {
            if (!behind.replica().isConnected()) {
                add(
                        Cause.Kind.RECEIVER_DOWN,
                        0.95,
                        "it has no WAL receiver, and the primary sends it nothing; its log says why");
            }
        } else if (receiver.silentSeconds() > Math.min(SILENT_SECONDS, receiver.keepSeconds() / 2)) {
            add(
                    Cause.Kind.RECEIVER_SILENT,
                    0.85,
                    "its receiver (pid " + receiver.pid() + ") is " + receiver.status() + " and has heard nothing from "
                            + receiver.from() + " for "
                            + DurationText.say(Duration.ofSeconds((long) receiver.silentSeconds())));
        } else if (!behind.replica().isConnected()) {
            add(
                    Cause.Kind.RECEIVER_DOWN,
                    0.7,
                    "its receiver (pid " + receiver.pid() + ") is " + receiver.status() + " from " + receiver.from()
                            + ", but this primary sends it nothing");
        }
    }

    private void replay(StandbyLook look) {
        double snapshot = look.waitsFor("IPC/RecoveryConflict") + look.waitsFor("BufferPin/");
        double lock = look.waitsFor("Lock/");
        if (snapshot > 0) {
            causes.add(conflict(look));
        }
        if (lock > 0 || !look.lockHolders().isEmpty()) {
            causes.add(new Cause(
                    Cause.Kind.LOCKED_RELATION,
                    0.92,
                    "replay waits for a lock (max_standby_streaming_delay " + look.maxDelay() + "); "
                            + worst(look.lockHolders(), "the session is gone by now"),
                    look.lockHolders()));
        }
        if (look.behindBytes() < NOTICEABLE || snapshot > 0 || lock > 0) {
            return;
        }
        double io = look.waitsFor("IO/");
        double working = look.waits().stream().filter(String::isEmpty).count()
                / (double) Math.max(1, look.waits().size());
        if (io >= 0.5) {
            add(
                    Cause.Kind.STANDBY_IO,
                    0.4 + io / 4,
                    "replay waited for its disk in " + Math.round(io * 100) + " % of the moments it was looked at ("
                            + String.join(", ", look.waits().stream().distinct().toList()) + ")");
        } else if (working + io >= 0.5) {
            add(
                    Cause.Kind.BUSY_REPLAY,
                    0.4,
                    "replay works all the time and has " + Bytes.of(look.behindBytes()) + " to do");
        }
    }

    /** Who is to be cancelled for it is only said where it is sure: the age of a snapshot tells nothing about pins and tablespaces. */
    private static Cause conflict(StandbyLook look) {
        List<Blocker> blockers = List.of();
        String whom = "the session is gone by now";
        if (look.waitsFor("IPC/RecoveryConflictSnapshot") == 0) {
            whom = "for a page or a tablespace that a session uses, and the server does not say which";
        } else if (look.holdersDatabases() > 1) {
            whom = "sessions of several databases hold snapshots, and the server does not say in which it waits";
        } else {
            blockers = look.snapshotHolders();
            whom = worst(blockers, whom);
        }
        return new Cause(
                Cause.Kind.CONFLICTING_QUERY,
                0.9,
                "replay waits (max_standby_streaming_delay " + look.maxDelay() + "); " + whom,
                blockers);
    }

    private static String worst(List<Blocker> blockers, String none) {
        Optional<Blocker> first = blockers.stream().findFirst();
        return first.map(b -> b.words() + (blockers.size() > 1 ? ", and " + (blockers.size() - 1) + " more" : ""))
                .orElse(none);
    }

    /** Where the bytes are: not sent, under way, not on its disk. */
    private void stages() {
        LagBytes bytes = behind.replica().bytes();
        if (!behind.replica().isConnected() || bytes.replay() < NOTICEABLE || bytes.sent() < 0) {
            return;
        }
        String wait = senderWait();
        long underWay = bytes.write() < 0 ? 0 : bytes.write() - bytes.sent();
        long unflushed = bytes.flush() < 0 || bytes.write() < 0 ? 0 : bytes.flush() - bytes.write();
        if (bytes.sent() + underWay >= bytes.replay() / 2) {
            boolean waits = wait.contains("WalSenderWriteData") || wait.contains("ClientWrite");
            add(
                    Cause.Kind.NETWORK,
                    waits ? 0.88 : 0.75,
                    Bytes.of(bytes.sent()) + " not sent and " + Bytes.of(underWay) + " under way of "
                            + Bytes.of(bytes.replay()) + (waits ? "; the sender waits for the link" : "")
                            + ("catchup".equals(behind.replica().connection()) ? "; it is catching up" : ""));
        } else if (unflushed >= bytes.replay() / 2) {
            add(Cause.Kind.STANDBY_IO, 0.65, Bytes.of(unflushed) + " arrived there and is not on its disk yet");
        }
    }

    private String senderWait() {
        return primary.senders().stream()
                .filter(s ->
                        (s.slot() != null && s.slot().equals(behind.replica().slot()))
                                || s.application().equals(behind.name())
                                || primary.senders().size() == 1)
                .map(PrimaryLook.Sender::waitsFor)
                .findFirst()
                .orElse("");
    }

    private void vacuums() {
        primary.vacuums().stream()
                .filter(v -> v.forHowLong().compareTo(longVacuum) >= 0)
                .findFirst()
                .ifPresent(v -> add(
                        Cause.Kind.LONG_VACUUM,
                        0.45,
                        (v.automatic() ? "autovacuum" : "a vacuum") + " of " + v.table() + " has run for "
                                + DurationText.say(v.forHowLong()) + " (" + v.phase() + ", "
                                + (v.pages() == 0 ? 100 : v.scanned() * 100 / v.pages()) + " % of its pages), paced by "
                                + primary.costLimit().setting() + " "
                                + primary.costLimit().value()));
    }

    private void rest() {
        if (before != null && before.bytes() > behind.bytes() && behind.bytes() >= 0) {
            add(
                    Cause.Kind.CATCHING_UP,
                    0.5,
                    Bytes.of(before.bytes() - behind.bytes()) + " less than at the look before");
        } else {
            String why = behind.problem() == null ? "" : "; " + behind.problem();
            add(Cause.Kind.UNKNOWN, 0.1, "it is " + behind.words() + why);
        }
    }

    private void add(Cause.Kind kind, double likelihood, String evidence) {
        causes.add(new Cause(kind, likelihood, evidence));
    }
}

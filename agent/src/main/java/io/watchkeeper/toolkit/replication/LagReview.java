package io.watchkeeper.toolkit.replication;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicatingServer.Receiver;
import io.watchkeeper.replicas.ReplicationSlot;
import io.watchkeeper.replicas.Verdict;
import io.watchkeeper.toolkit.replication.ReplicaLag.Stage;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compares a server's replication with the limits, and says in words what is over one. */
final class LagReview {

    private final LagPlan plan;
    private final ReplicatingServer server;
    private final List<Finding> findings = new ArrayList<>();

    /** @param hint what to do; for alerts */
    private record Finding(Verdict verdict, String text, String hint) {}

    private LagReview(LagPlan plan, ReplicatingServer server) {
        this.plan = plan;
        this.server = server;
    }

    static LagResult of(ReplicatingServer server, LagPlan plan) {
        return new LagReview(plan, server).result();
    }

    private LagResult result() {
        List<ReplicaLag> replicas = server.replicas().stream()
                .filter(replica -> !plan.isExcepted(replica.name()))
                .map(this::judge)
                .toList();
        List<SlotKeep> slots = server.slots().stream()
                .filter(slot -> !plan.isExcepted(slot.name()))
                .map(this::judge)
                .toList();
        judgeDisk();
        judgeReceiver();
        judgeNumber(replicas);
        findings.sort(Comparator.comparing(Finding::verdict).reversed());
        Verdict status = findings.stream().map(Finding::verdict).reduce(Verdict.OK, Verdict::worse);
        return new LagResult(
                server,
                replicas,
                slots,
                status,
                findings.stream().map(Finding::text).toList(),
                failure());
    }

    private @Nullable OperatorException failure() {
        List<Finding> alerts =
                findings.stream().filter(f -> f.verdict == Verdict.ALERT).toList();
        return alerts.isEmpty()
                ? null
                : new OperatorException(
                        String.join("; ", alerts.stream().map(Finding::text).toList()), alerts.get(0).hint);
    }

    private ReplicaLag judge(Replica replica) {
        Verdict byTime = over(replica.seconds(), plan.warnAfter(), plan.alertAfter());
        Verdict byBytes = over(replica.bytes().replay(), plan.warnAfterBytes(), plan.alertAfterBytes());
        Verdict verdict = byTime.worse(byBytes);
        Stage stage = Stage.of(replica);
        boolean behind = replica.seconds() > 0;
        Instant since = behind
                ? server.at().minusMillis((long) (replica.seconds() * 1000)).truncatedTo(ChronoUnit.SECONDS)
                : null;
        if (verdict != Verdict.OK) {
            boolean bytesAlone = byBytes.compareTo(byTime) > 0;
            findings.add(
                    new Finding(verdict, say(replica, stage, since, limit(verdict, bytesAlone)), hint(replica, stage)));
        }
        return new ReplicaLag(replica, stage, since, verdict);
    }

    private String limit(Verdict verdict, boolean bytes) {
        boolean alert = verdict == Verdict.ALERT;
        return bytes
                ? String.valueOf(alert ? plan.alertAfterBytes() : plan.warnAfterBytes())
                : DurationText.say(alert ? plan.alertAfter() : plan.warnAfter());
    }

    private String say(Replica replica, Stage stage, @Nullable Instant since, String limit) {
        String what = (replica.kind() == Replica.Kind.LOGICAL ? "subscriber '" : "standby '") + replica.name() + "'";
        String far = since == null ? "an unknown time" : DurationText.say(lag(replica));
        String bytes =
                replica.bytes().replay() > 0 ? ", " + Bytes.of(replica.bytes().replay()) : "";
        return what + " is " + far + bytes + " behind '" + server.database() + "' (limit " + limit
                + ")" + (since == null ? "" : ", since " + since) + "; "
                + (stage == Stage.CONNECTION
                        ? "last seen at " + replica.seenAt().truncatedTo(ChronoUnit.SECONDS) + ", "
                        : "")
                + stage;
    }

    private String hint(Replica replica, Stage stage) {
        if (stage == Stage.CONNECTION) {
            return "see that the server of '" + replica.name() + "' is up and reaches '" + server.database()
                    + "': its log says why it does not. One that is gone for good: drop its slot"
                    + (replica.slot() == null ? "" : " " + replica.slot()) + ", or leave it out with except.";
        }
        return "remediateLag('" + server.database() + "') { } says what holds it up.";
    }

    private static Duration lag(Replica replica) {
        return Duration.ofMillis((long) (replica.seconds() * 1000));
    }

    private SlotKeep judge(ReplicationSlot slot) {
        Verdict verdict = over(slot.retainedBytes(), plan.warnRetaining(), plan.alertRetaining());
        if (slot.walStatus().equals("lost")) {
            verdict = Verdict.ALERT;
            findings.add(new Finding(
                    verdict,
                    "slot " + slot.name() + " of '" + server.database()
                            + "' is lost: log that its reader needs is gone",
                    "its reader has to be made anew, and the slot dropped: SELECT pg_drop_replication_slot('"
                            + slot.name() + "');"));
        } else if (slot.walStatus().equals("unreserved")) {
            verdict = verdict.worse(Verdict.WARN);
            findings.add(new Finding(
                    verdict,
                    "slot " + slot.name() + " of '" + server.database()
                            + "' keeps more than max_slot_wal_keep_size and will be lost at the next checkpoint",
                    "let its reader catch up now, or raise max_slot_wal_keep_size."));
        } else if (verdict != Verdict.OK) {
            findings.add(new Finding(verdict, say(slot), hint(slot)));
        }
        return new SlotKeep(slot, verdict);
    }

    private String say(ReplicationSlot slot) {
        Instant since = slot.inactiveSince();
        return "slot " + slot.name() + " keeps " + Bytes.of(slot.retainedBytes()) + " of log on '" + server.database()
                + "'"
                + (since == null ? "" : ", nobody reads it since " + since.truncatedTo(ChronoUnit.SECONDS));
    }

    private String hint(ReplicationSlot slot) {
        return slot.active()
                ? "its reader is slow: see why, or set max_slot_wal_keep_size to save the disk."
                : "dropLeakedSlots('" + server.database()
                        + "') { } drops slots that nobody reads; it needs inactiveFor and" + " retaining.";
    }

    private void judgeDisk() {
        Double left = server.secondsToFull();
        if (left != null && left <= plan.fullWithin().toSeconds()) {
            findings.add(
                    new Finding(
                            Verdict.ALERT,
                            "at the present rate slots fill the disk of '" + server.database() + "' within "
                                    + DurationText.say(Duration.ofSeconds(left.longValue())),
                            "drop the slot that keeps the most, or bound all of them: ALTER SYSTEM SET max_slot_wal_keep_size = '…';"));
        }
    }

    private void judgeReceiver() {
        Receiver receiver = server.receiver();
        if (server.standby() && receiver == null) {
            findings.add(new Finding(
                    Verdict.ALERT,
                    "standby '" + server.database() + "' gets no log: its WAL receiver is not running",
                    "its server's log says why; primary_conninfo leads to the server it reads from."));
        } else if (receiver != null && !plan.isExcepted(server.database())) {
            Verdict verdict = over(receiver.behindSeconds(), plan.warnAfter(), plan.alertAfter())
                    .worse(over(receiver.behindBytes(), plan.warnAfterBytes(), plan.alertAfterBytes()));
            if (verdict != Verdict.OK) {
                findings.add(
                        new Finding(
                                verdict,
                                "standby '" + server.database() + "' has "
                                        + Bytes.of(receiver.behindBytes())
                                        + " of log that it has not replayed, and replayed the last commit "
                                        + DurationText.say(
                                                Duration.ofSeconds((long) Math.max(0, receiver.behindSeconds())))
                                        + " after it was made"
                                        + (receiver.paused() ? "; somebody has paused replay" : ""),
                                receiver.paused()
                                        ? "SELECT pg_wal_replay_resume(); there."
                                        : "see what replay waits for: select * from pg_stat_activity where backend_type = 'startup';"));
            }
        }
    }

    private void judgeNumber(List<ReplicaLag> replicas) {
        long connected = replicas.stream().filter(ReplicaLag::isConnected).count();
        if (connected < plan.standbys()) {
            findings.add(new Finding(
                    Verdict.ALERT,
                    connected + " of at least " + plan.standbys() + " standbys get the log of '" + server.database()
                            + "'",
                    "see that the missing ones are up and reach it; or change 'standbys'."));
        }
    }

    private static Verdict over(double value, Duration warn, Duration alert) {
        double seconds = value;
        return seconds >= alert.toMillis() / 1000.0
                ? Verdict.ALERT
                : seconds >= warn.toMillis() / 1000.0 ? Verdict.WARN : Verdict.OK;
    }

    private static Verdict over(long value, @Nullable Bytes warn, @Nullable Bytes alert) {
        return alert != null && value >= alert.count()
                ? Verdict.ALERT
                : warn != null && value >= warn.count() ? Verdict.WARN : Verdict.OK;
    }
}

package io.watchkeeper.doctor;

import io.watchkeeper.audit.AuditDamage;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Reads the whole audit trail and says whether it is as it was written. */
final class AuditCheck implements HealthCheck {

    /** A running agent leaves an anchor every hour. */
    private static final Duration ANCHOR_GETS_OLD = Duration.ofDays(2);

    private static final long LARGE = 2L << 30;

    private final Supplier<Optional<AuditSummary>> trail;
    private final Clock clock;

    /** @param trail empty where there is no store yet */
    AuditCheck(Supplier<Optional<AuditSummary>> trail, Clock clock) {
        this.trail = trail;
        this.clock = clock;
    }

    @Override
    public String subject() {
        return "audit";
    }

    @Override
    public List<Finding> examine() {
        return trail.get().map(this::findings).orElseGet(() -> List.of(Finding.green(subject(), "no entries yet")));
    }

    private List<Finding> findings(AuditSummary summary) {
        AuditDamage damage = summary.verdict().damage();
        if (damage != null) {
            return List.of(Finding.red(
                    subject(),
                    "the audit trail is damaged: " + damage.message(),
                    "keep a copy of the store, then see 'watchkeeper audit verify'."));
        }
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.green(subject(), words(summary)));
        Instant anchored = summary.anchoredAt();
        if (summary.verdict().entries() > 0
                && (anchored == null || anchored.isBefore(clock.instant().minus(ANCHOR_GETS_OLD)))) {
            findings.add(Finding.amber(
                    subject(),
                    anchored == null
                            ? "there is no anchor beside the store, so that nobody would see entries cut off at the end"
                            : "the newest anchor is " + ago(anchored)
                                    + " old: what was added since could be cut off unseen",
                    "a running agent leaves one every hour: is it running?"));
        }
        if (summary.bytes() > LARGE && summary.keep() == null) {
            findings.add(Finding.amber(
                    subject(),
                    "the audit trail takes " + Bytes.of(summary.bytes()) + " and nothing of it ever goes",
                    "history.keepAudit lets old entries go; 'watchkeeper audit export' keeps them elsewhere."));
        }
        return findings;
    }

    private String words(AuditSummary summary) {
        long entries = summary.verdict().entries();
        Instant oldest = summary.oldest();
        Instant anchored = summary.anchoredAt();
        return (entries == 1 ? "1 entry" : entries + " entries")
                + (oldest == null ? "" : " since " + oldest)
                + ", " + Bytes.of(summary.bytes()) + ", verified just now"
                + (anchored == null ? "" : ", newest anchor " + ago(anchored) + " old")
                + (summary.keep() == null ? "" : ", kept for " + DurationText.say(summary.keep()));
    }

    private String ago(Instant then) {
        Duration age = Duration.between(then, clock.instant());
        return DurationText.say(Duration.ofSeconds(Math.max(0, age.toSeconds())));
    }

    @Override
    public Finding.Level whenSilent() {
        return Finding.Level.AMBER;
    }
}

package io.watchkeeper.history;

import io.watchkeeper.audit.Anchor;
import io.watchkeeper.audit.Audit;
import io.watchkeeper.audit.AuditDamage;
import io.watchkeeper.audit.AuditEntry;
import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.audit.AuditQuery;
import io.watchkeeper.audit.AuditSearch;
import io.watchkeeper.audit.AuditState;
import io.watchkeeper.audit.AuditVerdict;
import io.watchkeeper.history.AuditExpiry.Cut;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who did what on this host, in the store's table {@code audit}. Each entry carries the hash of the one before, so that nothing
 * in the middle can be changed without a trace; that nothing is cut off at the end, anchors show: the head's position and hash,
 * written to the log, to {@code <state>/audit-anchor}, and shown as a metric. Several processes add to one trail.
 */
public final class AuditTrail implements Audit, AuditSearch {

    private static final Logger LOG = LoggerFactory.getLogger(AuditTrail.class);

    private static final int PAGE = 1_000;

    private final HistoryFile file;
    private final AnchorFile anchorFile;
    private final String host;
    private final Clock clock;

    private final OwnEntries own;

    /** Guarded by this, as what follows. */
    private @Nullable Anchor checked;

    private @Nullable Instant checkedAt;
    private @Nullable AuditDamage damage;

    /** Held while the trail is verified or cut, so that nothing goes of what a verification has begun with. */
    private final Object verifying = new Object();

    AuditTrail(HistoryFile file, Path state, String host, Clock clock) {
        this.file = file;
        this.anchorFile = new AnchorFile(state);
        this.host = host;
        this.clock = clock;
        this.own = new OwnEntries(clock);
    }

    /** Another process may let older entries expire, and this one does not miss them then. @param age null for never */
    public AuditTrail whichKeeps(@Nullable Duration age) {
        own.mayExpireAfter(age);
        return this;
    }

    @Override
    public void record(AuditEvent event) {
        recordAll(List.of(event));
    }

    /** In one transaction. */
    @Override
    public void recordAll(List<AuditEvent> events) {
        if (events.isEmpty()) {
            return;
        }
        OwnEntries.Known known = own.newest();
        Written written = file.write(connection -> append(connection, events, known));
        if (own.add(written.newest(), written.entries(), written.damaged())) {
            anchor();
        }
    }

    /**
     * What came of a transaction.
     *
     * @param newest the last of the entries
     * @param entries how many there were
     * @param damaged whether the entry that this process knew of was not there any more
     */
    private record Written(Anchor newest, int entries, boolean damaged) {}

    /** This process knows of an entry that must still be there; that it is not goes on record, too, before what comes after. */
    private Written append(Connection connection, List<AuditEvent> events, OwnEntries.@Nullable Known known)
            throws SQLException {
        boolean damaged = false;
        if (known != null && own.misses(connection, known)) {
            damaged = true;
            Anchor missing = known.entry();
            LOG.error("entry {} of the audit trail was recorded by this process, and is gone or changed", missing);
            AuditEvent found = new AuditEvent(
                    "agent", "store", "audit.damaged", "audit", "failed", Map.of("missing", missing.toString()));
            AuditRows.appendOwn(connection, found, host, clock.instant());
        }
        Anchor last = null;
        for (AuditEvent event : events) {
            last = AuditRows.append(connection, event, host, clock.instant());
        }
        return new Written(Objects.requireNonNull(last), events.size(), damaged);
    }

    /** Writes the head's position and hash to the log and to the file beside the store. A failure is logged: what was done is on record. */
    public void anchor() {
        try {
            var unused = anchored();
        } catch (OperatorException e) {
            LOG.warn("no anchor of the audit trail: {}", e.getMessage());
        }
    }

    /** @return whether the file has the head now; not when the trail contradicts what it had: the evidence stays */
    private boolean anchored() {
        synchronized (anchorFile) {
            Optional<Anchor> before = anchorFile.read();
            Optional<Anchor> head = file.read(AuditRows::head);
            if (before.isPresent() && !file.read(connection -> OwnEntries.isThere(connection, before.get()))) {
                LOG.error(
                        "the audit trail does not fit the anchor {} in {}: 'watchkeeper audit verify' says more",
                        before.get(),
                        anchorFile);
                return false;
            }
            if (head.isPresent() && !head.equals(before)) {
                LOG.info("audit anchor {}", head.get());
                anchorFile.write(head.get());
            }
            return true;
        }
    }

    /**
     * Reads the whole trail.
     *
     * @param anchors by where they were kept; that in the file beside the store is always among them
     */
    public AuditVerdict verify(List<Map.Entry<String, Anchor>> anchors) {
        List<Map.Entry<String, Anchor>> own = anchorFile.read().stream()
                .map(anchor -> Map.entry(anchorFile.toString(), anchor))
                .toList();
        return AuditVerification.whole(file, anchors, own);
    }

    /** Verifies what came since the last time, all of it the first time, and keeps what it found for {@link #state}. */
    public void check() {
        synchronized (verifying) {
            Anchor known;
            synchronized (this) {
                if (damage != null) {
                    return; // It does not heal.
                }
                known = checked;
            }
            AuditVerdict verdict = known == null ? verify(List.of()) : AuditVerification.since(file, known);
            synchronized (this) {
                checked = verdict.head();
                checkedAt = clock.instant();
                damage = verdict.damage();
            }
            if (verdict.damage() != null) {
                LOG.error("the audit trail is damaged: {}", verdict.damage().message());
            }
        }
    }

    @Override
    public List<AuditEntry> find(AuditQuery query) {
        return file.read(connection -> AuditRows.find(connection, query)).stream()
                .map(AuditRows.Row::read)
                .toList();
    }

    @Override
    public Optional<AuditEntry> newest(String subject, List<String> actions) {
        return file.read(connection -> AuditRows.newest(connection, subject, actions))
                .map(AuditRows.Row::read);
    }

    @Override
    public Set<String> subjects(String actionPrefix) {
        return file.read(connection -> AuditRows.subjects(connection, actionPrefix));
    }

    /** Gives every entry of the time or later, oldest first. @param since null for all */
    public void export(@Nullable Instant since, Consumer<AuditEntry> each) {
        long position = 0;
        while (true) {
            List<AuditEntry> page = after(position, PAGE);
            if (page.isEmpty()) {
                return;
            }
            for (AuditEntry entry : page) {
                if (since == null || !entry.at().isBefore(since)) {
                    each.accept(entry);
                }
                position = entry.position();
            }
        }
    }

    /** The entries after the position, oldest first. */
    public List<AuditEntry> after(long position, int limit) {
        return file.read(connection -> AuditRows.after(connection, position, limit)).stream()
                .map(AuditRows.Row::read)
                .toList();
    }

    /** What the entries take in the store, about. */
    public long bytes() {
        return file.read(AuditRows::bytes);
    }

    /** When the anchor beside the store was written; empty for none. */
    public Optional<Instant> anchoredAt() {
        return anchorFile.writtenAt();
    }

    @Override
    public AuditState state() {
        Anchor head = file.read(AuditRows::head).orElse(null);
        synchronized (this) {
            return new AuditState(head, own.recorded(), checked == null ? 0 : checked.position(), checkedAt, damage);
        }
    }

    /**
     * Cuts off entries that are older. The last entry that goes leaves its position and hash in a new one, so that the rest can
     * still be verified from there. Nothing goes from a trail that is damaged.
     *
     * @return how many entries went
     */
    public long expire(Duration age) {
        String before = StoredText.of(clock.instant().minus(age));
        synchronized (verifying) {
            long gone = 0;
            while (true) {
                Optional<Anchor> kept = movedOn();
                if (kept.isEmpty()) {
                    return gone;
                }
                Optional<Cut> cut = file.write(
                        connection -> AuditExpiry.cut(connection, before, kept.get(), host, clock.instant()));
                if (cut.isPresent()) {
                    own.moveOn(cut.get().checkpoint());
                    anchor();
                    gone += cut.get().entries();
                }
                if (cut.isEmpty() || cut.get().entries() < AuditExpiry.AT_ONCE) {
                    return gone;
                }
            }
        }
    }

    /**
     * Verifies the trail, and takes care that this process and the file beside the store know nothing older than what is kept:
     * then nothing they know is missed, also when the process dies right after the cut.
     *
     * @return the entry that must stay; empty for a trail without entries
     * @throws OperatorException for a trail from which nothing may go
     */
    private Optional<Anchor> movedOn() {
        check();
        Anchor head;
        AuditDamage found;
        synchronized (this) {
            head = checked;
            found = damage;
        }
        if (found != null || !anchored()) {
            throw new OperatorException(
                    "the audit trail is damaged, so nothing of it is expired"
                            + (found == null ? "" : ": " + found.message()),
                    "keep a copy of the store, then see 'watchkeeper audit verify'.");
        }
        if (head != null) {
            own.moveOn(head);
        }
        return Optional.ofNullable(head);
    }
}

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
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
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

    /** After so many entries of this process comes an anchor, however little time has passed. */
    private static final int ANCHOR_EVERY = 100;

    private static final int EXPIRED_AT_ONCE = 10_000;
    private static final int PAGE = 1_000;

    private final HistoryFile file;
    private final AnchorFile anchorFile;
    private final String host;
    private final Clock clock;

    /** The newest entry of this process; guarded by this. */
    private @Nullable Anchor newest;

    private long recorded;
    private int sinceAnchor;
    private @Nullable Anchor checked;
    private @Nullable Instant checkedAt;
    private @Nullable AuditDamage damage;

    AuditTrail(HistoryFile file, Path state, String host, Clock clock) {
        this.file = file;
        this.anchorFile = new AnchorFile(state);
        this.host = host;
        this.clock = clock;
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
        Anchor known = newest();
        Written written = file.write(connection -> append(connection, events, known));
        if (recorded(written)) {
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
    private Written append(Connection connection, List<AuditEvent> events, @Nullable Anchor known) throws SQLException {
        boolean damaged = known != null && !isThere(connection, known);
        if (damaged) {
            LOG.error("entry {} of the audit trail was recorded by this process, and is gone or changed", known);
            AuditEvent found = new AuditEvent(
                    "agent", "store", "audit.damaged", "audit", "failed", Map.of("missing", String.valueOf(known)));
            AuditRows.appendOwn(connection, found, host, clock.instant());
        }
        Anchor last = null;
        for (AuditEvent event : events) {
            last = AuditRows.append(connection, event, host, clock.instant());
        }
        return new Written(Objects.requireNonNull(last), events.size(), damaged);
    }

    /** An entry that another process has let expire counts as there. */
    private static boolean isThere(Connection connection, Anchor entry) throws SQLException {
        Optional<String> hash = AuditRows.hashAt(connection, entry.position());
        if (hash.isPresent()) {
            return entry.isOf(hash.get());
        }
        return AuditRows.oldest(connection)
                .filter(oldest -> entry.position() < oldest.position())
                .isPresent();
    }

    private synchronized @Nullable Anchor newest() {
        return newest;
    }

    /** @return whether it is time for an anchor */
    private synchronized boolean recorded(Written written) {
        if (newest == null || written.damaged() || written.newest().position() > newest.position()) {
            newest = written.newest();
        }
        recorded += written.entries();
        sinceAnchor += written.entries();
        if (sinceAnchor < ANCHOR_EVERY) {
            return false;
        }
        sinceAnchor = 0;
        return true;
    }

    /** Writes the head's position and hash to the log and to the file beside the store. A failure is logged: what was done is on record. */
    public void anchor() {
        try {
            Optional<Anchor> before = anchorFile.read();
            Optional<Anchor> head = file.read(AuditRows::head);
            if (before.isPresent() && !file.read(connection -> isThere(connection, before.get()))) {
                // The evidence stays.
                LOG.error(
                        "the audit trail does not fit the anchor {} in {}: 'watchkeeper audit verify' says more",
                        before.get(),
                        anchorFile);
                return;
            }
            if (head.isPresent() && !head.equals(before)) {
                LOG.info("audit anchor {}", head.get());
                anchorFile.write(head.get());
            }
        } catch (OperatorException e) {
            LOG.warn("no anchor of the audit trail: {}", e.getMessage());
        }
    }

    /**
     * Reads the whole trail.
     *
     * @param anchors by where they were kept; that in the file beside the store is always among them
     */
    public AuditVerdict verify(List<Map.Entry<String, Anchor>> anchors) {
        List<Map.Entry<String, Anchor>> all = new ArrayList<>(anchors);
        anchorFile.read().ifPresent(anchor -> all.add(new SimpleImmutableEntry<>(anchorFile.toString(), anchor)));
        return AuditVerification.whole(file, all);
    }

    /** Verifies what came since the last time, all of it the first time, and keeps what it found for {@link #state}. */
    public void check() {
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

    @Override
    public AuditState state() {
        Anchor head = file.read(AuditRows::head).orElse(null);
        synchronized (this) {
            return new AuditState(head, recorded, checked == null ? 0 : checked.position(), checkedAt, damage);
        }
    }

    /**
     * Cuts off entries that are older. The last entry that goes leaves its position and hash in a new one, so that the rest can
     * still be verified from there. Nothing goes from a trail that is damaged.
     *
     * @return how many entries went
     */
    public long expire(Duration age) {
        check();
        synchronized (this) {
            if (damage != null) {
                throw new OperatorException(
                        "the audit trail is damaged, so nothing of it is expired: " + damage.message(),
                        "keep a copy of the store, then see 'watchkeeper audit verify'.");
            }
        }
        String before = StoredText.of(clock.instant().minus(age));
        long gone = 0;
        while (true) {
            long cut = file.write(connection -> cut(connection, before));
            gone += cut;
            if (cut < EXPIRED_AT_ONCE) {
                return gone;
            }
        }
    }

    /** One transaction: a process that dies in it leaves all entries, one that dies after it the checkpoint. */
    private long cut(Connection connection, String before) throws SQLException {
        List<AuditRows.Row> old = AuditRows.after(connection, 0, EXPIRED_AT_ONCE);
        long newestPosition = AuditRows.head(connection).map(Anchor::position).orElse(0L);
        AuditRows.Row last = null;
        for (AuditRows.Row row : old) {
            if (row.at().compareTo(before) >= 0 || row.position() == newestPosition) {
                break;
            }
            last = row;
        }
        if (last == null) {
            return 0;
        }
        long first = old.get(0).position();
        Map<String, Object> details = Map.of(
                "firstPosition", first, "lastPosition", last.position(), "lastHash", last.hash(), "olderThan", before);
        AuditEvent checkpoint = new AuditEvent("agent", "schedule", AuditVerification.EXPIRED, "audit", "ok", details);
        AuditRows.appendOwn(connection, checkpoint, host, clock.instant());
        try (PreparedStatement delete = connection.prepareStatement("delete from audit where position <= ?")) {
            delete.setLong(1, last.position());
            return delete.executeUpdate();
        }
    }
}

package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.ServerState;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops slots that died with the agent that was making or ending a subscription, because they keep log on the source's disk for
 * ever. What a living agent works on is not touched, and nothing is made where none ever was.
 */
public final class StreamSweep {

    private static final Logger LOG = LoggerFactory.getLogger(StreamSweep.class);
    private static final Work WORK = Work.unattended("watchkeeper sweep");
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Map<String, Database> databases;

    public StreamSweep(Collection<Database> databases) {
        this.databases = databases.stream().collect(Collectors.toMap(Database::name, Function.identity()));
    }

    /** Sweeps all databases. A failure is logged and stops nothing: the next sweep tries again. */
    public void sweep() {
        for (Database target : databases.values()) {
            try {
                sweep(target);
            } catch (SQLException | RuntimeException e) {
                LOG.info(
                        "slots that subscriptions of '{}' left are looked for later: {}",
                        target.name(),
                        e.getMessage());
            }
        }
    }

    private void sweep(Database target) throws SQLException {
        Optional<Session> free = target.tryOpen(WORK, PATIENCE);
        if (free.isEmpty()) {
            return;
        }
        try (Session session = free.get()) {
            Optional<StreamLedger> ledger = StreamLedger.ifThere(session);
            if (ledger.isEmpty()
                    || session.one(
                            "select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean",
                            row -> row.getBoolean(1))) {
                return;
            }
            List<StreamRecord> left =
                    ledger.get().all().stream().filter(StreamRecord::leavesSlot).toList();
            for (StreamRecord record : left) {
                if (ledger.get().takeTurn(record.name())) {
                    forget(ledger.get(), record.name());
                    ledger.get().giveTurnBack(record.name());
                }
            }
        }
    }

    /** Read again: it may have become a subscription before its owner let go. */
    private void forget(StreamLedger ledger, String name) throws SQLException {
        StreamRecord record = ledger.find(name).filter(StreamRecord::leavesSlot).orElse(null);
        Database source = record == null ? null : databases.get(record.source());
        if (record == null || source == null) {
            return;
        }
        try (Session from = source.open(WORK)) {
            String system = ServerState.read(from).systemIdentifier();
            if (HandBack.dropSlot(ledger, record, from, system)) {
                LOG.info("dropped slot {} of '{}', which nobody would have read", record.slot(), source.name());
            }
        }
    }
}

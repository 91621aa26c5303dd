package io.watchkeeper;

import io.watchkeeper.audit.AuditEntry;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.doctor.AuditSummary;
import io.watchkeeper.history.AuditTrail;
import io.watchkeeper.history.RunHistory;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** Reads the audit trail of a host for the doctor, whether an agent runs or not; changes nothing. */
final class AuditLook {

    private AuditLook() {}

    /** Empty where there is no store yet. @throws io.watchkeeper.problem.OperatorException when the store cannot be read */
    static Optional<AuditSummary> at(AgentConfig config, Clock clock) {
        if (!Files.exists(config.state().resolve("watchkeeper.db"))) {
            return Optional.empty();
        }
        try (RunHistory history = RunHistory.openForReading(config.state(), clock)) {
            AuditTrail trail = history.audit(config.host().name());
            List<AuditEntry> first = trail.after(0, 1);
            return Optional.of(new AuditSummary(
                    trail.verify(List.of()),
                    first.isEmpty() ? null : first.get(0).at(),
                    trail.bytes(),
                    trail.anchoredAt().orElse(null),
                    config.history().keepAudit()));
        }
    }
}

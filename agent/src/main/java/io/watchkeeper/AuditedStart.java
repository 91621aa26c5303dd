package io.watchkeeper;

import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.files.FileDigest;
import io.watchkeeper.history.AuditTrail;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.replicas.RemedyEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts on record that the agent has started, with which configuration, what it does by itself, and that it has stopped. */
final class AuditedStart {

    private static final Logger LOG = LoggerFactory.getLogger(AuditedStart.class);

    private final AgentConfig config;
    private final AuditTrail audit;

    private AuditedStart(AgentConfig config, AuditTrail audit) {
        this.config = config;
        this.audit = audit;
    }

    /** @throws OperatorException when it cannot be recorded: an agent that keeps no record does nothing */
    static AuditedStart of(AgentConfig config, AuditTrail audit) {
        AuditedStart start = new AuditedStart(config, audit);
        String user = "user:" + System.getProperty("user.name", "?");
        audit.record(new AuditEvent(
                user,
                "host",
                "agent.started",
                config.host().name(),
                "ok",
                Map.of(
                        "version",
                        Agent.version(),
                        "pid",
                        ProcessHandle.current().pid())));
        audit.record(new AuditEvent(
                "agent", "filesystem", "config.loaded", config.file().toString(), "ok", start.configuration()));
        audit.anchor();
        return start;
    }

    private Map<String, Object> configuration() {
        Map<String, Object> details = new HashMap<>();
        String file = config.file().toString();
        String digest = digest();
        details.put("sha256", digest);
        audit.newest(file, List.of("config.loaded"))
                .map(entry -> String.valueOf(entry.details().get("sha256")))
                .filter(before -> !before.equals(digest))
                .ifPresent(before -> details.put("before", before));
        return details;
    }

    private String digest() {
        try {
            return FileDigest.of(config.file());
        } catch (IOException e) {
            return "none";
        }
    }

    /** @param event of taking back what a run that died had left behind */
    void reverted(RemedyEvent event) {
        Map<String, Object> details = Map.of("replica", event.replica(), "text", event.text());
        audit.record(new AuditEvent("agent", "schedule", "remedy.reverted", event.database(), "ok", details));
    }

    /** From time to time: verifies what is new, leaves an anchor, and lets go what is too old. */
    void look() {
        try {
            audit.check();
            audit.anchor();
            expire();
        } catch (OperatorException e) {
            LOG.warn("looking at the audit trail failed: {}", e.getMessage());
        }
    }

    private void expire() {
        Duration keep = config.history().keepAudit();
        if (keep != null) {
            long gone = audit.expire(keep);
            if (gone > 0) {
                LOG.info("{} entries of the audit trail older than {} days expired", gone, keep.toDays());
            }
        }
    }

    /** An agent that was killed has none: its next start says the rest. */
    void stopped() {
        try {
            audit.record(AuditEvent.of(
                    "agent", "host", "agent.stopped", config.host().name(), "ok"));
        } catch (OperatorException e) {
            LOG.warn("that the agent has stopped cannot be recorded: {}", e.getMessage());
        }
    }
}

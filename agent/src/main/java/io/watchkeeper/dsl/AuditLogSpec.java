package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.settings.AuditLogPlan;
import io.watchkeeper.toolkit.settings.LogPlan;
import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@code auditLog('shore') { … }} */
@Block(
        name = "auditLog",
        value = "How much of the server's log is searched for what pgaudit wrote.",
        words = {"file", "firstLook", "atMost", "reportOnly"})
public final class AuditLogSpec extends ReviewSpec {

    private final TextChecks texts;
    private @Nullable Path file;
    private Duration firstLook = LogPlan.FIRST_LOOK;
    private Bytes atMost = LogPlan.AT_MOST;

    AuditLogSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(
            value = "Where the log is on this host, for a server that does not collect its log itself.",
            example = "file '/var/log/postgresql/postgresql-15-main.log'",
            byDefault = "where the server says it is")
    public void file(@Checked(TextKind.PATH) String path) {
        file = Path.of(texts.require(TextKind.PATH, path));
    }

    @Word(
            value = "How far back the first look goes. Each later one goes back to the one before it.",
            example = "firstLook 7.days",
            byDefault = "24.hours")
    public void firstLook(Duration back) {
        firstLook = back;
    }

    @Word(
            value = "So much is read in one look; of more, the newest.",
            example = "atMost 16.megabytes",
            byDefault = "64.megabytes")
    public void atMost(Bytes size) {
        atMost = size;
    }

    /** @param keeps whether the next look begins where this one ends */
    AuditLogPlan plan(String runbook, String run, boolean keeps) {
        return new AuditLogPlan(runbook, run, file, firstLook, atMost, keeps);
    }
}

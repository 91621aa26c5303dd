package io.watchkeeper.cli;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.history.AuditTrail;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.DurationText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The audit trail of this host, read from the store itself, whether an agent runs or not. Reading changes nothing. */
final class StoredAudit {

    private StoredAudit() {}

    static <T> T read(Invocation invocation, Function<AuditTrail, T> question) {
        AgentConfig config = invocation.config();
        Path store = config.state().resolve("watchkeeper.db");
        if (!Files.exists(store)) {
            throw new OperatorException(
                    "there is no store " + store + ", so there is no audit trail",
                    Files.exists(config.state().resolve("audit-anchor"))
                            ? config.state().resolve("audit-anchor")
                                    + " says that there was one: look who removed the store, and for a copy of it."
                            : "it begins with the first start of the agent, or the first 'watchkeeper run'.");
        }
        try (RunHistory history = RunHistory.openForReading(config.state(), invocation.clock())) {
            return question.apply(history.audit(config.host().name()));
        }
    }

    /** A point in time as people give it: a date, an instant, or how long ago. */
    static @Nullable Instant time(String option, @Nullable String text, Clock clock) {
        if (text == null) {
            return null;
        }
        Optional<Instant> ago = DurationText.parse(text).map(clock.instant()::minus);
        return ago.or(() -> instant(text))
                .or(() -> date(text, clock.getZone()))
                .orElseThrow(() -> new UsageException(
                        option + " is '" + text + "', which is no time",
                        "write 2026-11-30, 2026-11-30T12:00:00Z, or how long ago: 7d."));
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> date(String text, ZoneId zone) {
        try {
            return Optional.of(LocalDate.parse(text).atStartOfDay(zone).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}

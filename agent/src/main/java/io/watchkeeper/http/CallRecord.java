package io.watchkeeper.http;

import io.javalin.http.Context;
import io.watchkeeper.audit.Audit;
import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.problem.OperatorException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts on the record who asked for a change, and who was refused. Entries stay for ever, so that a stranger must not be able to
 * write as many as he likes: of one kind of refusal an address gets one a minute, all addresses together sixty; the next one
 * says how many were left out.
 */
final class CallRecord {

    private static final Logger LOG = LoggerFactory.getLogger(CallRecord.class);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int MOST_A_MINUTE = 60;
    private static final int LONGEST_SUBJECT = 200;

    /** What a refusal is told by. */
    private static final Set<Integer> REFUSALS = Set.of(401, 403, 429);

    private static final class Told {
        private final Map<Integer, Instant> at = new LinkedHashMap<>();
        private long leftOut;
    }

    private final Audit audit;
    private final Clock clock;
    private final Neighbourhood<Told> told = new Neighbourhood<>(Told::new);
    private Instant minute = Instant.EPOCH;
    private int inThisMinute;
    private long leftOut;

    CallRecord(Audit audit, Clock clock) {
        this.audit = audit;
        this.clock = clock;
    }

    /** A change is asked for by somebody who may. @throws OperatorException when it cannot be recorded; then it must not be done */
    void admitted(Context ctx, Caller caller) {
        audit.record(new AuditEvent(
                caller.name(),
                caller.from(),
                "call.admitted",
                subject(ctx),
                "ok",
                Map.of("requestId", RequestId.of(ctx))));
        LOG.info("{} by {} from {}, request {}", subject(ctx), caller.name(), caller.from(), RequestId.of(ctx));
    }

    /** Records refusals, and nothing of other errors. It stays a refusal when it cannot be recorded. */
    void refused(Context ctx, ApiException why) {
        if (!REFUSALS.contains(why.status())) {
            return;
        }
        String actor = Caller.find(ctx).map(Caller::name).orElse("anybody");
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("status", why.status());
        details.put("why", String.valueOf(why.getMessage()));
        details.put("requestId", RequestId.of(ctx));
        write(ctx.ip(), why.status(), actor, "access.refused", subject(ctx), details);
    }

    /** The address is not listened to for so long. */
    void locked(Context ctx, Duration pause) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("seconds", pause.toSeconds());
        details.put("requestId", RequestId.of(ctx));
        write(ctx.ip(), 0, "anybody", "access.locked", ctx.ip(), details);
    }

    private void write(
            String from, int kind, String actor, String action, String subject, Map<String, Object> details) {
        long before = missed(from, kind);
        if (before < 0) {
            return;
        }
        if (before > 0) {
            details.put("leftOutBefore", before);
        }
        LOG.warn("{} {} from {}: {}", action, subject, from, details);
        try {
            audit.record(new AuditEvent(actor, from, action, subject, "refused", details));
        } catch (OperatorException e) {
            LOG.error("a refusal could not be recorded: {}", e.getMessage());
        }
    }

    /** How many were left out since the last one that was told; negative when this one is left out, too. */
    private synchronized long missed(String from, int kind) {
        Instant now = clock.instant();
        if (!now.isBefore(minute.plus(MINUTE))) {
            minute = now;
            inThisMinute = 0;
        }
        Told of = told.at(from);
        Instant last = of.at.get(kind);
        if (last != null && now.isBefore(last.plus(MINUTE))) {
            of.leftOut++;
            return -1;
        }
        if (inThisMinute >= MOST_A_MINUTE) {
            leftOut++;
            return -1;
        }
        inThisMinute++;
        of.at.put(kind, now);
        long before = of.leftOut + leftOut;
        of.leftOut = 0;
        leftOut = 0;
        return before;
    }

    /** Only what was asked: a query might hold anything. */
    private static String subject(Context ctx) {
        String subject = ctx.method().name() + " " + ctx.path();
        String safe = subject.replaceAll("[\\p{Cntrl}]", "?");
        return safe.length() <= LONGEST_SUBJECT ? safe : safe.substring(0, LONGEST_SUBJECT) + "…";
    }
}

package io.watchkeeper.http;

import io.javalin.http.Context;
import io.watchkeeper.audit.Audit;
import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.units.Secret;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts on the record who asked for a change, who signed in, and who was refused. Entries stay for ever, so that a stranger, or
 * somebody who may only read, must not be able to write as many as he likes: those of refusals and of signing in are counted out
 * by an {@link Allowance}, and written by a thread of their own: a store that is locked would hold every thread that refuses.
 */
final class CallRecord implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CallRecord.class);
    private static final int LONGEST_SUBJECT = 200;

    /** So many entries wait for the store. */
    private static final int MOST_WAITING = 200;

    private static final Duration FAREWELL = Duration.ofSeconds(2);

    /** What a refusal is told by. */
    private static final Set<Integer> REFUSALS = Set.of(401, 403, 429);

    private final Audit audit;
    private final Allowance refusals;
    private final Allowance signIns;
    private final ExecutorService writer = new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), CallRecord::thread);

    /** @param nanos as {@link System#nanoTime} */
    CallRecord(Audit audit, LongSupplier nanos) {
        this.audit = audit;
        this.refusals = new Allowance(nanos);
        this.signIns = new Allowance(nanos);
    }

    /** A change is asked for by somebody who may. @throws OperatorException when it cannot be recorded; then it must not be done */
    void admitted(Context ctx, Caller caller) {
        audit.record(admission(ctx, caller, Map.of("requestId", RequestId.of(ctx))));
        LOG.info("{} by {} from {}, request {}", subject(ctx), caller.name(), caller.from(), RequestId.of(ctx));
    }

    /**
     * A run is to be stopped by somebody who may. It is stopped also when that cannot be recorded: with a full disk, stopping what
     * fills it may be the way out.
     */
    void cancelling(Context ctx, Caller caller) {
        try {
            admitted(ctx, caller);
        } catch (OperatorException e) {
            LOG.error(
                    "{} by {} from {}, request {}, could not be recorded: {}",
                    subject(ctx),
                    caller.name(),
                    caller.from(),
                    RequestId.of(ctx),
                    e.getMessage());
        }
    }

    /** A run was told to stop. It stops also when that cannot be recorded, and then the log says who did it. */
    void cancelled(Context ctx, Caller caller, RunOutcome run) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("runId", run.runId());
        details.put("runbook", run.runbook());
        details.put("requestId", RequestId.of(ctx));
        write(new AuditEvent(caller.name(), caller.from(), "run.cancelled", run.runId(), "ok", details));
    }

    /** Somebody signs in to the page, which changes nothing: so it needs no record to be done, and not each time one. */
    void signedIn(Context ctx, Caller caller) {
        OptionalLong before = signIns.take(caller.from(), caller.name());
        if (before.isEmpty()) {
            return;
        }
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("requestId", RequestId.of(ctx));
        noteLeftOut(details, before.getAsLong());
        LOG.info("{} signs in from {}, request {}", caller.name(), caller.from(), RequestId.of(ctx));
        append(admission(ctx, caller, details));
    }

    private static AuditEvent admission(Context ctx, Caller caller, Map<String, Object> details) {
        return new AuditEvent(caller.name(), caller.from(), "call.admitted", subject(ctx), "ok", details);
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
        OptionalLong before = refusals.take(from, Integer.toString(kind));
        if (before.isEmpty()) {
            return;
        }
        noteLeftOut(details, before.getAsLong());
        LOG.warn("{} {} from {}: {}", action, subject, from, details);
        append(new AuditEvent(actor, from, action, subject, "refused", details));
    }

    private static void noteLeftOut(Map<String, Object> details, long before) {
        if (before > 0) {
            details.put("leftOutBefore", before);
        }
    }

    /** What comes of the call does not hang on it, and nobody waits for it. What is not written when the process dies is in the log only. */
    private void append(AuditEvent event) {
        try {
            writer.execute(() -> write(event));
        } catch (RejectedExecutionException e) {
            LOG.error("{} {} is not recorded: the store is too slow", event.action(), event.subject());
        }
    }

    private void write(AuditEvent event) {
        try {
            audit.record(event);
        } catch (RuntimeException e) {
            LOG.error("{} {} could not be recorded: {}", event.action(), event.subject(), e.getMessage());
        }
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "http-record");
        thread.setDaemon(true);
        return thread;
    }

    /** Writes what waits still, unless the store takes too long. */
    @Override
    public void close() {
        writer.shutdown();
        try {
            if (!writer.awaitTermination(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn(
                        "{} refusals are not recorded: the store is too slow",
                        writer.shutdownNow().size());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Only what was asked: a query might hold anything. */
    private static String subject(Context ctx) {
        String subject = ctx.method().name() + " " + withoutSecrets(ctx.path());
        String safe = subject.replaceAll("[\\p{Cntrl}]", "?");
        return safe.length() <= LONGEST_SUBJECT ? safe : safe.substring(0, LONGEST_SUBJECT) + "…";
    }

    /** A secret in an address is not seen behind the percent signs; what is cut off later might no more look like one. */
    private static String withoutSecrets(String path) {
        String decoded;
        try {
            decoded = URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return Secret.redact(path);
        }
        String safe = Secret.redact(decoded);
        return safe.equals(decoded) ? Secret.redact(path) : safe;
    }
}

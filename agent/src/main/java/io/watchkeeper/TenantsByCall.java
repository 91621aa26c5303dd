package io.watchkeeper;

import io.watchkeeper.dsl.MetaTools;
import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.http.TenantMaker;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.toolkit.tenant.TenantCreation;
import io.watchkeeper.toolkit.tenant.TenantLedger;
import io.watchkeeper.toolkit.tenant.TenantTaken;
import io.watchkeeper.toolkit.tenant.TenantWish;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The tenants that are asked for over HTTP. What was done is known to the database, also after a restart; what is being done is kept here,
 * so that the same wish sent twice at the same moment is one run.
 */
final class TenantsByCall implements TenantMaker {

    /** So many calls ask the database at once, whose silence must not take the threads that other requests need. */
    private static final int ASKING = 4;

    private static final int REMEMBERED = 1_000;

    private final DatabasePools databases;
    private final MetaTools meta;
    private final Semaphore asking = new Semaphore(ASKING);

    /** By tenant, oldest first. */
    private final Map<String, Begun> begun = new LinkedHashMap<>();

    private record Begun(TenantWish wish, RunHandle handle) {
        boolean isRunning() {
            return !handle.outcome().isDone();
        }

        boolean isDone() {
            return !isRunning() && handle.outcome().join().state() == RunState.SUCCEEDED;
        }
    }

    TenantsByCall(DatabasePools databases, MetaTools meta) {
        this.databases = databases;
        this.meta = meta;
    }

    @Override
    public String begin(Wish asked, Function<Runbook, RunHandle> start) {
        try {
            TenantRequest request = new TenantRequest(meta, null);
            TenantWish wish = TenantWish.of(asked.id(), asked.region(), asked.plan(), meta.tenants(), asked.key());
            Optional<String> before = remembered(wish);
            if (before.isPresent()) {
                return before.get();
            }
            Optional<TenantLedger.Done> done = done(request.database(), wish);
            return done.isPresent() ? done.get().runId() : started(wish, request.create(wish), start);
        } catch (Refused e) {
            throw e;
        } catch (TenantTaken e) {
            throw new Refused(409, String.valueOf(e.getMessage()), e.hint());
        } catch (OperatorException e) {
            throw new Refused(422, String.valueOf(e.getMessage()), e.hint());
        } catch (SQLException e) {
            throw new Refused(
                    503,
                    "the database of the tenants cannot be asked",
                    "GET /health/ready says what is wrong with it; then send the same again.");
        }
    }

    private Optional<TenantLedger.Done> done(String database, TenantWish wish) throws SQLException {
        if (!asking.tryAcquire()) {
            throw new Refused(503, "other tenants are being asked for", "Send the same again in a second.");
        }
        try {
            return new TenantCreation(databases.database(database), Work.unattended("watchkeeper: tenant call"))
                    .check(wish);
        } finally {
            asking.release();
        }
    }

    private synchronized String started(TenantWish wish, Runbook runbook, Function<Runbook, RunHandle> start) {
        Optional<String> before = remembered(wish);
        if (before.isPresent()) {
            return before.get();
        }
        RunHandle handle = start.apply(runbook);
        begun.remove(wish.id().text());
        begun.put(wish.id().text(), new Begun(wish, handle));
        if (begun.size() > REMEMBERED) {
            begun.values().stream()
                    .filter(one -> !one.isRunning())
                    .findFirst()
                    .ifPresent(oldest -> begun.remove(oldest.wish().id().text()));
        }
        return handle.runId();
    }

    /** The run of the same wish; a wish whose run failed may be sent again. @throws Refused when another one stands in its way */
    private synchronized Optional<String> remembered(TenantWish wish) {
        for (Begun one : begun.values()) {
            if (!one.isRunning() && !one.isDone()) {
                continue;
            }
            if (isSame(one.wish().key(), wish.key())) {
                if (!one.wish().digest().equals(wish.digest())) {
                    throw new Refused(
                            422,
                            "the idempotency key '" + wish.key() + "' was used for another tenant, region or plan",
                            "A new wish takes a new key.");
                }
                return Optional.of(one.handle().runId());
            }
        }
        Begun same = begun.get(wish.id().text());
        if (same != null && same.isRunning()) {
            throw new Refused(
                    409,
                    "the tenant '" + wish.id() + "' is being made already, by run "
                            + same.handle().runId(),
                    "Wait for it; a wish that may be sent twice takes an idempotency key.");
        }
        return Optional.empty();
    }

    private static boolean isSame(@Nullable String one, @Nullable String other) {
        return one != null && one.equals(other);
    }
}

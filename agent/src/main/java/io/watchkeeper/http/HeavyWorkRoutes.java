package io.watchkeeper.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.engine.ArbiterState;
import io.watchkeeper.engine.Strain;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** {@code /v1/arbiter}: the heavy work of this host, of all its processes. */
final class HeavyWorkRoutes {

    private final Supplier<ArbiterState> heavy;

    HeavyWorkRoutes(Supplier<ArbiterState> heavy) {
        this.heavy = heavy;
    }

    void register(RoutesConfig routes) {
        routes.get("/v1/arbiter", this::arbiter);
    }

    private void arbiter(Context ctx) {
        Query.of(ctx);
        Json.send(ctx, document(heavy.get()));
    }

    static Map<String, Object> document(ArbiterState state) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("atOnce", state.atOnce());
        document.put("working", jobs(state.working()));
        document.put("waiting", jobs(state.waiting()));
        document.put(
                "strains",
                state.strains().stream().map(HeavyWorkRoutes::document).toList());
        return document;
    }

    private static List<Map<String, Object>> jobs(List<ArbiterState.Job> jobs) {
        return jobs.stream().map(HeavyWorkRoutes::document).toList();
    }

    private static Map<String, Object> document(ArbiterState.Job job) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("runId", job.runId());
        document.put("runbook", job.runbook());
        document.put("kind", job.work().kind().wireName());
        document.put("databases", job.work().databases());
        document.put("process", job.pid());
        document.put("since", job.since().toString());
        if (job.place() > 0) {
            document.put("place", job.place());
        }
        document.put("reason", job.reason());
        return document;
    }

    private static Map<String, Object> document(Strain strain) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("kind", strain.kind().wireName());
        document.put("database", strain.database().isEmpty() ? null : strain.database());
        document.put("message", strain.text());
        document.put("since", strain.since().toString());
        return document;
    }
}

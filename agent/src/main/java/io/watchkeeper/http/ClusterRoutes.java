package io.watchkeeper.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.schedule.ClusterMember;
import io.watchkeeper.schedule.ClusterRun;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code /v1/cluster} and {@code /v1/runs?scope=cluster}: what all agents of the cluster know, from any of them. */
final class ClusterRoutes {

    private final Timetable timetable;

    ClusterRoutes(Timetable timetable) {
        this.timetable = timetable;
    }

    void register(RoutesConfig routes) {
        routes.get("/v1/cluster", this::agents);
    }

    private void agents(Context ctx) {
        Query.of(ctx);
        ClusterView cluster = cluster();
        Map<String, Object> document = new LinkedHashMap<>();
        Optional<String> trouble = cluster.trouble();
        document.put("status", trouble.isPresent() ? "alert" : "ok");
        document.put("trouble", trouble.orElse(null));
        document.put(
                "agents",
                trouble.isPresent()
                        ? List.of()
                        : cluster.members().stream()
                                .map(ClusterRoutes::document)
                                .toList());
        Json.send(ctx, document);
    }

    /** Newest first. */
    List<Map<String, Object>> runs(@Nullable String runbook, int most) {
        return cluster().runs(runbook, most).stream()
                .map(ClusterRoutes::document)
                .toList();
    }

    private ClusterView cluster() {
        return timetable
                .cluster()
                .orElseThrow(() -> new ApiException(
                        404,
                        "this agent belongs to no cluster",
                        "Name the database that the agents share in the configuration: cluster: { database: … }."));
    }

    private static Map<String, Object> document(ClusterMember member) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("agent", member.agent());
        document.put("host", member.host());
        document.put("version", member.version());
        document.put("seenAt", member.seenAt().toString());
        document.put("silentSeconds", member.silence().toSeconds());
        document.put("alive", member.alive());
        document.put("clockAheadMs", member.clockAhead().toMillis());
        return document;
    }

    private static Map<String, Object> document(ClusterRun run) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("runId", run.runId());
        document.put("runbook", run.runbook());
        document.put("host", run.host());
        document.put("state", run.state());
        document.put("fireTime", run.fireTime().toString());
        document.put(
                "startedAt", run.startedAt() == null ? null : run.startedAt().toString());
        document.put(
                "durationMs",
                run.startedAt() == null || run.endedAt() == null
                        ? null
                        : Duration.between(run.startedAt(), run.endedAt()).toMillis());
        document.put("trigger", run.trigger());
        document.put("attempts", run.attempts());
        if (run.message() != null) {
            document.put("error", Map.of("message", run.message()));
        }
        return document;
    }
}

package io.watchkeeper.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.protection.BackupState;
import io.watchkeeper.protection.DrillState;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.protection.WalState;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code /v1/backups} and {@code /v1/drills}: what the repository holds, and what was proven of it. */
final class ProtectionRoutes {

    private final Supplier<Protection> protection;

    ProtectionRoutes(Supplier<Protection> protection) {
        this.protection = protection;
    }

    void register(RoutesConfig routes) {
        routes.get("/v1/backups", this::backups);
        routes.get("/v1/drills", this::drills);
    }

    private void backups(Context ctx) {
        String database = Query.of(ctx, "database").text("database").orElse(null);
        Protection now = protection.get();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("repository", now.repository());
        document.put(
                "backups", newestFirst(now.backups(), BackupState::database, database, ProtectionRoutes::document));
        document.put("wal", newestFirst(now.archives(), WalState::database, database, ProtectionRoutes::document));
        Json.send(ctx, document);
    }

    private void drills(Context ctx) {
        String database = Query.of(ctx, "database").text("database").orElse(null);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put(
                "drills",
                newestFirst(protection.get().drills(), DrillState::database, database, ProtectionRoutes::document));
        Json.send(ctx, document);
    }

    private static <T> List<Map<String, Object>> newestFirst(
            List<T> oldestFirst,
            Function<T, String> databaseOf,
            @Nullable String database,
            Function<T, Map<String, Object>> document) {
        List<Map<String, Object>> documents = new java.util.ArrayList<>(oldestFirst.stream()
                .filter(one -> database == null || databaseOf.apply(one).equals(database))
                .map(document)
                .toList());
        java.util.Collections.reverse(documents);
        return documents;
    }

    private static Map<String, Object> document(BackupState backup) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("id", backup.id());
        document.put("database", backup.database());
        document.put("kind", backup.kind());
        document.put("provider", backup.provider());
        document.put("startedAt", text(backup.startedAt()));
        document.put("finishedAt", text(backup.finishedAt()));
        document.put("durationMs", backup.duration());
        document.put("bytes", backup.bytes());
        document.put("good", backup.isGood());
        document.put("damages", backup.damages());
        document.put("verifiedAt", text(backup.verifiedAt()));
        document.put("restoredAt", text(backup.restoredAt()));
        document.put("held", backup.held());
        return document;
    }

    private static Map<String, Object> document(WalState archive) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("database", archive.database());
        document.put("recoverableTo", text(archive.recoverableTo()));
        document.put("newest", archive.newest());
        document.put("live", archive.live());
        document.put("lagBytes", archive.lagBytes());
        document.put("retainedBytes", archive.retainedBytes());
        document.put("problems", archive.problems());
        return document;
    }

    private static Map<String, Object> document(DrillState drill) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("database", drill.database());
        document.put("backup", drill.backup());
        document.put("at", text(drill.at()));
        document.put("passed", drill.passed());
        document.put("rpoSeconds", drill.rpoSeconds());
        document.put("rtoSeconds", drill.rtoSeconds());
        document.put("recoveredTo", text(drill.recoveredTo()));
        document.put("runId", drill.runId());
        document.put("failures", drill.failures());
        return document;
    }

    private static @Nullable String text(@Nullable Instant at) {
        return at == null ? null : at.toString();
    }
}

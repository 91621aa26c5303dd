package io.watchkeeper.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.http.page.Sorting;
import io.watchkeeper.protection.BackupState;
import io.watchkeeper.protection.DrillState;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.protection.WalState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
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
        Sorting sorting = Listings.BACKUPS.sorting(ctx, "database");
        String database = database(ctx);
        Protection now = protection.get();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("repository", now.repository());
        document.put(
                "backups",
                Listings.BACKUPS.of(newestFirst(now.backups(), BackupState::database, database), sorting).stream()
                        .map(ProtectionRoutes::document)
                        .toList());
        document.put(
                "wal",
                newestFirst(now.archives(), WalState::database, database).stream()
                        .map(ProtectionRoutes::document)
                        .toList());
        Json.send(ctx, document);
    }

    private void drills(Context ctx) {
        Sorting sorting = Listings.DRILLS.sorting(ctx, "database");
        Map<String, Object> document = new LinkedHashMap<>();
        document.put(
                "drills",
                Listings.DRILLS
                        .of(newestFirst(protection.get().drills(), DrillState::database, database(ctx)), sorting)
                        .stream()
                        .map(ProtectionRoutes::document)
                        .toList());
        Json.send(ctx, document);
    }

    /** Null for all. */
    private static @Nullable String database(Context ctx) {
        return Query.of(ctx, "database", "sort", "filter").text("database").orElse(null);
    }

    private static <T> List<T> newestFirst(
            List<T> oldestFirst, Function<T, String> databaseOf, @Nullable String database) {
        List<T> found = new ArrayList<>(oldestFirst.stream()
                .filter(one -> database == null || databaseOf.apply(one).equals(database))
                .toList());
        Collections.reverse(found);
        return found;
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

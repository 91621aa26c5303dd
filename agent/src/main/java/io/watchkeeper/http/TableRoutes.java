package io.watchkeeper.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.checklist.KeptReport;
import io.watchkeeper.http.page.BackupTable;
import io.watchkeeper.http.page.ChecklistTable;
import io.watchkeeper.http.page.DrillTable;
import io.watchkeeper.http.page.Html;
import io.watchkeeper.http.page.ListPage;
import io.watchkeeper.http.page.ReplicaRow;
import io.watchkeeper.http.page.ReplicaTable;
import io.watchkeeper.http.page.RunbookTable;
import io.watchkeeper.http.page.Saying;
import io.watchkeeper.http.page.SlotRow;
import io.watchkeeper.http.page.SlotTable;
import io.watchkeeper.http.page.Sorting;
import io.watchkeeper.http.page.SyncTable;
import io.watchkeeper.protection.BackupState;
import io.watchkeeper.protection.DrillState;
import io.watchkeeper.runbook.TableState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A page for each table, and the same rows as JSON at the same address under {@code /v1}; where the API had them before, in the shape they
 * have there.
 */
final class TableRoutes {

    /** Markup of the rows that are shown. */
    private interface Table<T> {
        Html of(List<T> rows, Sorting sorting, Saying say);
    }

    private final HttpServer.Parts parts;
    private final Overview overview;

    TableRoutes(HttpServer.Parts parts, Overview overview) {
        this.parts = parts;
        this.overview = overview;
    }

    void register(RoutesConfig routes) {
        page(
                routes,
                "runbooks",
                Listings.RUNBOOKS,
                overview::rows,
                (rows, sorting, say) -> RunbookTable.of(rows, parts.about().runbookFolder(), sorting, say));
        page(routes, "sync", Listings.SYNC, parts.tables(), SyncTable::of);
        page(routes, "backups", Listings.BACKUPS, this::backups, BackupTable::of);
        page(routes, "drills", Listings.DRILLS, this::drills, DrillTable::of);
        page(
                routes,
                "replicas",
                Listings.REPLICAS,
                this::replicas,
                (rows, sorting, say) -> ReplicaTable.of(rows, parts.limits(), sorting, say));
        page(routes, "slots", Listings.SLOTS, this::slots, SlotTable::of);
        page(routes, "checklists", Listings.CHECKLISTS, this::checklists, ChecklistTable::of);
        routes.get("/v1/sync", ctx -> json(ctx, Listings.SYNC, parts.tables(), TableRoutes::document));
        routes.get("/v1/replicas", ctx -> json(ctx, Listings.REPLICAS, this::replicas, this::document));
        routes.get(
                "/v1/slots",
                ctx -> json(
                        ctx, Listings.SLOTS, this::slots, row -> ReplicationDocument.slot(row.server(), row.slot())));
    }

    private <T> void page(RoutesConfig routes, String name, Listing<T> listing, Supplier<List<T>> all, Table<T> table) {
        routes.get("/" + name, ctx -> {
            Sorting sorting = listing.sorting(ctx);
            Saying say = PageRoutes.saying(ctx, parts.clock());
            Html rows = table.of(listing.of(all.get(), sorting), sorting, say);
            String here = name.equals("runbooks") ? name : "";
            PageRoutes.html(ctx, ListPage.render(overview.agent(), say, "list." + name, here, sorting, rows));
        });
    }

    private static <T> void json(
            Context ctx, Listing<T> listing, Supplier<List<T>> all, Function<T, Map<String, Object>> document) {
        Sorting sorting = listing.sorting(ctx);
        Json.send(
                ctx, 200, listing.of(all.get(), sorting).stream().map(document).toList());
    }

    private List<BackupState> backups() {
        return newestFirst(parts.protection().get().backups());
    }

    private List<DrillState> drills() {
        return newestFirst(parts.protection().get().drills());
    }

    private static <T> List<T> newestFirst(List<T> oldestFirst) {
        List<T> rows = new ArrayList<>(oldestFirst);
        Collections.reverse(rows);
        return rows;
    }

    private List<ReplicaRow> replicas() {
        return ReplicaRow.of(parts.replication());
    }

    private List<SlotRow> slots() {
        return SlotRow.of(parts.replication());
    }

    private List<KeptReport> checklists() {
        return parts.archive().checklists();
    }

    private static Map<String, Object> document(TableState table) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("database", table.database());
        document.put("table", table.table());
        document.put("source", table.source());
        document.put("syncedAt", text(table.syncedAt()));
        document.put("verifiedAt", text(table.verifiedAt()));
        document.put("differences", table.differences());
        return document;
    }

    private Map<String, Object> document(ReplicaRow row) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("database", row.database());
        document.putAll(ReplicationDocument.standing(row.replica(), parts.limits()));
        return document;
    }

    private static @Nullable String text(@Nullable Instant at) {
        return at == null ? null : at.toString();
    }
}

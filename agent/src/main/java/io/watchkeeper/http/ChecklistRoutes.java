package io.watchkeeper.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.checklist.KeptReport;
import io.watchkeeper.http.page.Sorting;
import io.watchkeeper.runbook.Checklist;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** {@code /v1/checklists}: the newest report of each runbook that is a checklist, in short. */
final class ChecklistRoutes {

    private final RunArchive archive;

    ChecklistRoutes(RunArchive archive) {
        this.archive = archive;
    }

    void register(RoutesConfig routes) {
        routes.get("/v1/checklists", this::list);
    }

    private void list(Context ctx) {
        Sorting sorting = Listings.CHECKLISTS.sorting(ctx, "checklist");
        Optional<Checklist> kind =
                Query.of(ctx, "checklist", "sort", "filter").text("checklist").map(ChecklistRoutes::kind);
        List<KeptReport> found = archive.checklists().stream()
                .filter(report -> kind.isEmpty() || report.kind() == kind.get())
                .toList();
        Json.send(
                ctx,
                200,
                Listings.CHECKLISTS.of(found, sorting).stream()
                        .map(KeptReport::fields)
                        .toList());
    }

    private static Checklist kind(String name) {
        return Checklist.ofWireName(name)
                .orElseThrow(() -> ApiException.badRequest(
                        "there is no checklist '" + name + "'",
                        "checklists: "
                                + String.join(
                                        ", ",
                                        Arrays.stream(Checklist.values())
                                                .map(Checklist::wireName)
                                                .toList())
                                + "."));
    }
}

package io.watchkeeper.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.audit.AuditEntry;
import io.watchkeeper.http.page.AuditPage;
import io.watchkeeper.http.page.AuditView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page that searches the audit trail, by the same parameters as {@code /v1/audit}. Reading it takes what reading the API takes. */
final class AuditPageRoutes {

    private final HttpServer.Parts parts;
    private final Overview overview;

    AuditPageRoutes(HttpServer.Parts parts, Overview overview) {
        this.parts = parts;
        this.overview = overview;
    }

    void register(RoutesConfig routes) {
        routes.get("/audit", this::search);
    }

    private void search(Context ctx) {
        Query query = Query.of(ctx, AuditRoutes.PARAMETERS);
        List<AuditEntry> found = parts.trail().find(AuditRoutes.wanted(query));
        Map<String, String> asked = new LinkedHashMap<>();
        for (String name : AuditRoutes.PARAMETERS) {
            query.text(name).ifPresent(value -> asked.put(name, value));
        }
        PageRoutes.html(
                ctx,
                AuditPage.render(
                        overview.agent(),
                        PageRoutes.saying(ctx, parts.clock()),
                        new AuditView(parts.trail().state(), found),
                        asked,
                        found.size() == AuditRoutes.limit(query)));
    }
}

package io.watchkeeper.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.audit.AuditDamage;
import io.watchkeeper.audit.AuditEntry;
import io.watchkeeper.audit.AuditQuery;
import io.watchkeeper.audit.AuditSearch;
import io.watchkeeper.audit.AuditState;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code /v1/audit}: who did what on this host, newest first, and how far the record is known to be true. */
final class AuditRoutes {

    private static final int USUAL = 50;
    private static final int MOST = 1_000;

    /** Of a search, here and on the page. */
    static final String[] PARAMETERS = {"actor", "action", "subject", "since", "until", "before", "limit"};

    private static final Pattern DAY = Pattern.compile("\\d{4}-\\d\\d-\\d\\d");

    private final AuditSearch trail;

    AuditRoutes(AuditSearch trail) {
        this.trail = trail;
    }

    void register(RoutesConfig routes) {
        routes.get("/v1/audit", this::find);
    }

    private void find(Context ctx) {
        List<AuditEntry> entries = trail.find(wanted(Query.of(ctx, PARAMETERS)));
        Map<String, @Nullable Object> document = new LinkedHashMap<>(standing(trail.state()));
        document.put("entries", entries.stream().map(AuditEntry::fields).toList());
        Json.send(ctx, document);
    }

    static AuditQuery wanted(Query query) {
        return new AuditQuery(
                query.text("actor").orElse(null),
                query.text("action").orElse(null),
                query.text("subject").orElse(null),
                time(query, "since"),
                time(query, "until"),
                query.number("before", 0, 1, Integer.MAX_VALUE),
                limit(query));
    }

    static int limit(Query query) {
        return query.number("limit", USUAL, 1, MOST);
    }

    private static Map<String, @Nullable Object> standing(AuditState state) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("head", state.head() == null ? null : state.head().toString());
        fields.put("verifiedTo", state.checkedTo());
        fields.put(
                "verifiedAt",
                state.checkedAt() == null ? null : state.checkedAt().toString());
        AuditDamage damage = state.damage();
        fields.put("damage", damage == null ? null : damage.message());
        return fields;
    }

    private static @Nullable Instant time(Query query, String name) {
        String text = query.text(name).orElse(null);
        if (text == null) {
            return null;
        }
        try {
            return DAY.matcher(text).matches()
                    ? LocalDate.parse(text).atStartOfDay(ZoneId.systemDefault()).toInstant()
                    : Instant.parse(text);
        } catch (DateTimeException e) {
            throw ApiException.badRequest(
                    name + " is '" + text + "', which is no time",
                    "For example 2026-11-30T12:00:00Z, or 2026-11-30 for the beginning of that day where the agent is.");
        }
    }
}

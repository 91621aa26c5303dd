package io.watchkeeper.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;

/** {@code /v1/replication}: how far replicas are behind, now and in the last hours, and what was done about it. */
final class ReplicationRoutes {

    private final HttpServer.Parts parts;

    ReplicationRoutes(HttpServer.Parts parts) {
        this.parts = parts;
    }

    void register(RoutesConfig routes) {
        routes.get("/v1/replication", this::replication);
    }

    private void replication(Context ctx) {
        String database = Query.of(ctx, "database").text("database").orElse(null);
        Json.send(
                ctx,
                ReplicationDocument.of(
                        parts.replication(), parts.limits(), parts.clock().instant(), database));
    }
}

package io.watchkeeper.http;

import io.javalin.config.RoutesConfig;
import io.watchkeeper.review.Review;
import java.util.List;
import java.util.function.Supplier;

/** {@code /v1/slo}: whether databases keep what the configuration promises of them, as it was measured last. */
final class ObjectiveRoutes {

    private final Supplier<List<Review>> objectives;

    ObjectiveRoutes(Supplier<List<Review>> objectives) {
        this.objectives = objectives;
    }

    void register(RoutesConfig routes) {
        routes.get("/v1/slo", ctx -> {
            Query.of(ctx);
            Json.send(ctx, 200, objectives.get().stream().map(Review::fields).toList());
        });
    }
}

package io.watchkeeper.http;

import io.javalin.http.Context;
import io.watchkeeper.access.Scope;
import io.watchkeeper.runbook.Requester;
import java.util.Optional;
import java.util.Set;

/**
 * Who sent a request.
 *
 * @param name as in {@link Requester#name()}
 * @param from the address it came from
 * @param scopes reading goes without saying
 */
record Caller(String name, String from, Set<Scope> scopes) {

    private static final String ATTRIBUTE = Caller.class.getName();

    Caller {
        scopes = Set.copyOf(scopes);
    }

    /** Of a request that {@link Access} let through. */
    static Caller of(Context ctx) {
        return find(ctx)
                .orElseThrow(
                        () -> new IllegalStateException("nobody asked who sends " + ctx.method() + " " + ctx.path()));
    }

    /** Empty for a request whose sender is not known, or not yet. */
    static Optional<Caller> find(Context ctx) {
        return Optional.ofNullable(ctx.attribute(ATTRIBUTE));
    }

    void noteIn(Context ctx) {
        ctx.attribute(ATTRIBUTE, this);
    }

    Requester requester() {
        return new Requester(name, from);
    }

    boolean may(Scope scope) {
        return scope == Scope.READ || scopes.contains(scope);
    }

    /** @throws ApiException when it may not */
    void require(Scope scope) {
        if (!may(scope)) {
            throw new ApiException(
                    403,
                    name + " may not do this: it takes the scope '" + scope.word() + "'",
                    "Ask with a token that has it.");
        }
    }
}

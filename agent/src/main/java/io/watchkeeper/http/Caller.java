package io.watchkeeper.http;

import io.javalin.http.Context;
import io.watchkeeper.runbook.Requester;
import java.util.EnumSet;
import java.util.Set;

/**
 * Who sent a request.
 *
 * @param name as in {@link Requester#name()}
 * @param from the address it came from
 */
record Caller(String name, String from, Set<Scope> scopes) {

    private static final String ATTRIBUTE = Caller.class.getName();

    Caller {
        scopes = Set.copyOf(scopes);
    }

    /** Of a request that {@link Access} let through. */
    static Caller of(Context ctx) {
        Caller caller = ctx.attribute(ATTRIBUTE);
        if (caller == null) {
            throw new IllegalStateException("nobody asked who sends " + ctx.method() + " " + ctx.path());
        }
        return caller;
    }

    void noteIn(Context ctx) {
        ctx.attribute(ATTRIBUTE, this);
    }

    Requester requester() {
        return new Requester(name, from);
    }

    static Set<Scope> everything() {
        return EnumSet.allOf(Scope.class);
    }

    /** @throws ApiException when it may not */
    void require(Scope scope) {
        if (!scopes.contains(scope)) {
            throw new ApiException(
                    403,
                    name + " may not do this: it takes the scope '" + scope.word() + "'",
                    "Ask with a token that has it.");
        }
    }
}

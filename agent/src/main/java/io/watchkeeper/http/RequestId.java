package io.watchkeeper.http;

import io.javalin.http.Context;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** Names one request in its answer, in errors, in the log and in the audit, so that these can be put together. */
final class RequestId {

    static final String HEADER = "X-Request-Id";

    private static final String ATTRIBUTE = RequestId.class.getName();

    /** What a caller may choose himself; anything else could forge lines of a log. */
    private static final Pattern WELL_FORMED = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /** What stands before it in lines of the log. */
    static final String KEY = "request";

    private RequestId() {}

    /** The thread works on the request no more, and what it logs next is of another one. */
    static void leaveLog() {
        MDC.remove(KEY);
    }

    /** The caller's own where it is well formed, else a new one. */
    static String choose(@Nullable String wished) {
        return wished != null && WELL_FORMED.matcher(wished).matches()
                ? wished
                : UUID.randomUUID().toString();
    }

    static void noteIn(Context ctx) {
        String id = choose(ctx.header(HEADER));
        ctx.attribute(ATTRIBUTE, id);
        MDC.put(KEY, id);
        ctx.header(HEADER, id);
    }

    /** Of a request that has come as far as the routes. */
    static String of(Context ctx) {
        String id = ctx.attribute(ATTRIBUTE);
        if (id == null) {
            noteIn(ctx);
            return of(ctx);
        }
        return id;
    }
}

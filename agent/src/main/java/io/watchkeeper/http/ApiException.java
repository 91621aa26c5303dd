package io.watchkeeper.http;

import io.watchkeeper.problem.OperatorException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An answer other than success: an HTTP status, what is true, and what to do about it. */
final class ApiException extends OperatorException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient Map<String, String> headers;

    ApiException(int status, String detail, @Nullable String hint) {
        this(status, detail, hint, Map.of());
    }

    /** @param headers to send along, for example {@code WWW-Authenticate} */
    ApiException(int status, String detail, @Nullable String hint, Map<String, String> headers) {
        super(detail, hint);
        this.status = status;
        this.headers = Map.copyOf(headers);
    }

    int status() {
        return status;
    }

    Map<String, String> headers() {
        return headers;
    }

    static ApiException badRequest(String detail, @Nullable String hint) {
        return new ApiException(400, detail, hint);
    }

    static ApiException notFound(String detail, @Nullable String hint) {
        return new ApiException(404, detail, hint);
    }
}

package io.watchkeeper.http;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.watchkeeper.config.AgentConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what. Reading is free on loopback only; changing something always needs the token or a client certificate.
 * What counts is the address the agent listens on, not the one a request comes from: behind a proxy on the same host every
 * request comes from loopback.
 */
final class Access {

    /** Where style and script of the page are. */
    static final String ASSETS = "/page/";

    private static final String CLIENT_CERTIFICATE = "jakarta.servlet.request.X509Certificate";
    private static final Set<HandlerType> READING = Set.of(HandlerType.GET, HandlerType.HEAD, HandlerType.OPTIONS);

    private final AgentConfig.Http settings;
    private final PageSessions sessions;
    private final boolean loopback;
    private final Set<String> hostNames;

    /** @param hostName the host's name in the configuration */
    Access(AgentConfig.Http settings, String hostName, PageSessions sessions) {
        this.settings = settings;
        this.sessions = sessions;
        this.loopback = isLoopback(settings.listen());
        this.hostNames = new HashSet<>(List.of("localhost", "127.0.0.1", "[::1]"));
        hostNames.add(bracketed(settings.listen().getHostString()).toLowerCase(Locale.ROOT));
        hostNames.add(hostName.toLowerCase(Locale.ROOT));
    }

    /** Whether reading needs no token. */
    boolean isOpen() {
        return loopback;
    }

    /** @throws ApiException when the request may not go on */
    void check(Context ctx) {
        if (loopback) {
            requireOurName(ctx);
        }
        if (READING.contains(ctx.method())) {
            reader(ctx).noteIn(ctx);
        } else {
            requireOurPage(ctx);
            holder(ctx).noteIn(ctx);
        }
    }

    /**
     * A foreign page can make a browser resolve the page's own name to 127.0.0.1 and so read answers meant for this host
     * alone. The name in the request gives it away.
     */
    private void requireOurName(Context ctx) {
        String host = ctx.host();
        String name = host == null ? "" : host.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
        if (!hostNames.contains(name)) {
            throw new ApiException(
                    403,
                    "this agent is not called '" + name + "'",
                    "Use http://" + bracketed(settings.listen().getHostString()) + ":"
                            + ctx.req().getLocalPort() + "/ instead.");
        }
    }

    private static void requireOurPage(Context ctx) {
        String origin = ctx.header("Origin");
        if (origin == null) {
            return;
        }
        String host = ctx.host();
        if (host == null || !host.equalsIgnoreCase(authority(origin))) {
            throw new ApiException(403, "requests from pages of '" + origin + "' are not served", null);
        }
    }

    private Caller reader(Context ctx) {
        String path = ctx.path();
        boolean open = loopback
                || (settings.openMetrics() && path.equals("/metrics"))
                // Style and script of the sign-in page; they hold nothing about this host.
                || path.startsWith(ASSETS);
        return open || sessions.isSignedIn(ctx) ? new Caller("anybody", ctx.ip(), Set.of(Scope.READ)) : holder(ctx);
    }

    /** Of a token or a client certificate. */
    private Caller holder(Context ctx) {
        X509Certificate[] certificates = ctx.attribute(CLIENT_CERTIFICATE);
        if (certificates != null) {
            return new Caller(
                    "certificate:" + certificates[0].getSubjectX500Principal().getName(),
                    ctx.ip(),
                    Caller.everything());
        }
        if (settings.token() == null) {
            throw new ApiException(
                    403,
                    "this agent has no token, so it serves no call that needs one",
                    "Write a token into a file of mode 0600 and name the file as http.tokenFile in the configuration.");
        }
        String header = ctx.header("Authorization");
        if (header == null) {
            throw unauthorized("this call needs a token", "Bearer realm=\"watchkeeper\"");
        }
        if (!isToken(header)) {
            throw unauthorized(
                    "the token is not the one of this agent", "Bearer realm=\"watchkeeper\", error=\"invalid_token\"");
        }
        return new Caller("token", ctx.ip(), Caller.everything());
    }

    private boolean isToken(String authorization) {
        String scheme = "bearer ";
        if (settings.token() == null || !authorization.regionMatches(true, 0, scheme, 0, scheme.length())) {
            return false;
        }
        String given = authorization.substring(scheme.length()).strip();
        // Digests have one length, so the time taken tells neither the token's length nor how much of it was right.
        return MessageDigest.isEqual(digest(given), digest(settings.token().reveal()));
    }

    private static ApiException unauthorized(String detail, String challenge) {
        return new ApiException(
                401,
                detail,
                "Send 'Authorization: Bearer …' with the content of the file that http.tokenFile names.",
                Map.of("WWW-Authenticate", challenge));
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static @Nullable String authority(String origin) {
        try {
            return URI.create(origin).getAuthority();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static boolean isLoopback(InetSocketAddress listen) {
        InetAddress address = listen.getAddress();
        return address == null ? listen.getHostString().equals("localhost") : address.isLoopbackAddress();
    }

    private static String bracketed(String host) {
        return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    }
}

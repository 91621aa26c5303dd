package io.watchkeeper.http;

import io.javalin.http.Context;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What this agent is called, and so which pages and names are its own: what keeps foreign pages in an operator's browser out. */
final class OurNames {

    private final InetSocketAddress listen;
    private final boolean loopback;
    private final Set<String> names;

    /** @param hostName the host's name in the configuration */
    OurNames(InetSocketAddress listen, String hostName) {
        this.listen = listen;
        this.loopback = isLoopback(listen);
        this.names = new HashSet<>(List.of("localhost", "127.0.0.1", "[::1]"));
        names.add(bracketed(listen.getHostString()).toLowerCase(Locale.ROOT));
        names.add(hostName.toLowerCase(Locale.ROOT));
    }

    /** Whether the agent is reached from this host only. */
    boolean areOfLoopback() {
        return loopback;
    }

    /**
     * A foreign page can make a browser resolve the page's own name to 127.0.0.1 and so read answers meant for this host
     * alone. The name in the request gives it away.
     */
    void requireOurName(Context ctx) {
        String host = ctx.host();
        String name = host == null ? "" : host.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
        if (loopback && !names.contains(name)) {
            throw new ApiException(
                    403,
                    "this agent is not called '" + name + "'",
                    "Use http://" + bracketed(listen.getHostString()) + ":"
                            + ctx.req().getLocalPort() + "/ instead.");
        }
    }

    static void requireOurPage(Context ctx) {
        String site = ctx.header("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin") && !site.equals("none")) {
            throw new ApiException(403, "requests from pages of other sites are not served", null);
        }
        String origin = ctx.header("Origin");
        if (origin == null) {
            return;
        }
        String host = ctx.host();
        if (host == null || !host.equalsIgnoreCase(authority(origin))) {
            throw new ApiException(403, "requests from pages of '" + origin + "' are not served", null);
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

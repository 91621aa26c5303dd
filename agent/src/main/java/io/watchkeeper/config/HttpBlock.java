package io.watchkeeper.config;

import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Secret;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code http}. */
final class HttpBlock {

    private static final Pattern LISTEN =
            Pattern.compile("(?:\\[(?<v6>[0-9A-Fa-f:.]+)]|(?<host>[^:\\[\\]\\s]+)):(?<port>\\d{1,5})");
    private static final int SHORTEST_TOKEN = 16;

    private HttpBlock() {}

    static AgentConfig.Http read(ConfigNode http) {
        InetSocketAddress listen = http.parsed(
                        "listen",
                        "an address of this host and a port",
                        "write host:port, for example 127.0.0.1:9763 or [::1]:9763.",
                        HttpBlock::address)
                .orElseGet(() -> new InetSocketAddress(InetAddress.getLoopbackAddress(), 9763));
        @Nullable Secret token = SecretKeys.fromFile(http, "tokenFile");
        if (token != null && token.reveal().length() < SHORTEST_TOKEN) {
            http.warning(
                    "tokenFile",
                    http.named("tokenFile") + " holds a token of fewer than " + SHORTEST_TOKEN + " characters",
                    "make one that cannot be guessed: openssl rand -hex 32");
        }
        ConfigNode tlsBlock = http.block("tls");
        AgentConfig.@Nullable Tls tls = tls(tlsBlock, http.has("tls"));
        boolean openMetrics = http.flag("openMetrics", false);
        Bytes maxBody = http.size("maxBody", Bytes.kilobytes(1), Bytes.megabytes(16), Bytes.kilobytes(64));
        checkExposure(http, tlsBlock, listen);
        return new AgentConfig.Http(listen, token, tls, openMetrics, Math.toIntExact(maxBody.count()));
    }

    private static Optional<InetSocketAddress> address(String text) {
        Matcher form = LISTEN.matcher(text);
        if (!form.matches() || Integer.parseInt(form.group("port")) > 65_535) {
            return Optional.empty();
        }
        String host = form.group("v6") != null ? form.group("v6") : form.group("host");
        InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(form.group("port")));
        return address.isUnresolved() ? Optional.empty() : Optional.of(address);
    }

    private static AgentConfig.@Nullable Tls tls(ConfigNode tls, boolean wanted) {
        @Nullable Path certificate = existing(tls, "certificate");
        @Nullable Path key = SecretKeys.keyFile(tls, "key");
        @Nullable Path clientCa = existing(tls, "clientCa");
        if (wanted) {
            for (String needed : new String[] {"certificate", "key"}) {
                if (!tls.has(needed)) {
                    tls.missing(needed, "TLS needs a certificate and its key, as PEM files.");
                }
            }
        }
        return certificate == null || key == null ? null : new AgentConfig.Tls(certificate, key, clientCa);
    }

    private static @Nullable Path existing(ConfigNode node, String key) {
        Path file = node.path(key).orElse(null);
        if (file != null && !Files.isReadable(file)) {
            node.problem(key, node.named(key) + ": " + file + " does not exist or cannot be read", null);
        }
        return file;
    }

    /** Everything off this host needs proof of who asks. What is merely misspelt has its own problem already, so keys count here. */
    private static void checkExposure(ConfigNode http, ConfigNode tls, InetSocketAddress listen) {
        if (listen.getAddress().isLoopbackAddress()) {
            return;
        }
        if (!http.has("tokenFile") && !tls.has("clientCa")) {
            http.problem(
                    "listen",
                    http.named("listen") + " is " + http.raw("listen")
                            + ", reachable from other hosts, but nothing says who may ask",
                    "set http.tokenFile or http.tls.clientCa, or listen on 127.0.0.1.");
        } else if (!http.has("tls")) {
            http.warning(
                    "listen",
                    http.named("listen") + " is " + http.raw("listen")
                            + ", reachable from other hosts, without TLS: the token travels readable",
                    "set http.tls, or put a proxy with TLS before 127.0.0.1.");
        }
    }
}

package io.watchkeeper.config;

import io.watchkeeper.access.Scope;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Secret;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
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
        boolean readWithoutToken = http.flag("readWithoutToken", true);
        Bytes maxBody = http.size("maxBody", Bytes.kilobytes(1), Bytes.megabytes(16), Bytes.kilobytes(64));
        checkExposure(http, tlsBlock, listen);
        return new AgentConfig.Http(
                listen,
                token,
                tokensFile(http),
                tls,
                openMetrics,
                readWithoutToken,
                Math.toIntExact(maxBody.count()),
                bounds(http));
    }

    private static AgentConfig.HttpBounds bounds(ConfigNode http) {
        AgentConfig.HttpBounds usual = AgentConfig.HttpBounds.USUAL;
        Bytes maxHeaders = http.size(
                "maxHeaders", Bytes.kilobytes(4), Bytes.kilobytes(64), Bytes.kilobytes(usual.maxHeaders() / 1024));
        return new AgentConfig.HttpBounds(
                Math.toIntExact(maxHeaders.count()),
                http.number("maxConnections", 264, 100_000, usual.maxConnections()),
                http.number("rateLimit", 0, 1_000_000, usual.rateLimit()));
    }

    /** The file may be absent: the first 'watchkeeper token new' makes it, and needs the configuration for that. */
    private static @Nullable Path tokensFile(ConfigNode http) {
        Path file = http.path("tokensFile").orElse(null);
        if (file == null) {
            return null;
        }
        if (!Files.exists(file)) {
            http.warning(
                    "tokensFile",
                    http.named("tokensFile") + ": " + file + " does not exist yet",
                    "watchkeeper token new NAME --scope run");
            return file;
        }
        http.source().secretFile(file);
        try {
            // Its content is for those who use it: a damaged one must not keep the agent from its work.
            SecretFile.check(file);
        } catch (SecretFile.UnusableException e) {
            http.problem("tokensFile", http.named("tokensFile") + ": " + e.getMessage(), e.hint());
        }
        return file;
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
        @Nullable Path clientCrl = existing(tls, "clientCrl");
        if (tls.has("clientCrl") && !tls.has("clientCa")) {
            tls.problem(
                    "clientCrl",
                    tls.named("clientCrl") + " says which certificates were taken back, but " + tls.named("clientCa")
                            + " is not set",
                    "name the authority whose certificates are taken.");
        }
        if (wanted) {
            for (String needed : new String[] {"certificate", "key"}) {
                if (!tls.has(needed)) {
                    tls.missing(needed, "TLS needs a certificate and its key, as PEM files.");
                }
            }
        }
        @Nullable Map<X500Principal, Set<Scope>> clients = clients(tls);
        return certificate == null || key == null
                ? null
                : new AgentConfig.Tls(certificate, key, clientCa, clientCrl, clients);
    }

    private static @Nullable Map<X500Principal, Set<Scope>> clients(ConfigNode tls) {
        ConfigNode block = tls.block("clients");
        Map<X500Principal, Set<Scope>> clients = new LinkedHashMap<>();
        for (String name : block.names()) {
            Set<Scope> scopes = EnumSet.noneOf(Scope.class);
            for (String word : block.texts(name)) {
                Scope.ofWord(word)
                        .ifPresentOrElse(
                                scopes::add,
                                () -> block.problem(
                                        name,
                                        block.named(name) + " names the scope '" + word + "', which there is not",
                                        Suggestion.didYouMean(word, Scope.words()) + "Scopes: "
                                                + String.join(", ", Scope.words()) + "."));
            }
            try {
                clients.put(new X500Principal(name), scopes);
            } catch (IllegalArgumentException e) {
                block.problem(
                        name,
                        block.named(name) + " is not the name of a certificate's subject",
                        "write it whole, as 'CN=ops,O=Harbour'; openssl x509 -noout -subject -nameopt rfc2253 says it.");
            }
        }
        if (!tls.has("clients")) {
            return null;
        }
        if (!tls.has("clientCa")) {
            tls.problem(
                    "clients",
                    tls.named("clients") + " says who may do what, but " + tls.named("clientCa") + " is not set",
                    "name the authority whose certificates are taken.");
        }
        return clients;
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
        if (!http.has("tokenFile") && !http.has("tokensFile") && !tls.has("clientCa")) {
            http.problem(
                    "listen",
                    http.named("listen") + " is " + http.raw("listen")
                            + ", reachable from other hosts, but nothing says who may ask",
                    "set http.tokensFile, http.tokenFile or http.tls.clientCa, or listen on 127.0.0.1.");
        } else if (!http.has("tls")) {
            http.warning(
                    "listen",
                    http.named("listen") + " is " + http.raw("listen")
                            + ", reachable from other hosts, without TLS: the token travels readable",
                    "set http.tls, or put a proxy with TLS before 127.0.0.1.");
        }
    }
}

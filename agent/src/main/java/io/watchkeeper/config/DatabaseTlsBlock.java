package io.watchkeeper.config;

import io.watchkeeper.postgres.DatabaseTls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code databases.NAME.tls}. */
final class DatabaseTlsBlock {

    private static final Set<String> URL_OPTIONS = Set.of(
            "ssl",
            "sslmode",
            "sslrootcert",
            "sslcrl",
            "sslcert",
            "sslkey",
            "sslfactory",
            "sslfactoryarg",
            "sslhostnameverifier");

    private DatabaseTlsBlock() {}

    /** Null where there is no such block: then the url's options decide. */
    static @Nullable DatabaseTls read(ConfigNode database) {
        ConfigNode tls = database.block("tls");
        DatabaseTls.Mode mode = tls.parsed(
                        "mode", "a way to use TLS", "write verify-full, verify-ca or require.", DatabaseTls.Mode::of)
                .orElse(DatabaseTls.Mode.VERIFY_FULL);
        @Nullable Path ca = file(tls, "ca");
        @Nullable Path crl = file(tls, "crl");
        @Nullable Path certificate = file(tls, "certificate");
        @Nullable Path key = SecretKeys.keyFile(tls, "key");
        if (!database.has("tls")) {
            return null;
        }
        if (mode.verifies() && !tls.has("ca")) {
            tls.missing(
                    "ca",
                    "name the PEM file of the authority that signs the certificates of your servers, as ca: FILE.");
        }
        if (!mode.verifies() && tls.has("ca")) {
            tls.problem(
                    "ca",
                    tls.named("ca") + " is not looked at: mode require takes any certificate",
                    "write mode: verify-full, or remove the line.");
        }
        if (!mode.verifies() && tls.has("crl")) {
            tls.problem(
                    "crl",
                    tls.named("crl") + " is not looked at: mode require takes any certificate",
                    "write mode: verify-full, or remove the line.");
        }
        if (tls.has("certificate") != tls.has("key")) {
            tls.problem(
                    tls.has("key") ? "key" : "certificate",
                    tls.named("certificate") + " and " + tls.named("key") + " go together, and one is missing",
                    "give both, or none.");
        }
        if (urlHas(database, URL_OPTIONS)) {
            database.problem(
                    "url",
                    database.named("url") + " says how to use TLS, and so does " + database.named("tls"),
                    "take the ssl options out of the url.");
        }
        return new DatabaseTls(mode, ca, crl, certificate, key);
    }

    private static @Nullable Path file(ConfigNode tls, String name) {
        Path file = tls.path(name).orElse(null);
        if (file != null && !Files.isReadable(file)) {
            tls.problem(
                    name,
                    tls.named(name) + ": " + file
                            + (Files.exists(file)
                                    ? " cannot be read by user " + System.getProperty("user.name")
                                    : " does not exist"),
                    "name a PEM file that the agent may read.");
        }
        return file;
    }

    /** @param options in small letters */
    static boolean urlHas(ConfigNode database, Set<String> options) {
        String url = database.raw("url");
        int question = url.indexOf('?');
        return question >= 0
                && Arrays.stream(url.substring(question + 1).split("&", -1))
                        .map(option -> option.replaceFirst("=.*", "").toLowerCase(Locale.ROOT))
                        .anyMatch(options::contains);
    }
}

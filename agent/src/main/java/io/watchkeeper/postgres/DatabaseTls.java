package io.watchkeeper.postgres;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a connection to a database is encrypted and who proves what by it. All files are PEM and read anew for each connection, so
 * that renewed ones are used without a restart.
 *
 * @param ca the authorities whose certificates a server may have; null where the server's certificate is not looked at
 * @param crl lists of the servers' certificates that were taken back, one for each authority; null where none are looked at
 * @param certificate the role's own, with its chain; null where it logs in without one
 * @param key of the certificate
 */
public record DatabaseTls(
        Mode mode,
        @Nullable Path ca,
        @Nullable Path crl,
        @Nullable Path certificate,
        @Nullable Path key) {

    /** Without revocation lists. */
    public DatabaseTls(Mode mode, @Nullable Path ca, @Nullable Path certificate, @Nullable Path key) {
        this(mode, ca, null, certificate, key);
    }

    /** What is asked of the server; called as libpq and the driver call it. */
    public enum Mode {
        /** Encryption; whoever answers is believed to be the server. */
        REQUIRE("require"),
        /** A certificate of an authority that is trusted, whatever name it is for. */
        VERIFY_CA("verify-ca"),
        /** A certificate of an authority that is trusted, for the name that the address gives. */
        VERIFY_FULL("verify-full");

        private final String word;

        Mode(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }

        /** Whether the server's certificate is looked at. */
        public boolean verifies() {
            return this != REQUIRE;
        }

        public static Optional<Mode> of(String word) {
            return Arrays.stream(values()).filter(m -> m.word.equals(word)).findFirst();
        }
    }
}

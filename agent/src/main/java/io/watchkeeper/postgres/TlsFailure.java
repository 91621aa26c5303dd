package io.watchkeeper.postgres;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateRevokedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong where a connection failed by its encryption, by a certificate, or by how the server wants the password.
 *
 * @param words what is true
 * @param hint what to do
 */
record TlsFailure(String words, String hint) {

    private static final String ALERT = "received fatal alert: ";

    /** Empty when the connection failed by something else. */
    static Optional<TlsFailure> of(DatabaseSettings settings, Throwable failure) {
        List<Throwable> chain = chain(failure);
        String key = "databases." + settings.name();
        return Optional.ofNullable(byServersCertificate(key, settings, chain))
                .or(() -> Optional.ofNullable(byAlert(key, chain)))
                .or(() -> Optional.ofNullable(byLogin(key, chain)))
                .or(() -> Optional.ofNullable(bySilence(key, settings, chain)));
    }

    private static List<Throwable> chain(Throwable failure) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable one = failure; one != null && !chain.contains(one); one = one.getCause()) {
            chain.add(one);
        }
        return chain;
    }

    private static @Nullable TlsFailure byServersCertificate(
            String key, DatabaseSettings settings, List<Throwable> chain) {
        Throwable expired = find(chain, CertificateExpiredException.class);
        if (expired != null) {
            return new TlsFailure(
                    "the server's certificate, or that of its authority, has expired (" + expired.getMessage() + ")",
                    "renew it on the server (ssl_cert_file), then SELECT pg_reload_conf(); is this host's clock right?");
        }
        Throwable early = find(chain, CertificateNotYetValidException.class);
        if (early != null) {
            return new TlsFailure(
                    "the server's certificate is not valid yet (" + early.getMessage() + ")",
                    "compare the clocks of both hosts: timedatectl.");
        }
        if (find(chain, CertificateRevokedException.class) != null) {
            return new TlsFailure(
                    "the server's certificate was revoked",
                    "somebody may have its key: let the server have a new one, and do not log in there before.");
        }
        if (find(chain, CertPathValidatorException.class) instanceof CertPathValidatorException invalid
                && invalid.getReason() == BasicReason.UNDETERMINED_REVOCATION_STATUS) {
            return new TlsFailure(
                    "nobody says whether the server's certificate was revoked",
                    key
                            + ".tls.crl must have a list of each authority, and none that is over: openssl crl -noout -nextupdate -in FILE.");
        }
        if (find(chain, CertPathBuilderException.class) != null) {
            return new TlsFailure(
                    "the server's certificate is not from an authority in " + settings.sslRootCert(),
                    "put the authority's certificate into that file, if it is your server that answers: openssl s_client"
                            + " -starttls postgres -showcerts -connect " + settings.address());
        }
        String text = says(chain, "could not be verified by hostnameverifier");
        if (text != null) {
            return new TlsFailure(
                    "the server's certificate is for another name than the one in " + key + ".url",
                    "write the name in the url as the certificate has it, or have the certificate made for this name, too"
                            + " (subjectAltName, for an address of the kind IP).");
        }
        return says(chain, "the server does not support ssl") == null
                ? null
                : new TlsFailure(
                        "the server does not encrypt, and " + key + " wants it to",
                        "set ssl_cert_file, ssl_key_file and ssl = on there, then SELECT pg_reload_conf().");
    }

    /** What the server thinks of us, before it says a word of its own. */
    private static @Nullable TlsFailure byAlert(String key, List<Throwable> chain) {
        String text = says(chain, ALERT);
        if (text == null) {
            return says(chain, "no appropriate protocol") == null && says(chain, "protocol version") == null
                    ? null
                    : oldProtocol("it offers nothing newer");
        }
        String alert = text.substring(text.indexOf(ALERT) + ALERT.length()).replaceAll("[^a-z_].*", "");
        return switch (alert) {
            case "protocol_version", "insufficient_security", "handshake_failure", "internal_error" ->
                oldProtocol(alert);
            case "certificate_expired" ->
                new TlsFailure(
                        "the server refuses our certificate: it has expired",
                        "renew " + key + ".tls.certificate; the next connection reads it.");
            case "certificate_required" -> wantsCertificate(key);
            default -> refusesCertificate(key, alert);
        };
    }

    private static TlsFailure oldProtocol(String how) {
        return new TlsFailure(
                "the server and this agent have no version of TLS in common (" + how
                        + "); the agent takes 1.2 and newer",
                "raise ssl_min_protocol_version and ssl_max_protocol_version on the server.");
    }

    private static TlsFailure wantsCertificate(String key) {
        return new TlsFailure("the server wants a certificate of ours", "set " + key + ".tls.certificate and key.");
    }

    private static @Nullable TlsFailure byLogin(String key, List<Throwable> chain) {
        if (says(chain, "connection requires a valid client certificate") != null) {
            return wantsCertificate(key);
        }
        String certificate = says(chain, "certificate authentication failed for user");
        if (certificate != null) {
            return new TlsFailure(
                    "the server takes our certificate for another user's than " + key + ".user",
                    "the certificate's common name (CN) must be the role's name, or be mapped to it in pg_ident.conf.");
        }
        boolean scram = says(chain, "channel binding is required") != null || says(chain, "requireauth") != null;
        return !scram
                ? null
                : new TlsFailure(
                        "the server does not ask for the password by SCRAM, and " + key + ".requireScram is set",
                        "write scram-sha-256 in its pg_hba.conf; set password_encryption = 'scram-sha-256' there and the role's"
                                + " password anew, if it is still kept as MD5.");
    }

    /** Under TLS 1.3 the server looks at our certificate when we are talking already, and what it says of it may be lost. */
    private static @Nullable TlsFailure bySilence(String key, DatabaseSettings settings, List<Throwable> chain) {
        boolean hungUp = says(chain, "broken pipe") != null || says(chain, "connection reset") != null;
        return settings.tls() == null || settings.tls().certificate() == null || !hungUp
                ? null
                : refusesCertificate(key, "it hung up");
    }

    private static TlsFailure refusesCertificate(String key, String how) {
        return new TlsFailure(
                "the server refuses our certificate (" + how + ")",
                "the authority that signed " + key
                        + ".tls.certificate must stand in ssl_ca_file of the server; its log says more.");
    }

    private static @Nullable Throwable find(List<Throwable> chain, Class<? extends Throwable> type) {
        return chain.stream().filter(type::isInstance).findFirst().orElse(null);
    }

    /** The first message with these words, in small letters. */
    private static @Nullable String says(List<Throwable> chain, String words) {
        return chain.stream()
                .map(one -> String.valueOf(one.getMessage()).toLowerCase(Locale.ROOT))
                .filter(message -> message.contains(words))
                .findFirst()
                .orElse(null);
    }
}

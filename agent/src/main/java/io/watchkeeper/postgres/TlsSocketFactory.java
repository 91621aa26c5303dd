package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CRL;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.postgresql.ssl.WrappedFactory;

/**
 * TLS as a database's settings want it, made by the driver by name for each connection. The driver itself would want keys in a
 * form of its own, and say little about what is wrong with them. It still compares the certificate's name with the server's.
 */
public final class TlsSocketFactory extends WrappedFactory {

    /** Nothing older, whatever this host's Java allows. */
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    /** No path holds it. */
    private static final String SEPARATOR = "\0";

    /**
     * @param argument as {@link #configure} writes it
     * @throws OperatorException naming the file that is wrong
     */
    public TlsSocketFactory(String argument) {
        List<String> parts = List.of(argument.split(SEPARATOR, -1));
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    parts.get(1).isEmpty() ? new KeyManager[0] : identity(Path.of(parts.get(1)), Path.of(parts.get(2))),
                    parts.get(0).isEmpty() ? anybody() : authorities(Path.of(parts.get(0)), parts.get(3)),
                    null);
            factory = context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new OperatorException("TLS cannot be prepared: " + e.getMessage(), null, e);
        }
    }

    /** Has the driver encrypt as the settings say. */
    static void configure(DatabaseTls tls, Properties properties) {
        properties.setProperty("sslmode", tls.mode().word());
        properties.setProperty("sslfactory", TlsSocketFactory.class.getName());
        String ca = tls.mode().verifies() && tls.ca() != null ? tls.ca().toString() : "";
        String certificate = tls.certificate() == null ? "" : tls.certificate().toString();
        String key = tls.key() == null ? "" : tls.key().toString();
        String crl = tls.crl() == null ? "" : tls.crl().toString();
        properties.setProperty("sslfactoryarg", String.join(SEPARATOR, ca, certificate, key, crl));
    }

    @Override
    public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
        Socket encrypted = super.createSocket(socket, host, port, autoClose);
        if (encrypted instanceof SSLSocket tls) {
            tls.setEnabledProtocols(PROTOCOLS);
        }
        return encrypted;
    }

    private static KeyManager[] identity(Path certificate, Path key) {
        List<X509Certificate> chain = certificates(certificate);
        try {
            // Said here: of what the server says about it, the end of the connection often leaves nothing.
            chain.get(0).checkValidity();
        } catch (CertificateException e) {
            throw new OperatorException(
                    "our own certificate, " + certificate + ", is not valid now (" + e.getMessage() + ")",
                    "renew it; the next connection reads it. Is this host's clock right?",
                    e);
        }
        return new KeyManager[] {
            new OneIdentity(
                    PemKey.parse(key.toString(), new String(bytes(key), StandardCharsets.US_ASCII)),
                    chain.toArray(X509Certificate[]::new))
        };
    }

    /** Shows its certificate to whoever asks: Java would keep one back that no authority the server names has signed. */
    private static final class OneIdentity extends X509ExtendedKeyManager {
        private static final String ALIAS = "role";

        private final PrivateKey key;
        private final X509Certificate[] chain;

        OneIdentity(PrivateKey key, X509Certificate[] chain) {
            this.key = key;
            this.chain = chain;
        }

        /** Asked for one algorithm after the other; a name for the wrong one would end the handshake. */
        @Override
        public @Nullable String chooseClientAlias(String[] kinds, Principal @Nullable [] issuers, Socket socket) {
            String ours = key.getAlgorithm();
            return Arrays.stream(kinds)
                            .anyMatch(kind -> kind.equals(ours) || (kind.equals("EdDSA") && ours.startsWith("Ed")))
                    ? ALIAS
                    : null;
        }

        @Override
        public String[] getClientAliases(String kind, Principal @Nullable [] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return chain.clone();
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }

        @Override
        public String @Nullable [] getServerAliases(String kind, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseServerAlias(String kind, Principal @Nullable [] issuers, Socket socket) {
            return null;
        }
    }

    /** @param crl revocation lists, of which each authority must have one that is not over; empty where none are looked at */
    private static TrustManager[] authorities(Path file, String crl) throws GeneralSecurityException {
        KeyStore store = emptyStore();
        int number = 0;
        for (Certificate certificate : certificates(file)) {
            store.setCertificateEntry("authority-" + number++, certificate);
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
        if (crl.isEmpty()) {
            managers.init(store);
        } else {
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(store, new X509CertSelector());
            parameters.setRevocationEnabled(true);
            parameters.addCertStore(
                    CertStore.getInstance("Collection", new CollectionCertStoreParameters(revocations(Path.of(crl)))));
            managers.init(new CertPathTrustManagerParameters(parameters));
        }
        return managers.getTrustManagers();
    }

    private static Collection<? extends CRL> revocations(Path file) {
        try {
            Collection<? extends CRL> lists =
                    CertificateFactory.getInstance("X.509").generateCRLs(new ByteArrayInputStream(bytes(file)));
            if (!lists.isEmpty()) {
                return lists;
            }
        } catch (GeneralSecurityException e) {
            throw new OperatorException(
                    "the revocation lists in " + file + " cannot be read: " + e.getMessage(),
                    "it must be a PEM file.",
                    e);
        }
        throw new OperatorException("there is no revocation list in " + file, "it must be a PEM file.");
    }

    /** What {@code require} means: encryption against listeners, no proof of who answers. */
    private static TrustManager[] anybody() {
        return new TrustManager[] {
            new X509TrustManager() {
                @Override
                public void checkClientTrusted(X509Certificate[] chain, String kind) {}

                @Override
                public void checkServerTrusted(X509Certificate[] chain, String kind) {}

                @Override
                public X509Certificate[] getAcceptedIssuers() {
                    return new X509Certificate[0];
                }
            }
        };
    }

    private static List<X509Certificate> certificates(Path file) {
        try {
            List<X509Certificate> certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(bytes(file)))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (!certificates.isEmpty()) {
                return certificates;
            }
        } catch (GeneralSecurityException e) {
            throw new OperatorException(
                    "the certificates in " + file + " cannot be read: " + e.getMessage(), "it must be a PEM file.", e);
        }
        throw new OperatorException("there is no certificate in " + file, "it must be a PEM file.");
    }

    private static KeyStore emptyStore() throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            return store;
        } catch (IOException e) {
            throw new IllegalStateException("an empty key store reads nothing", e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new OperatorException(
                    file + " cannot be read by user " + System.getProperty("user.name"),
                    "check the path and who may read the file: chown " + System.getProperty("user.name") + " " + file,
                    e);
        }
    }
}

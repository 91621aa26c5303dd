package io.watchkeeper.http;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads PEM files into key stores that exist in memory only. */
final class PemFiles {

    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)-----END", Pattern.DOTALL);
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "Ed25519");

    private PemFiles() {}

    /** The server's certificate chain and key. @throws OperatorException naming the file that is wrong */
    static KeyStore identity(AgentConfig.Tls tls, String password) {
        List<Certificate> chain = certificates(tls.certificate());
        PrivateKey key = privateKey(tls.key());
        try {
            requirePair(chain.get(0).getPublicKey(), key);
            KeyStore store = emptyStore();
            store.setKeyEntry("watchkeeper", key, password.toCharArray(), chain.toArray(Certificate[]::new));
            return store;
        } catch (GeneralSecurityException e) {
            throw new OperatorException(
                    tls.certificate() + " and " + tls.key() + " do not make a TLS identity: " + e.getMessage(),
                    "Check that the key belongs to the first certificate of the file.",
                    e);
        }
    }

    /** Half of a renewed pair would be taken for an identity, and then fail every handshake. */
    private static void requirePair(PublicKey certified, PrivateKey key) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "Ed25519";
        };
        byte[] text = "do they belong together?".getBytes(StandardCharsets.US_ASCII);
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(text);
        byte[] signature = signing.sign();
        Signature verifying = Signature.getInstance(algorithm);
        verifying.initVerify(certified);
        verifying.update(text);
        if (!verifying.verify(signature)) {
            throw new KeyException("the key is not the one of the certificate");
        }
    }

    /** The authorities whose certificates are trusted. */
    static KeyStore authorities(Path file) {
        try {
            KeyStore store = emptyStore();
            int number = 0;
            for (Certificate certificate : certificates(file)) {
                store.setCertificateEntry("authority-" + number++, certificate);
            }
            return store;
        } catch (GeneralSecurityException e) {
            throw new OperatorException("cannot use the certificates in " + file + ": " + e.getMessage(), null, e);
        }
    }

    /** The certificates of a file. @throws OperatorException when there is none */
    static List<X509Certificate> x509(Path file) {
        return certificates(file).stream()
                .filter(X509Certificate.class::isInstance)
                .map(X509Certificate.class::cast)
                .toList();
    }

    private static List<Certificate> certificates(Path file) {
        try {
            List<Certificate> certificates = List.copyOf(CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(bytes(file))));
            if (certificates.isEmpty()) {
                throw new OperatorException("there is no certificate in " + file, "It must be a PEM file.");
            }
            return certificates;
        } catch (GeneralSecurityException e) {
            throw new OperatorException(
                    "cannot read the certificates in " + file + ": " + e.getMessage(), "It must be a PEM file.", e);
        }
    }

    private static PrivateKey privateKey(Path file) {
        Matcher pem = PRIVATE_KEY.matcher(new String(bytes(file), StandardCharsets.US_ASCII));
        if (!pem.find()) {
            throw new OperatorException("there is no private key in " + file, "It must be a PEM file.");
        }
        if (!pem.group(1).isEmpty()) {
            throw new OperatorException(
                    "the key in " + file + " is of the kind '" + pem.group(1).strip() + " PRIVATE KEY'",
                    "Convert it: openssl pkcs8 -topk8 -nocrypt -in " + file + " -out key.pem");
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(pem.group(2));
        } catch (IllegalArgumentException e) {
            throw new OperatorException("the key in " + file + " is damaged: " + e.getMessage(), null, e);
        }
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                // Not of this algorithm; the next may fit.
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java has " + algorithm, e);
            }
        }
        throw new OperatorException(
                "the key in " + file + " is of none of the algorithms " + String.join(", ", ALGORITHMS), null);
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
                    "cannot read " + file + ": " + e.getMessage(), "Check the path and who may read the file.", e);
        }
    }
}

package io.watchkeeper.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.Base64;

/** What a test's server needs to speak TLS. */
public final class ServerCertificate {

    private ServerCertificate() {}

    /** A certificate and key where the server looks for them, with the owner and mode it insists on. */
    public static void install(Path data) throws Exception {
        Path store = Files.createTempFile("watchkeeper", ".p12");
        Files.delete(store);
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "RSA",
                        "-alias",
                        "s",
                        "-dname",
                        "CN=localhost",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .start();
        keytool.getInputStream().readAllBytes();
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException("keytool failed");
        }
        KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        Files.delete(store);
        pem(data.resolve("server.crt"), "CERTIFICATE", keys.getCertificate("s").getEncoded());
        pem(
                data.resolve("server.key"),
                "PRIVATE KEY",
                keys.getKey("s", "changeit".toCharArray()).getEncoded());
    }

    private static void pem(Path file, String kind, byte[] content) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        Files.writeString(file, "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.setOwner(file, Files.getOwner(file.resolveSibling("PG_VERSION")));
    }
}

package io.watchkeeper.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** An authority of its own in a folder, which makes certificates with OpenSSL as people do. */
public final class TestAuthority {

    private final Path folder;

    public TestAuthority(Path folder) {
        this.folder = folder;
        openssl(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "30",
                "-subj",
                "/CN=Authority of " + folder.getFileName(),
                "-keyout",
                "ca.key",
                "-out",
                "ca.crt");
    }

    public Path certificate() {
        return folder.resolve("ca.crt");
    }

    /**
     * Makes {@code NAME.crt} and {@code NAME.key}, an RSA key in PKCS #8.
     *
     * @param commonName of the subject
     * @param alternative the name it is for, as {@code DNS:host} or {@code IP:address}
     * @param days how long it is valid; negative for one that is over
     * @return the certificate
     */
    public Path issue(String name, String commonName, String alternative, int days) {
        openssl(
                "req",
                "-new",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                "/CN=" + commonName,
                "-keyout",
                name + ".key",
                "-out",
                name + ".csr");
        return sign(name, alternative, days);
    }

    /** Signs a request that is there already. */
    public Path sign(String name, String alternative, int days) {
        try {
            Files.writeString(folder.resolve(name + ".ext"), "subjectAltName=" + alternative + "\n");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        openssl(
                "x509",
                "-req",
                "-in",
                name + ".csr",
                "-CA",
                "ca.crt",
                "-CAkey",
                "ca.key",
                "-CAcreateserial",
                "-days",
                String.valueOf(days),
                "-extfile",
                name + ".ext",
                "-out",
                name + ".crt");
        return folder.resolve(name + ".crt");
    }

    public Path key(String name) {
        return folder.resolve(name + ".key");
    }

    /** Runs OpenSSL in the folder. */
    public void openssl(String... arguments) {
        try {
            List<String> command = new ArrayList<>(List.of("openssl"));
            command.addAll(List.of(arguments));
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Puts a certificate and its key where a server looks for them, with the owner and mode it insists on. */
    public void install(String name, Path data) throws IOException {
        place(folder.resolve(name + ".crt"), data.resolve("server.crt"));
        place(key(name), data.resolve("server.key"));
    }

    /** Copies a file to a server's folder, as its own. */
    public static void place(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-------"));
        Files.setOwner(to, Files.getOwner(to.resolveSibling("PG_VERSION")));
    }
}

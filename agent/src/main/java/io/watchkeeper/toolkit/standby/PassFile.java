package io.watchkeeper.toolkit.standby;

import io.watchkeeper.postgres.ServerUser;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file that the standby's server reads its password from, in libpq's own form. It lies beside the data directory and not in it, so that
 * no backup of the standby carries it.
 */
final class PassFile {

    private static final Pattern LAST_FIELD = Pattern.compile("(?:(?:[^:\\\\]|\\\\.)*:){4}((?:[^:\\\\]|\\\\.)*)");

    private final Path file;
    private final ServerUser owner;

    PassFile(Path file, ServerUser owner) {
        this.file = file;
        this.owner = owner;
    }

    static Path beside(Path dataDirectory) {
        return dataDirectory.resolveSibling("." + dataDirectory.getFileName() + ".pgpass");
    }

    /** The password; empty when there is no such file, or it holds none. */
    Optional<Secret> read() {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Files.readAllLines(file).stream()
                    .map(LAST_FIELD::matcher)
                    .filter(Matcher::matches)
                    .map(line -> Secret.of(line.group(1).replaceAll("\\\\(.)", "$1")))
                    .findFirst();
        } catch (IOException e) {
            throw new OperatorException(
                    file + " cannot be read: " + e.getMessage(),
                    "it holds the password of the standby's role; run this as its owner or as root.",
                    e);
        }
    }

    /** Readable to the server's user alone. */
    void write(PrimaryAddress primary, String role, Secret secret) {
        StringBuilder text = new StringBuilder();
        for (PrimaryAddress.Host host : primary.hosts()) {
            text.append(escaped(host.name()))
                    .append(':')
                    .append(host.port())
                    .append(":replication:")
                    .append(escaped(role))
                    .append(':')
                    .append(escaped(secret.reveal()))
                    .append('\n');
        }
        try {
            if (!Files.exists(file) || !Files.readString(file).contentEquals(text)) {
                OwnedFile.secret(file, text.toString(), owner);
            }
        } catch (IOException e) {
            throw new OperatorException(
                    file + " cannot be written: " + e.getMessage(),
                    "the folder of the data directory must be writable for '" + owner.name() + "'.",
                    e);
        }
    }

    void delete() throws IOException {
        Files.deleteIfExists(file);
    }

    private static String escaped(String field) {
        return field.replace("\\", "\\\\").replace(":", "\\:");
    }
}

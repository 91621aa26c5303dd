package io.watchkeeper.config;

import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a password or token from a file of its own. */
final class SecretFile {

    private static final long LARGEST = 64 * 1024;

    /** Why the file cannot be used; never with anything of its content. */
    static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1L;
        private final String hint;

        UnusableException(String message, String hint) {
            super(message);
            this.hint = hint;
        }

        String hint() {
            return hint;
        }
    }

    private SecretFile() {}

    /** The file's one line, without its line end. */
    static Secret read(Path file) throws UnusableException {
        check(file);
        String text;
        try {
            // Bytes that are not UTF-8 become replacement characters: the server will refuse such a password, we need
            // not.
            text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).replaceFirst("[\r\n]+$", "");
        } catch (IOException e) {
            throw unreadable(file);
        }
        if (text.isEmpty()) {
            throw new UnusableException(file + " is empty", "write the secret into it, on one line.");
        }
        if (text.indexOf('\n') >= 0) {
            throw new UnusableException(file + " holds more than one line", "write only the secret into it.");
        }
        return Secret.of(text);
    }

    /** Checks that the file is there, of a sane size, and kept from other users; does not look inside. */
    static void check(Path file) throws UnusableException {
        if (!Files.exists(file)) {
            throw new UnusableException(file + " does not exist", "create it with mode 0600.");
        }
        if (!Files.isRegularFile(file)) {
            throw new UnusableException(file + " is not a file", "name the file that holds the secret.");
        }
        try {
            FileMode mode = FileMode.of(file);
            if (!mode.fitForSecrets()) {
                throw new UnusableException(
                        file + " is open to other users: its mode is " + mode, "chmod 0600 " + file);
            }
            if (Files.size(file) > LARGEST) {
                throw new UnusableException(
                        file + " is larger than 64 KB, too large for a secret", "name the file that holds the secret.");
            }
        } catch (IOException e) {
            throw unreadable(file);
        }
        if (!Files.isReadable(file)) {
            throw unreadable(file);
        }
    }

    private static UnusableException unreadable(Path file) {
        return new UnusableException(
                file + " cannot be read by user " + System.getProperty("user.name"),
                "chown " + System.getProperty("user.name") + " " + file);
    }
}

package io.watchkeeper.config;

import io.watchkeeper.units.Secret;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads the keys that hold secrets or name the files that do. */
final class SecretKeys {

    /** {@link Secret} cannot redact shorter ones. */
    private static final int SHORTEST_REDACTED = 4;

    private SecretKeys() {}

    /** The secret in the file that the key names; null when the key is absent or the file unfit, which is then reported. */
    static @Nullable Secret fromFile(ConfigNode node, String key) {
        Path file = node.path(key).orElse(null);
        if (file == null) {
            return null;
        }
        node.source().secretFile(file);
        try {
            return checkedLength(node, key, SecretFile.read(file));
        } catch (SecretFile.UnusableException e) {
            node.problem(key, node.named(key) + ": " + e.getMessage(), e.hint());
            return null;
        }
    }

    /** {@code passwordFile}, or {@code password} where the file's mode allows it; null when there is neither. */
    static @Nullable Secret password(ConfigNode node) {
        Secret fromFile = fromFile(node, "passwordFile");
        if (!node.has("password")) {
            return fromFile;
        }
        // Known to the redaction before anything is said about it.
        Secret inline = node.text("password").map(Secret::of).orElse(null);
        if (node.has("passwordFile")) {
            node.problem(
                    "password",
                    node.named("password") + " and " + node.named("passwordFile") + " are both set",
                    "keep passwordFile.");
        } else if (!EnvironmentText.isOneVariable(node.raw("password"))
                && !node.source().mode().ownerOnly()) {
            Path file = node.source().file();
            node.problem(
                    "password",
                    node.named("password") + " stands in the file, and the file's mode is "
                            + node.source().mode(),
                    "put it into a file of its own, mode 0600, and name that in passwordFile; or let " + file
                            + " be owned by the user the agent runs as (the package's is watchkeeper), and chmod 0600 it.");
        }
        return inline == null ? null : checkedLength(node, "password", inline);
    }

    /** A private key: the file is checked as a secret's is, but not read. */
    static @Nullable Path keyFile(ConfigNode node, String key) {
        Path file = node.path(key).orElse(null);
        if (file == null) {
            return null;
        }
        node.source().secretFile(file);
        try {
            SecretFile.check(file);
        } catch (SecretFile.UnusableException e) {
            node.problem(key, node.named(key) + ": " + e.getMessage(), e.hint());
        }
        return file;
    }

    private static Secret checkedLength(ConfigNode node, String key, Secret secret) {
        if (secret.reveal().length() < SHORTEST_REDACTED) {
            node.warning(
                    key,
                    node.named(key) + " is shorter than " + SHORTEST_REDACTED
                            + " characters: it cannot be kept out of logs and is easily guessed",
                    "choose a longer one.");
        }
        return secret;
    }
}

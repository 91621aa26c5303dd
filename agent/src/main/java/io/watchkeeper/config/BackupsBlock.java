package io.watchkeeper.config;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code backups}. */
final class BackupsBlock {

    private static final Pattern RECIPIENT = Pattern.compile("age1[02-9ac-hj-np-z]{58}");

    private BackupsBlock() {}

    static AgentConfig.Backups read(ConfigNode backups) {
        Path repository = backups.path("repository").orElse(null);
        return new AgentConfig.Backups(
                repository, encryption(backups.block("encryption"), backups.has("encryption"), repository));
    }

    private static AgentConfig.@Nullable Encryption encryption(
            ConfigNode encryption, boolean wanted, @Nullable Path repository) {
        List<String> recipients = encryption.texts("recipients");
        if (wanted && recipients.isEmpty()) {
            encryption.missing(
                    "recipients", "make a pair of keys with age-keygen, and write the public one here: [age1…].");
        }
        for (String recipient : recipients) {
            if (recipient.startsWith("AGE-SECRET-KEY-")) {
                encryption.problem(
                        "recipients",
                        encryption.named("recipients") + " holds a secret key, and is no place for one",
                        "take it out, and write what 'age-keygen -y' makes of it; it is a public key of age then.");
            } else if (!RECIPIENT.matcher(recipient).matches()) {
                encryption.problem(
                        "recipients",
                        encryption.named("recipients") + ": '" + recipient + "' is no public key of age",
                        "it begins with age1; 'age-keygen -y' prints it for a secret key.");
            }
        }
        Path identity = SecretKeys.keyFile(encryption, "identityFile");
        if (identity != null && repository != null && real(identity).startsWith(real(repository))) {
            encryption.problem(
                    "identityFile",
                    encryption.named("identityFile") + ": " + identity + " is in the repository that it opens",
                    "keep the key elsewhere, and a copy of it off this host: whoever takes the disk takes both.");
        }
        return recipients.isEmpty() ? null : new AgentConfig.Encryption(recipients, identity);
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (java.io.IOException e) {
            return path.toAbsolutePath().normalize();
        }
    }
}

package io.watchkeeper.config;

import io.watchkeeper.trust.MinisignKey;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads {@code trust}. */
final class TrustBlock {

    private TrustBlock() {}

    static AgentConfig.Trust read(ConfigNode trust) {
        @Nullable
        MinisignKey key = trust.parsed(
                        "minisignKey",
                        "a public key of minisign",
                        "write the key itself, the second line of the .pub file: RW….",
                        MinisignKey::parse)
                .orElse(null);
        @Nullable Path signers = trust.path("sshAllowedSigners").orElse(null);
        if (signers != null && !Files.isRegularFile(signers)) {
            trust.problem(
                    "sshAllowedSigners",
                    trust.named("sshAllowedSigners") + ": " + signers + " is not a file",
                    "write one line per person: NAME ssh-ed25519 KEY.");
        }
        boolean signed = key != null || signers != null;
        boolean required = trust.flag("requireChecksums", signed);
        if (signed && !required) {
            trust.problem(
                    "requireChecksums",
                    trust.named("requireChecksums") + " is false, and signatures of the checksums are required",
                    "remove the line, or those of the keys.");
        }
        return new AgentConfig.Trust(required, key, signers);
    }
}

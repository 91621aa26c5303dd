package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How files of the repository are encrypted: by the program {@code age}. It was chosen over GnuPG and OpenSSL because it needs no key ring
 * and no daemon, because every block is authenticated, so that a changed file is refused and not restored as rubbish, and because a host that
 * makes backups needs no secret for it: only who restores does.
 *
 * @param recipients public keys, {@code age1…}; at least one
 * @param identityFile the file of the secret key, for hosts that restore or drill; null for those that do not. Never in the repository
 */
public record Encryption(List<String> recipients, @Nullable Path identityFile) {

    /** What the name of an encrypted file ends in. */
    public static final String SUFFIX = ".age";

    private static final String PROGRAM = "age";

    public Encryption {
        recipients = List.copyOf(recipients);
    }

    /**
     * The program that encrypts standard input to standard output.
     *
     * @throws OperatorException when it is not on this host
     */
    public PgCommand encrypt() {
        PgCommand command = PgCommand.of(PgBinaries.onPath(PROGRAM, PROGRAM), "--encrypt");
        recipients.forEach(recipient -> command.arguments("--recipient", recipient));
        return command;
    }

    /**
     * The program that decrypts standard input to standard output.
     *
     * @throws OperatorException when it is not on this host, or the secret key is not
     */
    public PgCommand decrypt() {
        return PgCommand.of(
                PgBinaries.onPath(PROGRAM, PROGRAM),
                "--decrypt",
                "--identity",
                identity().toString());
    }

    /** @throws OperatorException when this host has no secret key */
    public Path identity() {
        if (identityFile == null) {
            throw new OperatorException(
                    "the backup is encrypted, and this host has no key to read it",
                    "bring the identity file here, mode 0600, and name it as backups.encryption.identityFile.");
        }
        return identityFile;
    }
}

package io.watchkeeper.cli;

import io.watchkeeper.files.DurableFile;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.trust.ChecksumList;
import io.watchkeeper.trust.RunbookTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes the list of checksums of the runbooks as they are, and has it signed. */
@Command(
        name = "sign",
        mixinStandardHelpOptions = true,
        description = "Writes runbooks.sha256 by the runbooks as they are now, and signs it where a key is given."
                + " Read what has changed before: whoever signs vouches for it.")
final class TrustSignCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(arity = "0..1", paramLabel = "FOLDER", description = "default: the configured folder of runbooks")
    private @Nullable Path folder;

    @Option(
            names = "--minisign-key",
            paramLabel = "FILE",
            description = "a secret key of minisign, which is asked to sign")
    private @Nullable Path minisignKey;

    @Option(
            names = "--ssh-key",
            paramLabel = "FILE",
            description =
                    "an ed25519 key of OpenSSH, or the public half of one in ssh-agent; ssh-keygen is asked to sign")
    private @Nullable Path sshKey;

    TrustSignCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws IOException {
        Path where = folder == null ? invocation.config().runbooks() : folder;
        ChecksumList list = TrustedRunbooks.listOf(where);
        Path file = where.resolve(ChecksumList.NAME);
        // A signature of another list is worse than none: it would be said to be changed.
        for (Path signature : RunbookTrust.USUAL.files(where)) {
            if (!signature.equals(file)) {
                Files.deleteIfExists(signature);
            }
        }
        DurableFile.write(file, list.text());
        readable(file);
        invocation.terminal().print(file + " lists " + list.sums().size() + " runbooks.");
        if (minisignKey != null) {
            sign(List.of("minisign", "-S", "-s", minisignKey.toString(), "-m", file.toString()));
            readable(file.resolveSibling(file.getFileName() + ".minisig"));
        }
        if (sshKey != null) {
            sign(List.of("ssh-keygen", "-Y", "sign", "-n", "watchkeeper", "-f", sshKey.toString(), file.toString()));
            readable(file.resolveSibling(file.getFileName() + ".sig"));
        }
        return ExitStatus.OK;
    }

    /** The agent runs as another user than who signs, whatever that one's umask is. */
    private static void readable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    /** On this terminal: it may ask for the key's password. */
    private void sign(List<String> command) throws IOException {
        Process signing;
        try {
            signing = new ProcessBuilder(command).inheritIO().start();
        } catch (IOException e) {
            throw new OperatorException(
                    command.get(0) + " cannot be run: " + e.getMessage(),
                    "apt-get install " + (command.get(0).equals("minisign") ? "minisign" : "openssh-client")
                            + "; or sign the list on the host that has the key, with: " + String.join(" ", command),
                    e);
        }
        try {
            if (signing.waitFor() != 0) {
                throw new OperatorException(
                        command.get(0) + " did not sign the list",
                        "see what it said; by hand: " + String.join(" ", command));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OperatorException("interrupted while the list was signed", "sign it again.", e);
        }
    }
}

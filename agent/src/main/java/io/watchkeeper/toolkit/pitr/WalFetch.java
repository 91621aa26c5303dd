package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.wal.WalArchive;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings files out of a WAL archive by the program {@code fetch-wal}, the same that a restored server calls as its
 * restore_command: what a drill has proven to be readable is read the same way when it matters.
 */
final class WalFetch {

    private static final String NAME = "fetch-wal";
    private static final Path PACKAGED = Path.of("/usr/share/watchkeeper/bin", NAME);
    private static final int LEVELS = 4;

    private final Path program;
    private final WalArchive archive;
    private final @Nullable Path identity;
    private final Work work;

    /** @param identity the key of an encrypted archive; null for none */
    WalFetch(WalArchive archive, @Nullable Path identity, Work work) {
        this.program = locate();
        this.archive = archive;
        this.identity = identity;
        this.work = work;
    }

    /** Beside the classes of this program: in the package, or in a checkout. */
    private static Path locate() {
        try {
            Path at = Path.of(WalFetch.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            for (int level = 0; level < LEVELS && at != null; level++, at = at.getParent()) {
                Path program = at.resolve("bin").resolve(NAME);
                if (Files.isExecutable(program)) {
                    return program;
                }
            }
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        if (Files.isExecutable(PACKAGED)) {
            return PACKAGED;
        }
        throw new OperatorException(
                "the program " + NAME + " is not beside this one's classes, nor is " + PACKAGED,
                "install the package again, or build the checkout with agent/bin/watchkeeper.");
    }

    /**
     * Brings a file out, decoded and checked.
     *
     * @return false when the archive does not have it
     * @throws OperatorException when it has it, damaged
     */
    boolean fetch(String name, Path to) throws IOException {
        if (!Files.isDirectory(archive.folder())) {
            return false;
        }
        Files.deleteIfExists(to);
        PgCommand command = PgCommand.of(program);
        if (identity != null) {
            command.arguments("--identity", identity.toString());
        }
        command.arguments(archive.folder().toString(), name, to.toString());
        PgCommand.Result result = command.attempt(work, line -> {});
        if (result.exit() == 0) {
            return true;
        }
        if (result.exit() == 1) {
            return false;
        }
        String said = result.errors().strip();
        int hint = said.indexOf("HINT:");
        throw new OperatorException(
                "WAL file " + name + " cannot be had: "
                        + (hint < 0 ? said : said.substring(0, hint).strip())
                                .replace("fetch-wal: ", "")
                                .replaceAll("\\s*\\n\\s*", "; "),
                hint < 0 ? null : said.substring(hint + 5).strip());
    }

    /** A small file's text; empty when the archive does not have it. */
    Optional<String> text(String name) throws IOException {
        Path scratch = Files.createTempFile("watchkeeper", ".wal");
        try {
            return fetch(name, scratch) ? Optional.of(Files.readString(scratch)) : Optional.empty();
        } finally {
            Files.deleteIfExists(scratch);
        }
    }

    /** For a server that a person starts, without any agent. */
    String restoreCommand() {
        return quoted(program) + (identity == null ? "" : " --identity " + quoted(identity)) + " "
                + quoted(archive.folder()) + " %f %p";
    }

    /** For the shell, which PostgreSQL calls with its own placeholders filled in. */
    static String quoted(Path path) {
        String text = path.toString().replace("%", "%%");
        return text.matches("[A-Za-z0-9_@%+=:,./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}

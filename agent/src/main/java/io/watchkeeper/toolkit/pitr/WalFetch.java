package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.ServerUser;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.wal.ArchivedFile;
import io.watchkeeper.toolkit.wal.WalArchive;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings files out of a WAL archive by the program {@code fetch-wal}, the same that a restored server calls as its
 * restore_command: what a drill has proven to be readable is read the same way when it matters.
 */
final class WalFetch implements ArchivedLog {

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

    @Override
    public List<ArchivedFile> files() {
        return archive.files();
    }

    /** Received segments are renamed and compressed within moments, so one may be gone under its name since it was listed. */
    @Override
    public @Nullable Instant written(ArchivedFile file) throws IOException {
        return Files.exists(file.path())
                ? Files.getLastModifiedTime(file.path()).toInstant()
                : null;
    }

    @Override
    public boolean fetch(String name, Path to) throws IOException {
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

    @Override
    public Optional<String> history(String name) throws IOException {
        Path scratch = Files.createTempFile("watchkeeper", ".wal");
        try {
            return fetch(name, scratch) ? Optional.of(Files.readString(scratch)) : Optional.empty();
        } finally {
            Files.deleteIfExists(scratch);
        }
    }

    @Override
    public String restoreCommand(Path data) {
        return ArchivedLog.quoted(program)
                + (identity == null ? "" : " --identity " + ArchivedLog.quoted(identity)) + " "
                + ArchivedLog.quoted(archive.folder()) + " %f %p";
    }

    /** The server itself fetches the log, with its own user's rights. */
    @Override
    public List<String> obstacles(ServerUser user) {
        List<Path> needed = new ArrayList<>(List.of(archive.folder()));
        if (identity != null) {
            needed.add(identity);
        }
        List<String> obstacles = new ArrayList<>();
        for (Path one : needed) {
            PgCommand test =
                    PgCommand.of(Path.of("/usr/bin/test"), "-r", one.toString()).asUser(user.name());
            if (Files.exists(one) && test.attempt(work, line -> {}).exit() != 0) {
                obstacles.add("user " + user.name() + " cannot read " + one
                        + ", which the server's restore_command needs: give it the right before you start the server");
            }
        }
        return obstacles;
    }
}

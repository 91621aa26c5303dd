package io.watchkeeper.toolkit.wal;

import io.watchkeeper.problem.OperatorException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The shell programs that come with Watchkeeper, by which a server reaches an archive without the agent. */
public final class WalPrograms {

    private WalPrograms() {}

    /** PostgreSQL's archive_command: {@code archive-wal [OPTION]… ARCHIVE_DIR %p %f}. */
    public static Path archiveWal() {
        return find("archive-wal");
    }

    /** PostgreSQL's restore_command: {@code fetch-wal [--identity FILE] ARCHIVE_DIR %f %p}. */
    public static Path fetchWal() {
        return find("fetch-wal");
    }

    private static Path find(String name) {
        Path program = ownPlace();
        // Beside the jar in the package; from agent/target/ (the jar, or the folder of classes) in a checkout.
        for (String way : List.of("../bin", "../../bin")) {
            Path file = program.resolve(way).resolve(name).normalize();
            if (Files.isExecutable(file)) {
                return file;
            }
        }
        throw new OperatorException(
                "the program " + name + " is not where " + program + " expects it",
                "install the package again, or start agent/bin/watchkeeper of a complete checkout.");
    }

    private static Path ownPlace() {
        try {
            return Path.of(WalPrograms.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}

package io.watchkeeper.toolkit.standby;

import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.ServerUser;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * This host, as far as the standby needs it.
 *
 * @param user whom its files belong to and whom its server runs as
 * @param programs of the primary's own major version
 */
record StandbyHost(ServerUser user, PgBinaries programs) {

    /** In the data directory, with the record's token: it says that this directory was made for this standby. */
    static final String MARK = "watchkeeper.standby";

    /** @throws OperatorException when programs are missing, or files cannot be given to the owner */
    static StandbyHost of(Path data, @Nullable String owner, @Nullable Path bin, int major) {
        Path parent = data.getParent();
        if (!data.isAbsolute() || parent == null || !Files.isDirectory(parent)) {
            throw new OperatorException(
                    "there is no folder " + parent + " on this host, in which " + data.getFileName() + " would be made",
                    "make it for the server's user: install -d -o postgres -m 0700 " + parent + ".");
        }
        ServerUser user = owner == null ? ServerUser.forSandboxesIn(parent) : ServerUser.named(owner);
        if (!ServerUser.isRoot() && !Files.isWritable(parent)) {
            throw new OperatorException(
                    "user '" + user.name() + "' may not write in " + parent,
                    "run it as root: sudo watchkeeper run …; its programs then run as the folder's owner.");
        }
        PgBinaries programs = PgBinaries.forServer(bin, major)
                .orElseThrow(() -> new OperatorException(
                        "this host has no server programs of PostgreSQL " + major + ", which the primary is",
                        "apt install postgresql-" + major + ", or name their folder: bin '/path/to/bin'."));
        programs.program("pg_basebackup");
        return new StandbyHost(user, programs);
    }

    /**
     * One of PostgreSQL's programs as the server's user, with that user's home: libpq looks for certificates there, and one that must not
     * be looked into is an error to it.
     */
    PgCommand command(String program, String... arguments) {
        return PgCommand.of(programs.program(program), arguments)
                .asUser(user.name())
                .environment("HOME", home());
    }

    private String home() {
        try (Stream<String> passwd = Files.lines(Path.of("/etc/passwd"))) {
            return passwd.map(line -> line.split(":", -1))
                    .filter(fields -> fields.length > 5 && fields[0].equals(user.name()))
                    .map(fields -> fields[5])
                    .findFirst()
                    .orElse("/nonexistent");
        } catch (IOException e) {
            return "/nonexistent";
        }
    }

    /** Whether the data directory was made for the standby of this record. */
    static boolean isMade(StandbyRecord record) {
        try {
            Path mark = record.data().resolve(MARK);
            return Files.exists(mark) && Files.readString(mark).strip().equals(record.token());
        } catch (IOException e) {
            return false;
        }
    }

    /** @throws OperatorException when there is something in it, whosever it is */
    static void requireEmpty(Path folder) {
        if (Files.isSymbolicLink(folder)) {
            throw new OperatorException(
                    folder + " is a symbolic link", "name the folder itself, which is made by this run.");
        }
        requireNothingIn(folder, null);
    }

    /**
     * A link to an empty folder is as good: tablespaces are on other disks, and their paths as short as somebody made them.
     *
     * @param own how names begin that are no one else's; null for none
     * @throws OperatorException when there is anything else in it
     */
    static void requireTablespace(Path folder, @Nullable String own) {
        if (Files.isSymbolicLink(folder) && !Files.exists(folder)) {
            throw new OperatorException(
                    folder + " is a symbolic link that leads nowhere",
                    "make the folder it leads to, for the server's user, or name another.");
        }
        requireNothingIn(folder, own);
    }

    private static void requireNothingIn(Path folder, @Nullable String own) {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(
                folder, entry -> own == null || !entry.getFileName().toString().startsWith(own))) {
            for (Path entry : entries) {
                String what = Files.exists(folder.resolve("PG_VERSION"))
                        ? "holds a cluster of PostgreSQL "
                                + Files.readString(folder.resolve("PG_VERSION")).strip()
                        : "is not empty (" + entry.getFileName() + ")";
                throw new OperatorException(
                        folder + " " + what + ", and was not made for this standby",
                        "name another folder, or move this one away if nobody needs it; nothing of it was touched.");
            }
        } catch (IOException e) {
            throw new OperatorException(
                    folder + " cannot be looked into: " + e, "run this as its owner or as root.", e);
        }
    }

    /**
     * Where each tablespace of the primary goes here.
     *
     * @throws OperatorException when two servers of one host would share a folder
     */
    static Map<String, String> tablespaces(PrimaryFacts facts, Map<String, String> given) {
        Map<String, String> all = new TreeMap<>();
        for (String location : facts.tablespaces()) {
            String here = given.getOrDefault(location, location);
            if (here.equals(location) && facts.isHere()) {
                throw new OperatorException(
                        "the primary is on this host and has a tablespace in " + location
                                + ", which the standby cannot share",
                        "say where the standby's goes: tablespace '" + location + "', '/another/folder'.");
            }
            all.put(location, here);
        }
        return all;
    }
}

package io.watchkeeper.toolkit.pgbackrest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.ServerUser;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.pitr.ArchivedLog;
import io.watchkeeper.toolkit.wal.ArchivedFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The archive of one system in a repository of pgBackRest's. Segments are brought out by {@code archive-get}, as a restored server
 * does it itself, and compared with the hash that pgBackRest has put into their names: it does not look at that when it reads.
 */
final class StanzaLog implements ArchivedLog {

    private static final Pattern FILE =
            Pattern.compile("(?:.*/)?(?:([0-9A-F]{24})-([0-9a-f]{40})|([0-9A-F]{8}\\.history))(\\.[a-z0-9]+)?");

    /** What {@code archive-get} ends with when the archive does not have the file. */
    private static final int ABSENT = 1;

    private final PgBackRest program;
    private final String folder;
    private final List<String> repo;
    private final Supplier<@Nullable Path> restored;
    private @Nullable Listing listing;

    /**
     * @param repo options that name the repository; empty where there is one
     * @param restored a data directory of the system, with its pg_control at least, that pgBackRest's user reads; null for the
     *     running cluster's. {@code archive-get} hands out nothing for another system than the archive is of.
     */
    StanzaLog(PgBackRest program, String archive, List<String> repo, Supplier<@Nullable Path> restored) {
        this.program = program;
        this.folder = "archive/" + program.stanza() + "/" + archive;
        this.repo = List.copyOf(repo);
        this.restored = restored;
    }

    /** What is in the archive. @param hashes of segments @param written when a file was put there */
    private record Listing(Map<String, ArchivedFile> files, Map<String, String> hashes, Map<String, Instant> written) {

        static Listing parse(String json) throws IOException {
            Listing listing = new Listing(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
            for (Map.Entry<String, JsonNode> one :
                    new ObjectMapper().readTree(json).properties()) {
                Matcher m = FILE.matcher(one.getKey());
                if (m.matches()) {
                    boolean segment = m.group(1) != null;
                    String name = segment ? m.group(1) : m.group(3);
                    listing.files.put(
                            name,
                            new ArchivedFile(
                                    segment ? ArchivedFile.Kind.SEGMENT : ArchivedFile.Kind.HISTORY,
                                    name,
                                    m.group(4) == null ? "" : m.group(4),
                                    false,
                                    Path.of(one.getKey()),
                                    one.getValue().path("size").asLong()));
                    listing.written.put(
                            name,
                            Instant.ofEpochSecond(one.getValue().path("time").asLong()));
                    if (segment) {
                        listing.hashes.put(name, m.group(2));
                    }
                }
            }
            return listing;
        }
    }

    private Listing listing() throws IOException {
        Listing known = listing;
        return known == null ? list() : known;
    }

    private Listing list() throws IOException {
        List<String> options = new ArrayList<>(repo);
        options.addAll(List.of("--recurse", "--output=json"));
        Listing read = Listing.parse(program.listing(folder, options));
        listing = read;
        return read;
    }

    @Override
    public List<ArchivedFile> files() throws IOException {
        return List.copyOf(listing().files().values());
    }

    @Override
    public @Nullable Instant written(ArchivedFile file) throws IOException {
        return listing().written().get(file.name());
    }

    @Override
    public Optional<String> history(String name) throws IOException {
        ArchivedFile file = listing().files().get(name);
        return file == null
                ? Optional.empty()
                : Optional.of(program.run("repo-get", List.of(folder + "/" + file.path()), repo, line -> {})
                        .output());
    }

    @Override
    public boolean fetch(String name, Path to) throws IOException {
        Path cluster = restored.get();
        Path scratch = Files.createTempDirectory(cluster == null ? Path.of("/tmp") : cluster, "watchkeeper-wal");
        try {
            asUser().giveAlone(scratch);
            Path file = scratch.resolve(name);
            List<String> options = new ArrayList<>(repo);
            // Else it would read ahead into the folder that the running cluster's own archiving uses.
            options.add("--no-archive-async");
            if (cluster != null) {
                options.addAll(program.onThisHost(cluster));
            }
            PgBackRest.Outcome outcome =
                    program.attempt("archive-get", List.of(name, file.toString()), options, line -> {});
            if (outcome.exit() == ABSENT) {
                return false;
            }
            if (outcome.exit() != 0) {
                OperatorException e = program.failure("archive-get", outcome);
                throw new OperatorException("WAL file " + name + " cannot be had: " + e.getMessage(), e.hint(), e);
            }
            compare(name, file);
            Files.move(file, to, StandardCopyOption.REPLACE_EXISTING);
            return true;
        } finally {
            FolderTree.delete(scratch);
        }
    }

    private ServerUser asUser() {
        return program.user().map(ServerUser::named).orElseGet(ServerUser::me);
    }

    private void compare(String name, Path file) throws IOException {
        if (name.endsWith(".history")) {
            return;
        }
        String known = listing().hashes().get(name);
        // It may have been archived since.
        String wanted = known == null ? list().hashes().get(name) : known;
        String found = sha1(file);
        if (wanted != null && !wanted.equals(found)) {
            throw new OperatorException(
                    "WAL file " + name + " of stanza '" + program.stanza() + "' is damaged: its SHA-1 is " + found
                            + ", not " + wanted,
                    "what comes after it cannot be recovered: choose a target before it, and make a base backup now.");
        }
    }

    private static String sha1(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                DigestInputStream digest = new DigestInputStream(in, MessageDigest.getInstance("SHA-1"))) {
            digest.transferTo(java.io.OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String restoreCommand(Path data) {
        StringBuilder command = new StringBuilder(ArchivedLog.quoted(program.program()));
        command.append(" --stanza=").append(program.stanza().name());
        Path config = program.stanza().config();
        if (config != null) {
            command.append(" --config=").append(ArchivedLog.quoted(config));
        }
        for (String option : program.onThisHost(data)) {
            command.append(' ').append(ArchivedLog.quoted(Path.of(option)));
        }
        repo.forEach(option -> command.append(' ').append(option));
        return command.append(" --no-archive-async archive-get %f \"%p\"").toString();
    }

    /** The server's user reads the repository itself, and nothing else can: pgBackRest keeps it to one user. */
    @Override
    public List<String> obstacles(ServerUser user) {
        PgBackRest theirs = program.as(user.name());
        List<String> options = new ArrayList<>(repo);
        PgBackRest.Outcome outcome = theirs.attempt("repo-ls", List.of(folder), options, line -> {});
        if (outcome.exit() != 0) {
            throw new OperatorException(
                    "user " + user.name() + " cannot read stanza '" + program.stanza()
                            + "', which the restored server's restore_command needs: "
                            + theirs.failure("repo-ls", outcome).getMessage(),
                    program.user()
                            .filter(owner -> !owner.equals(user.name()))
                            .map(owner -> "restore for the user whom the repository belongs to: owner '" + owner + "'.")
                            .orElse("give it the right to read pgBackRest's configuration and repository."));
        }
        return List.of();
    }
}

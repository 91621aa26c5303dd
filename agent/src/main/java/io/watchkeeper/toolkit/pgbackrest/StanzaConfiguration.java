package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What pgBackRest's own configuration says, as far as the agent has to know it: which stanzas there are, and whose files they are. It is
 * read, and never written.
 *
 * @param file the main file; null when there is none
 * @param readable false when this user may not read it: then nothing below is known
 * @param sections options by section
 */
record StanzaConfiguration(@Nullable Path file, boolean readable, Map<String, Map<String, String>> sections) {

    private static final Path USUAL = Path.of("/etc/pgbackrest/pgbackrest.conf");
    private static final Path FORMER = Path.of("/etc/pgbackrest.conf");
    private static final Path INCLUDED = Path.of("/etc/pgbackrest/conf.d");
    private static final String LOCK_PATH = "/tmp/pgbackrest";

    /**
     * Looks where pgBackRest looks: in the file that is named, else in its usual ones.
     *
     * @throws OperatorException when the file that is named is not there
     */
    static StanzaConfiguration of(Stanza stanza) {
        Path named = stanza.config();
        if (named != null && !Files.exists(named)) {
            throw new OperatorException(
                    "pgBackRest's configuration " + named + " is not there",
                    "docs/pgbackrest.md shows a complete one; without a path, " + USUAL + " and " + FORMER
                            + " are looked for.");
        }
        Path file = named != null ? named : Files.exists(USUAL) ? USUAL : Files.exists(FORMER) ? FORMER : null;
        List<Path> files = new ArrayList<>();
        if (file != null) {
            files.add(file);
        }
        if (named == null) {
            files.addAll(included());
        }
        Map<String, Map<String, String>> sections = new LinkedHashMap<>();
        boolean readable = true;
        for (Path one : files) {
            try {
                read(Files.readAllLines(one), sections);
            } catch (IOException e) {
                // Debian's belongs to postgres and nobody else may read it. pgBackRest can, and says what is wrong in
                // it.
                readable = false;
            }
        }
        return new StanzaConfiguration(file, readable, sections);
    }

    private static List<Path> included() {
        List<Path> files = new ArrayList<>();
        if (Files.isReadable(INCLUDED)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(INCLUDED, "*.conf")) {
                all.forEach(files::add);
            } catch (IOException e) {
                return files;
            }
        }
        return files;
    }

    private static void read(List<String> lines, Map<String, Map<String, String>> sections) {
        Map<String, String> current = new LinkedHashMap<>();
        for (String raw : lines) {
            String line = raw.strip();
            int equals = line.indexOf('=');
            if (line.startsWith("[") && line.endsWith("]")) {
                current = sections.computeIfAbsent(line.substring(1, line.length() - 1), name -> new LinkedHashMap<>());
            } else if (!line.startsWith("#") && equals > 0) {
                current.put(
                        line.substring(0, equals).strip(),
                        line.substring(equals + 1).strip());
            }
        }
    }

    /** The stanzas it names, without the sections for single commands. */
    List<String> stanzas() {
        TreeSet<String> names = new TreeSet<>();
        for (String section : sections.keySet()) {
            String name = section.replaceFirst(":.*", "");
            if (!name.equals("global")) {
                names.add(name);
            }
        }
        return List.copyOf(names);
    }

    /** The cluster's data directory; empty where it is on another host or not known. */
    Optional<Path> dataDirectory(Stanza stanza) {
        return isElsewhere(stanza)
                ? Optional.empty()
                : Optional.ofNullable(
                                sections.getOrDefault(stanza.name(), Map.of()).get("pg1-path"))
                        .map(Path::of);
    }

    /** Whether it says that the cluster is on another host. */
    boolean isElsewhere(Stanza stanza) {
        return sections.getOrDefault(stanza.name(), Map.of()).containsKey("pg1-host");
    }

    /**
     * Whether it is known that pgBackRest expires by its own rules after each backup, as it does unless it is told not to, and that its
     * command {@code expire} would do the same.
     */
    boolean expiresAfterBackups(Stanza stanza) {
        if (!readable || System.getenv("PGBACKREST_EXPIRE_AUTO") != null) {
            return false;
        }
        // Either reads only the sections of its own name.
        for (String one : List.of("backup", "expire")) {
            for (String scope : List.of(stanza.name(), "global")) {
                if (sections.getOrDefault(scope + ":" + one, Map.of()).keySet().stream()
                        .anyMatch(key -> key.contains("retention"))) {
                    return false;
                }
            }
        }
        for (String section : List.of(stanza.name() + ":backup", stanza.name(), "global:backup", "global")) {
            String said = sections.getOrDefault(section, Map.of()).get("expire-auto");
            if (said != null) {
                return said.equals("y");
            }
        }
        return true;
    }

    /** Where pgBackRest says which of its processes is at work on the stanza. */
    Path lockFile(Stanza stanza) {
        String folder = Optional.ofNullable(
                        sections.getOrDefault(stanza.name(), Map.of()).get("lock-path"))
                .or(() -> Optional.ofNullable(
                        sections.getOrDefault("global", Map.of()).get("lock-path")))
                .orElse(LOCK_PATH);
        return Path.of(folder, stanza.name() + "-backup.lock");
    }

    /**
     * The user that pgBackRest runs as: whom the data directory belongs to, else whom its configuration belongs to. Files that another user,
     * above all root, puts into the repository stop the server from archiving.
     *
     * @return empty when that is not known: then the agent's own
     */
    Optional<String> user(Stanza stanza) {
        return dataDirectory(stanza)
                .flatMap(StanzaConfiguration::owner)
                .or(() -> Optional.ofNullable(file)
                        .flatMap(StanzaConfiguration::owner)
                        .filter(name -> !name.equals("root")));
    }

    private static Optional<String> owner(Path path) {
        try {
            return Files.exists(path) ? Optional.of(Files.getOwner(path).getName()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}

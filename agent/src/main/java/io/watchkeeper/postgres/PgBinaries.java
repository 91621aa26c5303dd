package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The folder of PostgreSQL's programs on this host. */
public record PgBinaries(Path folder) {

    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)");

    /** A program's version does not change while an agent runs, or not so that it would matter. */
    private static final Map<Path, Integer> MAJORS = new ConcurrentHashMap<>();

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

    /**
     * The programs of just one major version, which is what runs a restored server: the configured folder if it is of that version, else
     * Debian's.
     */
    public static Optional<PgBinaries> forServer(@Nullable Path configured, int major) {
        return Stream.concat(Stream.ofNullable(configured), Stream.of(DEBIAN.resolve(major + "/bin")))
                .filter(PgBinaries::hasServer)
                .map(PgBinaries::new)
                .filter(binaries -> binaries.major().orElse(-1) == major)
                .findFirst();
    }

    /**
     * A client program that fits a server: of its own version, else of the next newer one.
     *
     * @param configured the folder to look in before all others; null for none
     * @throws OperatorException when there is none
     */
    public static Path forClient(@Nullable Path configured, int serverMajor, String program) {
        return client(configured, serverMajor, program)
                .orElseThrow(() -> new OperatorException(
                        "no " + program + " for a server of version " + serverMajor + " on this host",
                        "apt install postgresql-client-" + serverMajor
                                + ", or set postgres.bin to the folder that holds it."));
    }

    /**
     * The psql that fits a server best: of its version, else of the next newer one, else the newest there is, which sends a newer server's
     * SQL as well; only its commands that read the catalogue, {@code \d} and the like, know no more than their own version.
     *
     * @param configured the folder to look in before all others; null for none
     * @throws OperatorException when there is none at all
     */
    public static Path forScripts(@Nullable Path configured, int serverMajor) {
        for (int major = serverMajor; major > 0; major--) {
            Optional<Path> psql = client(configured, major, "psql");
            if (psql.isPresent()) {
                return psql.get();
            }
        }
        throw new OperatorException(
                "no psql on this host",
                "apt install postgresql-client, or set postgres.bin to the folder that holds it.");
    }

    private static Optional<Path> client(@Nullable Path configured, int serverMajor, String program) {
        return Stream.of(
                        Stream.ofNullable(configured).map(PgBinaries::new).filter(b -> fits(b, program, serverMajor)),
                        debianVersions().stream()
                                .map(version -> new PgBinaries(version.resolve("bin")))
                                .filter(b -> fits(b, program, serverMajor))
                                .sorted(Comparator.comparingInt(b -> b.major().orElse(Integer.MAX_VALUE))),
                        Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                                .filter(folder -> !folder.isEmpty())
                                .map(folder -> new PgBinaries(Path.of(folder)))
                                .filter(b -> fits(b, program, serverMajor)))
                .flatMap(found -> found)
                .map(found -> found.folder().resolve(program))
                .findFirst();
    }

    private static boolean fits(PgBinaries binaries, String program, int serverMajor) {
        Path file = binaries.folder().resolve(program);
        return Files.isExecutable(file) && majorOf(file).orElse(0) >= serverMajor;
    }

    /** The major version of the programs, as they say it themselves; empty when none of them runs. */
    public Optional<Integer> major() {
        return Stream.of("postgres", "pg_basebackup", "psql")
                .map(folder::resolve)
                .filter(Files::isExecutable)
                .findFirst()
                .flatMap(PgBinaries::majorOf);
    }

    private static Optional<Integer> majorOf(Path program) {
        Integer known = MAJORS.get(program);
        if (known != null) {
            return Optional.of(known);
        }
        PgCommand.Result said = PgCommand.of(program, "--version").attempt(Work.unattended("watchkeeper"), line -> {});
        Matcher version = VERSION.matcher(said.output());
        if (!version.find()) {
            return Optional.empty();
        }
        int major = Integer.parseInt(version.group(1));
        MAJORS.put(program, major);
        return Optional.of(major);
    }

    /**
     * A program that is not PostgreSQL's, from the PATH.
     *
     * @param debianPackage what to install where it is missing
     * @throws OperatorException when it is not there
     */
    public static Path onPath(String program, String debianPackage) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder).resolve(program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new OperatorException(
                        "the program " + program + " is not on this host", "apt install " + debianPackage + "."));
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

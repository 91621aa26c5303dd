package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.Compression;
import io.watchkeeper.toolkit.backup.Encryption;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A stored file's way through the programs that its name asks for: {@code base.tar.gz.age} through age, gzip and tar. */
final class Pipe {

    private static final Map<Compression, String> PROGRAMS =
            Map.of(Compression.GZIP, "gzip", Compression.ZSTD, "zstd", Compression.LZ4, "lz4");

    private Pipe() {}

    /** Writes a stored file's bytes, and fails when they are not the right ones. */
    interface Source {
        void to(OutputStream out) throws IOException;
    }

    /** The name without what compression and encryption have added. */
    static String innerName(String name) {
        String inner =
                name.endsWith(Encryption.SUFFIX) ? name.substring(0, name.length() - Encryption.SUFFIX.length()) : name;
        return inner.substring(
                0, inner.length() - Compression.ofName(inner).suffix().length());
    }

    /**
     * Runs it to its end.
     *
     * @param last the program that takes the decoded bytes; empty when they go into a file
     * @param to that file
     * @throws OperatorException when the source is wrong, or a program is missing or fails
     */
    static void decode(
            Path stored,
            @Nullable Encryption encryption,
            List<String> last,
            @Nullable Path to,
            Work work,
            Source source)
            throws IOException {
        Path errors = Files.createTempFile("watchkeeper", ".err");
        List<Process> running = List.of();
        try {
            running = ProcessBuilder.startPipeline(
                    builders(String.valueOf(stored.getFileName()), encryption, last, to, errors));
            List<Process> all = running;
            Work.Registration cancellation = work.onCancel(() -> all.forEach(Process::destroy));
            try {
                feed(source, running.get(0));
                await(running, stored, errors);
            } finally {
                cancellation.close();
            }
        } finally {
            running.forEach(Process::destroyForcibly);
            Files.deleteIfExists(errors);
        }
    }

    /** @throws OperatorException when a program or the key that the stored file's name asks for is missing */
    static void requirePrograms(String name, @Nullable Encryption encryption) {
        if (!innerName(name).equals(name)) {
            List<List<String>> unused = decoders(name, encryption);
        }
    }

    private static List<List<String>> decoders(String name, @Nullable Encryption encryption) {
        List<List<String>> commands = new ArrayList<>();
        String inner = name;
        if (name.endsWith(Encryption.SUFFIX)) {
            if (encryption == null) {
                throw new OperatorException(
                        name + " is encrypted, and this host has no key to read it",
                        "bring the identity file here, mode 0600, and name it as backups.encryption.identityFile.");
            }
            commands.add(List.of(
                    PgBinaries.onPath("age", "age").toString(),
                    "--decrypt",
                    "--identity",
                    encryption.identity().toString()));
            inner = name.substring(0, name.length() - Encryption.SUFFIX.length());
        }
        String program = PROGRAMS.get(Compression.ofName(inner));
        if (program != null) {
            commands.add(List.of(PgBinaries.onPath(program, program).toString(), "-d", "-c", "-q"));
        }
        return commands;
    }

    private static List<ProcessBuilder> builders(
            String name, @Nullable Encryption encryption, List<String> last, @Nullable Path to, Path errors) {
        List<List<String>> commands = decoders(name, encryption);
        if (!last.isEmpty()) {
            commands.add(last);
        }
        List<ProcessBuilder> builders = new ArrayList<>();
        for (List<String> command : commands) {
            // They end with this process, however that ends.
            List<String> words = new ArrayList<>(List.of("setpriv", "--pdeathsig", "TERM", "--"));
            words.addAll(command);
            builders.add(new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile())));
        }
        ProcessBuilder end = builders.get(builders.size() - 1);
        end.redirectOutput(to == null ? ProcessBuilder.Redirect.DISCARD : ProcessBuilder.Redirect.to(to.toFile()));
        return builders;
    }

    private static void feed(Source source, Process first) throws IOException {
        try (OutputStream out = first.getOutputStream()) {
            source.to(out);
        } catch (IOException e) {
            // A program that has ended takes no more; its own words say why, and come next.
            if (first.isAlive()) {
                throw e;
            }
        }
    }

    private static void await(List<Process> running, Path stored, Path errors) throws IOException {
        boolean failed = false;
        try {
            for (Process process : running) {
                failed |= process.waitFor() != 0;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (failed) {
            String said = Files.readString(errors).strip().replaceAll("\\s*\\n\\s*", " · ");
            boolean full = said.contains("No space left");
            throw new OperatorException(
                    stored.getFileName() + " cannot be unpacked: " + said,
                    full
                            ? "make room where it is restored to."
                            : "the file, the key or the disk is wrong; watchkeeper backup verify says which files are damaged.");
        }
    }
}

package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plan and its scripts in a folder that only the agent's user can enter, so that what was judged and agreed to is what is run,
 * whoever writes to the project meanwhile.
 *
 * <p>If the process dies, its folder stays until the next migration, which removes those whose process is gone.
 */
final class ProjectCopy implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ProjectCopy.class);

    /** Below the folder: what psql is given. */
    private static final String MARKED = "marked";

    private final Path folder;
    private @Nullable SqitchProject copied;

    private ProjectCopy(Path folder) {
        this.folder = folder;
    }

    /** @param state the agent's folder of state, below which it is made */
    static ProjectCopy of(Path project, Path state) {
        Path copies = state.resolve("migrations");
        try {
            Files.createDirectories(copies);
            sweep(copies);
            ProjectCopy copy = new ProjectCopy(
                    Files.createTempDirectory(copies, ProcessHandle.current().pid() + "-"));
            try {
                copy.fill(project);
                return copy;
            } catch (IOException | RuntimeException e) {
                copy.close();
                throw e;
            }
        } catch (IOException e) {
            throw new OperatorException(
                    "the migrations of " + project + " cannot be copied to " + copies + ": " + e.getMessage(),
                    "the agent's user must be able to read the one and to write to the other.",
                    e);
        }
    }

    Path folder() {
        return folder;
    }

    /** Read once: the copy does not change. */
    private SqitchProject project() {
        SqitchProject known = copied;
        if (known == null) {
            known = SqitchProject.read(folder);
            copied = known;
        }
        return known;
    }

    private void fill(Path project) throws IOException {
        Path plan = project.resolve(SqitchProject.PLAN);
        // Read, for the one message about a project that is none.
        SqitchProject.read(project);
        write(
                folder.resolve(SqitchProject.PLAN),
                ProjectFiles.bytes(project, plan).orElse(new byte[0]));
        for (SqitchChange change : project().changes()) {
            for (String kind : List.of("deploy", "revert", "verify")) {
                Path from = SqitchProject.scriptFile(project, kind, change);
                Optional<byte[]> script = ProjectFiles.bytes(project, from);
                if (script.isPresent()) {
                    write(SqitchProject.scriptFile(folder, kind, change), script.get());
                }
            }
            writeMarked(change);
        }
    }

    /** What psql is given: the scripts, with the mark in those that change something. */
    private void writeMarked(SqitchChange change) throws IOException {
        SqitchProject all = project();
        for (String kind : List.of(ChangeMarks.DEPLOY, ChangeMarks.REVERT, "verify")) {
            Optional<String> text = all.script(kind, change);
            if (text.isPresent()) {
                String run = kind.equals("verify")
                        ? text.get()
                        : ChangeMarks.marked(text.get(), all.name(), mark(change, kind));
                write(
                        SqitchProject.scriptFile(folder.resolve(MARKED), kind, change),
                        run.getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    /** What tells that a script of the change was run. @param kind deploy or revert */
    ChangeMarks.Mark mark(SqitchChange change, String kind) {
        SqitchProject all = project();
        String hash = all.bytes(ChangeMarks.DEPLOY, change)
                .map(ChangeMarks::scriptHash)
                .orElse("");
        boolean certain = all.script(kind, change)
                .map(ScriptReader::read)
                .filter(Transaction::isOne)
                .isPresent();
        return new ChangeMarks.Mark(change.name(), kind, hash, certain);
    }

    /** A program that Sqitch takes for psql: it is, of the marked scripts. Sqitch itself sees, and keeps the digest of, those that were judged. */
    Path client(Path psql) {
        Path client = folder.resolve(MARKED).resolve("psql");
        try {
            write(
                    client,
                    ("#!/bin/sh\ncd \"$(dirname \"$0\")\" && exec '"
                                    + psql.toString().replace("'", "'\\''") + "' \"$@\"\n")
                            .getBytes(StandardCharsets.UTF_8));
            Files.setPosixFilePermissions(client, PosixFilePermissions.fromString("rwx------"));
            return client;
        } catch (IOException e) {
            throw new OperatorException(client + " cannot be written: " + e.getMessage(), "make room there.", e);
        }
    }

    private void write(Path to, byte[] bytes) throws IOException {
        Files.createDirectories(folderOf(to));
        Files.write(to, bytes);
    }

    private Path folderOf(Path script) {
        Path parent = script.getParent();
        return parent == null ? folder : parent;
    }

    private static void sweep(Path copies) throws IOException {
        List<Path> all;
        try (Stream<Path> found = Files.list(copies)) {
            all = found.toList();
        }
        for (Path copy : all) {
            String name = String.valueOf(copy.getFileName());
            int dash = name.indexOf('-');
            if (dash > 0 && name.substring(0, dash).chars().allMatch(Character::isDigit) && isOfNobody(name, dash)) {
                remove(copy);
            }
        }
    }

    private static boolean isOfNobody(String name, int dash) {
        return dash < 12
                && ProcessHandle.of(Long.parseLong(name.substring(0, dash))).isEmpty();
    }

    private static void remove(Path copy) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> found = Files.walk(copy)) {
            deepestFirst = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path one : deepestFirst) {
            Files.deleteIfExists(one);
        }
    }

    @Override
    public void close() {
        try {
            remove(folder);
        } catch (IOException e) {
            LOG.warn("{} could not be removed: {}", folder, e.getMessage());
        }
    }
}

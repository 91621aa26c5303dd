package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
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

    private final Path folder;

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

    private void fill(Path project) throws IOException {
        copy(project.resolve(SqitchProject.PLAN), folder.resolve(SqitchProject.PLAN));
        for (SqitchChange change : SqitchProject.read(folder).changes()) {
            for (String kind : List.of("deploy", "revert", "verify")) {
                Path from = SqitchProject.scriptFile(project, kind, change);
                copy(from, SqitchProject.scriptFile(folder, kind, change));
            }
        }
    }

    private void copy(Path from, Path to) throws IOException {
        Optional<byte[]> content = SqitchProject.bytes(from);
        if (content.isPresent()) {
            Files.createDirectories(folderOf(to));
            Files.write(to, content.get());
        }
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

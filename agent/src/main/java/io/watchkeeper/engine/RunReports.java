package io.watchkeeper.engine;

import io.watchkeeper.files.FolderTree;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What runs have written down for people, in {@code <state>/reports}: a folder for each run that has anything to say. */
public final class RunReports {

    /** Under the state directory. */
    public static final String FOLDER = "reports";

    private static final Logger LOG = LoggerFactory.getLogger(RunReports.class);
    private static final Pattern RUN_ID = Pattern.compile("[0-9A-Z]{26}");

    private RunReports() {}

    /** The folder of a run's reports; made where it is missing. @throws io.watchkeeper.problem.OperatorException when it cannot be made */
    public static Path folder(Path state, String runId) {
        return new StateFolder(state).reports(runId);
    }

    /** One file of a run's reports; empty when there is none. */
    public static Optional<String> read(Path state, String runId, String file) {
        if (!RUN_ID.matcher(runId).matches()) {
            return Optional.empty();
        }
        Path path = state.resolve(FOLDER).resolve(runId).resolve(file);
        try {
            return Files.exists(path) ? Optional.of(Files.readString(path)) : Optional.empty();
        } catch (IOException e) {
            LOG.warn("{} cannot be read: {}", path, e.toString());
            return Optional.empty();
        }
    }

    /**
     * Removes the reports of runs that nobody knows any more, and what interrupted runs left for others that never came.
     *
     * @param isKnown whether a run is still in history
     * @param before whatever else was last changed before this goes
     */
    public static void sweep(Path state, Predicate<String> isKnown, Instant before) {
        Path folder = state.resolve(FOLDER);
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path one : all) {
                String name = String.valueOf(one.getFileName());
                if (RUN_ID.matcher(name).matches()) {
                    if (!isKnown.test(name)) {
                        FolderTree.delete(one);
                    }
                } else {
                    removeOld(one, before);
                }
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("old reports in {} cannot be removed: {}", folder, e.toString());
        }
    }

    private static void removeOld(Path folder, Instant before) throws IOException {
        List<Path> files;
        try (Stream<Path> paths = Files.walk(folder)) {
            files = paths.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                Files.deleteIfExists(file);
            }
        }
    }
}

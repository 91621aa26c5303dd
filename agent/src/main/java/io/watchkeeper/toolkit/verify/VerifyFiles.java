package io.watchkeeper.toolkit.verify;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the files of one table's verification go.
 *
 * @param reports the run's own folder; null where nothing is to stay
 * @param name without ending, different for each plan
 */
record VerifyFiles(@Nullable Path reports, String name) {

    private static final int LONGEST_NAME = 100;

    static VerifyFiles of(@Nullable Path reports, PreparedVerification plan, String to, String fingerprint) {
        String table = plan.plan().from() + "-" + to;
        String safe = table.replaceAll("[^A-Za-z0-9._-]", "_");
        String name = safe.substring(0, Math.min(LONGEST_NAME, safe.length()));
        return new VerifyFiles(reports, name + "-" + fingerprint.substring(0, 8));
    }

    /** What an interrupted verification leaves for the next: beside the folders of the runs. */
    @Nullable
    Path unfinished() {
        Path parent = reports == null ? null : reports.toAbsolutePath().getParent();
        return parent == null ? null : parent.resolve("unfinished");
    }

    /** For rows that differ, while it is not known how many will stay. */
    Path working() {
        Path folder = reports;
        if (folder == null) {
            folder = DifferenceFile.io(() -> {
                Path made = Files.createTempDirectory("watchkeeper-verify");
                made.toFile().deleteOnExit();
                return made;
            });
        }
        return folder.resolve(name + ".part");
    }

    /**
     * Removes what was only needed on the way.
     *
     * @param keepWorking because another verification may go on with it; not where nothing is to stay
     */
    void tidy(Path working, boolean keepWorking) {
        Path folder = working.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            return;
        }
        DifferenceFile.io(() -> {
            List<Path> files;
            try (Stream<Path> all = Files.list(folder)) {
                files = all.toList();
            }
            for (Path file : files) {
                String one = String.valueOf(file.getFileName());
                boolean ours = one.startsWith(name + ".part") || one.startsWith(name + ".repaired");
                boolean kept = keepWorking && reports != null && file.equals(working.toAbsolutePath());
                if (ours && !kept) {
                    Files.deleteIfExists(file);
                }
            }
            return reports == null && Files.deleteIfExists(folder);
        });
    }

    @Nullable
    Path keys() {
        return reports == null ? null : reports.resolve(name + ".differences.csv");
    }

    @Nullable
    Path repair() {
        return reports == null ? null : reports.resolve(name + ".repair.sql");
    }
}

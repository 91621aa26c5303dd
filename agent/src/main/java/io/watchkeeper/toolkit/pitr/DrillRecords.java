package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.protection.DrillState;
import io.watchkeeper.toolkit.backup.BackupJson;
import io.watchkeeper.toolkit.backup.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The outcomes of a database's newest drills, in the catalogue. */
final class DrillRecords {

    private static final Logger LOG = LoggerFactory.getLogger(DrillRecords.class);
    private static final int KEPT = 100;

    private DrillRecords() {}

    /** A repository that cannot be written to is no reason to call a drill failed; the run's own document has everything. */
    static void write(Catalogue catalogue, String id, DrillState state) {
        Path folder = catalogue.drillsFolder();
        try {
            Files.createDirectories(folder);
            BackupJson.write(folder.resolve(id + ".json"), state);
            forgetOld(folder);
        } catch (IOException e) {
            LOG.warn("the outcome of drill {} cannot be written to {}: {}", id, folder, e.toString());
        }
    }

    /** Ids begin with the time, in digits of the same number for a long time to come. */
    private static void forgetOld(Path folder) throws IOException {
        List<Path> oldestFirst;
        try (Stream<Path> all = Files.list(folder)) {
            oldestFirst = all.filter(one -> one.toString().endsWith(".json"))
                    .sorted(Comparator.comparing(one -> one.getFileName().toString()))
                    .toList();
        }
        for (Path one : oldestFirst.subList(0, Math.max(0, oldestFirst.size() - KEPT))) {
            Files.deleteIfExists(one);
        }
    }
}

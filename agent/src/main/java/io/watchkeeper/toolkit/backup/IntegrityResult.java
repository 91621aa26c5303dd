package io.watchkeeper.toolkit.backup;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a verification of one database's backups found.
 *
 * @param database as configured
 * @param verified ids of the backups that were read, whatever was found
 * @param walFiles of the archive that were read
 * @param left what there was no time for: the next verification begins with it
 * @param bytes read
 * @param damaged what is wrong, by backup; also of those that were found damaged earlier and not read by this one
 * @param archiveProblems what is wrong with the archive, by file
 * @param limits how far a backup can be rolled forward, by its id, where that is not to the newest archived log
 */
public record IntegrityResult(
        String database,
        List<String> verified,
        int walFiles,
        int left,
        long bytes,
        Map<String, List<String>> damaged,
        Map<String, String> archiveProblems,
        Map<String, String> limits,
        Duration duration) {

    public IntegrityResult {
        verified = List.copyOf(verified);
        damaged = new LinkedHashMap<>(damaged);
        archiveProblems = new TreeMap<>(archiveProblems);
        limits = new TreeMap<>(limits);
    }

    /** Of a dry run. */
    public static IntegrityResult nothingRead(String database) {
        return new IntegrityResult(database, List.of(), 0, 0, 0, Map.of(), Map.of(), Map.of(), Duration.ZERO);
    }

    public boolean isSound() {
        return damaged.isEmpty() && archiveProblems.isEmpty() && limits.isEmpty();
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("verified", verified);
        fields.put("walFiles", walFiles);
        fields.put("left", left);
        fields.put("bytes", bytes);
        fields.put("damaged", damaged);
        fields.put("archiveProblems", archiveProblems);
        fields.put("limits", limits);
        fields.put("durationMs", duration.toMillis());
        fields.put("text", summary());
        return fields;
    }

    /** In a sentence, for logs. */
    public String summary() {
        String read = verified.size() + (verified.size() == 1 ? " backup and " : " backups and ") + walFiles
                + " files of WAL read in " + DurationText.say(duration);
        return left == 0 ? read : read + "; no time was left for " + left + " more";
    }

    /** The error to end with, as long as any damage is known. */
    public Optional<OperatorException> failure() {
        List<String> found = new ArrayList<>();
        damaged.forEach((id, problems) -> found.add("backup " + id + " is damaged: " + problems.get(0)));
        archiveProblems.forEach((file, problem) -> found.add("archived WAL " + file + ": " + problem));
        limits.forEach((id, limit) -> found.add("backup " + id + " is " + limit));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        String more = found.size() == 1 ? "" : ", and " + (found.size() - 1) + " more";
        return Optional.of(new OperatorException(
                database + ": " + found.get(0) + more,
                "make a new base backup now (watchkeeper backup base " + database
                        + "), then look for the cause in the disk and its file system."));
    }
}

package io.watchkeeper.toolkit.pgbackrest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code pgbackrest verify --output=text --verbose} found. Its exit status does not tell: 2.45 ends with 0 whatever it found, and even
 * where it could read nothing at all. So a backup is taken for sound only where the report says so.
 *
 * @param ok whether it says that all is well
 * @param backups what it says of each backup, by label
 * @param archives what it says of each archive, by id
 * @param damaged the files named, with what is wrong: {@code invalid checksum '…'}
 * @param other what it says of no file and no backup: {@code No usable backup.info file}
 */
record VerifyReport(
        boolean ok,
        Map<String, Checked> backups,
        Map<String, Checked> archives,
        List<String> damaged,
        List<String> other) {

    /** @param files that were read @param valid of these @param sound whether all is well with them */
    record Checked(long files, long valid, boolean sound) {}

    private static final Pattern BACKUP =
            Pattern.compile("backup: (\\S+), status: ([^,]+), total files checked: (\\d+), total valid files: (\\d+)");
    private static final Pattern ARCHIVE =
            Pattern.compile("archiveId: (\\S+), total WAL checked: (\\d+), total valid WAL: (\\d+)");
    private static final Pattern COUNTS =
            Pattern.compile("missing: \\d+.*|checksum invalid: .*|size invalid: .*|other: .*");
    /** {@code file missing '…'}, {@code invalid checksum '…'}, {@code invalid result …: [29] …} and then again and again. */
    private static final Pattern DAMAGED = Pattern.compile("(?:file missing|invalid|unable to) .*", Pattern.DOTALL);

    static VerifyReport parse(String output, CommandLog log) {
        boolean ok = false;
        Map<String, Checked> backups = new LinkedHashMap<>();
        Map<String, Checked> archives = new LinkedHashMap<>();
        List<String> other = new ArrayList<>();
        for (String raw : output.split("\n")) {
            String line = raw.strip();
            Matcher backup = BACKUP.matcher(line);
            Matcher archive = ARCHIVE.matcher(line);
            if (line.startsWith("status:")) {
                ok = line.equals("status: ok");
            } else if (backup.matches()) {
                backups.put(
                        backup.group(1),
                        checked(
                                backup.group(3),
                                backup.group(4),
                                backup.group(2).equals("valid")));
            } else if (archive.matches()) {
                archives.put(archive.group(1), checked(archive.group(2), archive.group(3), true));
            } else if (!line.isEmpty()
                    && !line.startsWith("stanza:")
                    && !COUNTS.matcher(line).matches()) {
                other.add(line);
            }
        }
        List<String> damaged = log.messages().stream()
                .map(CommandLog.Message::text)
                .filter(text -> DAMAGED.matcher(text).matches())
                .map(text -> text.lines().findFirst().orElse("").strip())
                .toList();
        return new VerifyReport(ok, backups, archives, damaged, other);
    }

    private static Checked checked(String files, String valid, boolean said) {
        long all = Long.parseLong(files);
        long good = Long.parseLong(valid);
        return new Checked(all, good, said && all == good);
    }

    /** What is wrong with a backup's own files. @param label of the backup, or of one it stands on */
    List<String> damagedFilesOf(String label) {
        return damaged.stream().filter(line -> line.contains(label + "/")).toList();
    }
}

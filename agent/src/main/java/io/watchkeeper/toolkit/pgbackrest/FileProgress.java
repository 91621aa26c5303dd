package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads how far a backup or restore is from the line that pgBackRest writes for each file. */
final class FileProgress implements Consumer<String> {

    /** {@code backup file /data/base/5/2838 (120KB, 35.30%) checksum 9f…}; newer ones say {@code (bundle 1/0, 8KB, 0.3%)}. */
    private static final Pattern FILE = Pattern.compile(
            "(?:backup|restore|match) (?:zeroed )?file .+? \\((?:[^()]*, )?([0-9.]+)([KMGTP]?)i?B, ([0-9.]+)%\\).*",
            Pattern.DOTALL);

    private final Work work;
    private final String subject;
    private final String stage;
    private long bytes;

    FileProgress(Work work, String subject, String stage) {
        this.work = work;
        this.subject = subject;
        this.stage = stage;
    }

    static boolean isFile(CharSequence line) {
        return FILE.matcher(line).matches();
    }

    @Override
    public void accept(String line) {
        Matcher m = FILE.matcher(line);
        if (!m.matches()) {
            return;
        }
        bytes += size(m.group(1), m.group(2));
        double share = Double.parseDouble(m.group(3)) / 100;
        long total = share > 0 ? Math.round(bytes / share) : 0;
        work.progress(Progress.ofBytes(subject, stage, bytes, total));
    }

    private static long size(String number, String unit) {
        long factor = unit.isEmpty() ? 1 : 1L << (10 * ("KMGTP".indexOf(unit) + 1));
        return Math.round(Double.parseDouble(number) * factor);
    }
}

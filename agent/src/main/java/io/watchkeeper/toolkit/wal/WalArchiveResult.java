package io.watchkeeper.toolkit.wal;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the archive of a database's log is.
 *
 * @param method {@code stream}, {@code command} or {@code ended}
 * @param slot null where there is none
 * @param receiving whether log arrives at this moment
 * @param newest the archive has everything up to here; null when that is not known
 * @param segments whole ones in the archive
 * @param recoverableTo every transaction that was committed until then is in the archive; null when that is not known
 * @param lag of log that the server has and the archive has not
 * @param retained of log that the server keeps for the archive
 * @param missing segments and history files that are missing between the oldest and the newest
 * @param gaps that are known, past ones included
 * @param starts how often the receiver was started in this process
 */
public record WalArchiveResult(
        String database,
        String method,
        @Nullable String slot,
        Path folder,
        boolean receiving,
        long timeline,
        @Nullable Lsn newest,
        long segments,
        @Nullable Instant recoverableTo,
        Bytes lag,
        Bytes retained,
        List<String> missing,
        List<WalGap> gaps,
        int starts,
        List<String> notes,
        Duration duration,
        @Nullable OperatorException failure) {

    public WalArchiveResult {
        missing = List.copyOf(missing);
        gaps = List.copyOf(gaps);
        notes = List.copyOf(notes);
    }

    /** Why it is not as it should be. */
    public Optional<OperatorException> problem() {
        return Optional.ofNullable(failure);
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("method", method);
        if (slot != null) {
            fields.put("slot", slot);
        }
        fields.put("folder", folder.toString());
        fields.put("receiving", receiving);
        fields.put("timeline", timeline);
        if (newest != null) {
            fields.put("newest", newest.toString());
        }
        fields.put("segments", segments);
        if (recoverableTo != null) {
            fields.put("recoverableTo", recoverableTo.toString());
        }
        fields.put("lagBytes", lag.count());
        fields.put("retainedBytes", retained.count());
        fields.put("missing", missing);
        fields.put("gaps", gaps.stream().map(WalGap::toString).toList());
        fields.put("starts", starts);
        if (!notes.isEmpty()) {
            fields.put("notes", notes);
        }
        fields.put("durationMs", duration.toMillis());
        return fields;
    }
}

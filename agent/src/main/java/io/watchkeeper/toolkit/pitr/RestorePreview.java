package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a restore would use and what would come of it, worked out without changing anything.
 *
 * @param chain the backup that is restored, last, and before it those it is nothing without
 * @param segments of archived WAL that would be replayed
 * @param walBytes of these, as stored
 * @param timeline that recovery follows to its end
 * @param end a position that recovery cannot get beyond
 * @param newest when the archive last got something; null when it holds nothing for this backup
 * @param needed on the disk of the restored directory
 * @param free there; null when the system does not say
 * @param lastSeconds how long the last restore of the backup took; null when there was none
 * @param notes what a person should know before
 */
public record RestorePreview(
        String database,
        List<Backup> chain,
        RecoveryTarget target,
        int segments,
        Bytes walBytes,
        long timeline,
        Lsn end,
        @Nullable Instant newest,
        Bytes needed,
        @Nullable Bytes free,
        @Nullable Double lastSeconds,
        List<String> notes) {

    public RestorePreview {
        chain = List.copyOf(chain);
        notes = List.copyOf(notes);
    }

    public Backup backup() {
        return chain.get(chain.size() - 1);
    }

    /** With more that a person should know before. */
    RestorePreview withNotes(List<String> more) {
        List<String> all = new ArrayList<>(notes);
        all.addAll(more);
        return new RestorePreview(
                database, chain, target, segments, walBytes, timeline, end, newest, needed, free, lastSeconds, all);
    }

    /** Until when everything is recoverable, as far as it is known without replaying. */
    public Instant recoverableTo() {
        Instant finished = backup().manifest().finishedAt();
        return newest == null || newest.isBefore(finished) ? finished : newest;
    }

    /** Lines for people, most important first. @param now for the loss */
    public List<String> lines(Instant now) {
        List<String> lines = new ArrayList<>();
        lines.add("backup   " + backup().id() + ", " + backup().manifest().kind() + ", ended "
                + backup().manifest().finishedAt() + ", "
                + new Bytes(backup().manifest().bytes()));
        if (chain.size() > 1) {
            lines.add("on top of "
                    + String.join(
                            ", ",
                            chain.subList(0, chain.size() - 1).stream()
                                    .map(Backup::id)
                                    .toList()));
        }
        lines.add("WAL      " + segments + (segments == 1 ? " segment" : " segments") + ", " + walBytes + ", to " + end
                + " on timeline " + timeline);
        lines.add("target   " + target.words() + lost(now));
        lines.add("room     " + needed + " needed" + (free == null ? "" : ", " + free + " free"));
        if (lastSeconds != null) {
            lines.add("last time it took " + DurationText.say(Duration.ofMillis((long) (lastSeconds * 1000))));
        }
        notes.forEach(note -> lines.add("note     " + note));
        return lines;
    }

    private String lost(Instant now) {
        if (target instanceof RecoveryTarget.Latest) {
            return ": what was written in the last " + DurationText.say(Duration.between(recoverableTo(), now))
                    + ", since " + recoverableTo() + ", is not archived and would be lost";
        }
        return ": what was written after it would not be there";
    }

    /** The lines as a dry run shows them. */
    public List<PlannedAction> actions(Instant now) {
        return lines(now).stream()
                .map(line -> new PlannedAction(database, line, LockLevel.NONE, -1, -1, ""))
                .toList();
    }

    /** As in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("backup", backup().id());
        fields.put("chain", chain.stream().map(Backup::id).toList());
        fields.put("target", target.words());
        fields.put("walSegments", segments);
        fields.put("walBytes", walBytes.count());
        fields.put("timeline", timeline);
        fields.put("endLsn", end.toString());
        fields.put("recoverableTo", recoverableTo().toString());
        fields.put("neededBytes", needed.count());
        if (free != null) {
            fields.put("freeBytes", free.count());
        }
        if (lastSeconds != null) {
            fields.put("lastSeconds", lastSeconds);
        }
        fields.put("notes", notes);
        return fields;
    }
}

package io.watchkeeper.engine;

import io.watchkeeper.runbook.HeavyWork;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The heavy work of this host, of all its processes.
 *
 * @param atOnce how many runs may be at it
 * @param working the runs that are, who began first first
 * @param waiting the runs that want to be, in the order of the line
 * @param strains why some of it waits or goes on slowly
 */
public record ArbiterState(int atOnce, List<Job> working, List<Job> waiting, List<Strain> strains) {

    /** Where there is none. */
    public static final ArbiterState NONE = new ArbiterState(0, List.of(), List.of(), List.of());

    public ArbiterState {
        working = List.copyOf(working);
        waiting = List.copyOf(waiting);
        strains = List.copyOf(strains);
    }

    /**
     * One run.
     *
     * @param since when it began to work, or to wait
     * @param place in line, from 1; 0 for one that works
     * @param reason why it waits, or why it goes on slowly; null when it does neither
     */
    public record Job(
            String runId,
            String runbook,
            long pid,
            HeavyWork work,
            Instant since,
            int place,
            @Nullable String reason) {}

    /** "2nd in line" for 2. */
    public static String inLine(int place) {
        boolean isTeen = place % 100 / 10 == 1;
        String ending = switch (isTeen ? 0 : place % 10) {
            case 1 -> "st";
            case 2 -> "nd";
            case 3 -> "rd";
            default -> "th";
        };
        return place + ending + " in line";
    }
}

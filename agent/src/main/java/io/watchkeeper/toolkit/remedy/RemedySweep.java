package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.replicas.RemedyEvent;
import io.watchkeeper.replicas.ReplicationBoard;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes back what remediations have left whose process died, or whose server could not be reached at their end. Leaves alone what a
 * living remediation holds, and what a person has changed since.
 */
public final class RemedySweep {

    private static final Logger LOG = LoggerFactory.getLogger(RemedySweep.class);

    private final RemedyRecords records;
    private final RemedyRevert revert;
    private final ReplicationBoard board;
    private final Clock clock;

    /** @param state the agent's @param databases all configured ones @param board told of what was taken back */
    public RemedySweep(Path state, Collection<Database> databases, ReplicationBoard board, Clock clock) {
        this.records = new RemedyRecords(state);
        this.revert = TemporaryChanges.revertBy(databases);
        this.board = board;
        this.clock = clock;
    }

    /** @return what there is to say, a sentence for each change */
    public List<String> sweep() {
        List<String> said = new ArrayList<>();
        Set<String> remediations = new LinkedHashSet<>();
        records.all().forEach(record -> remediations.add(record.remediation()));
        for (String remediation : remediations) {
            Optional<LockFile> lock = records.lock(remediation, "sweep");
            if (lock.isPresent()) {
                try {
                    // Read again: whoever held it until now may have taken something back meanwhile.
                    records.all().stream()
                            .filter(record -> record.remediation().equals(remediation))
                            .forEach(record -> said.add(takeBack(record)));
                } finally {
                    lock.get().close();
                }
            }
        }
        return said;
    }

    private String takeBack(RemedyRecord record) {
        RemedyRevert.Outcome outcome = revert.revert(record);
        if (!outcome.settled()) {
            LOG.warn("{} (run {}, for {} of {})", outcome.words(), record.run(), record.replica(), record.primary());
            return outcome.words();
        }
        records.remove(record);
        LOG.info("after run {}, which was interrupted: {}", record.run(), outcome.words());
        if (outcome.changed()) {
            board.event(new RemedyEvent(
                    clock.instant(), record.primary(), record.replica(), RemedyEvent.Kind.REVERT, outcome.words()));
        }
        return outcome.words();
    }
}

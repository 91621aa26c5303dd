package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.replicas.RemedyEvent;
import io.watchkeeper.replicas.ReplicationBoard;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What happened, in order: told to the board and the run's log as it happens, and kept for the report. */
final class Story {

    private final String database;
    private final ReplicationBoard board;
    private final Clock clock;
    private final Consumer<String> log;
    private final List<RemedyEvent> events = new ArrayList<>();
    private final Map<String, String> causes = new HashMap<>();

    Story(String database, ReplicationBoard board, Clock clock, Consumer<String> log) {
        this.database = database;
        this.board = board;
        this.clock = clock;
        this.log = log;
    }

    void tell(String replica, RemedyEvent.Kind kind, String text) {
        RemedyEvent event = new RemedyEvent(clock.instant(), database, replica, kind, text);
        synchronized (this) {
            events.add(event);
        }
        board.event(event);
        log.accept(replica + ": " + text);
    }

    /** Tells the likeliest cause when it is another than before. */
    void cause(String replica, Cause cause) {
        if (!cause.kind().name().equals(causes.put(replica, cause.kind().name()))) {
            tell(replica, RemedyEvent.Kind.CAUSE, cause.sentence());
        }
    }

    synchronized List<RemedyEvent> events() {
        return List.copyOf(events);
    }
}

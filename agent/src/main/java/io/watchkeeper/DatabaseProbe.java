package io.watchkeeper;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks databases the same thing again and again, each by a thread of its own, so that whoever shows the answers waits for no link. One that
 * does not answer is asked again when its turn comes; that it cannot be reached is said by those who watch for that.
 */
final class DatabaseProbe implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseProbe.class);

    private final String name;
    private final Duration every;
    private final Work work;
    private final Question question;
    private final ExecutorService threads;

    /** What is asked, and what becomes of the answer. Called by several threads at once, for different databases. */
    @FunctionalInterface
    interface Question {
        void ask(Database database, Session session) throws SQLException;
    }

    /**
     * Asks nothing yet.
     *
     * @param name of its threads
     * @param every between two questions to one database
     */
    DatabaseProbe(String name, Duration every, Work work, Question question) {
        this.name = name;
        this.every = every;
        this.work = work;
        this.question = question;
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Asks them for the first time at once. */
    void start(Collection<Database> databases) {
        databases.forEach(database -> threads.execute(() -> askUntilClosed(database)));
    }

    private void askUntilClosed(Database database) {
        try {
            do {
                ask(database);
            } while (!threads.awaitTermination(every.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ask(Database database) {
        try (Session session = database.open(work)) {
            question.ask(database, session);
        } catch (SQLException | RuntimeException e) {
            LOG.debug("{}: database '{}' cannot be asked: {}", name, database.name(), e.getMessage());
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}

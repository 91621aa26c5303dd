package io.watchkeeper.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

class SharedWriterTest {

    @TempDir
    Path state;

    private HistoryFile file;
    private final CountDownLatch go = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();

    @BeforeEach
    void open() {
        file = HistoryFile.open(state, Runs.START);
    }

    @AfterEach
    void close() {
        go.countDown();
        file.close();
    }

    /** Work that begins to wait in the queue while the first transaction is held open, until {@link #go}. */
    private CompletableFuture<Void> later(HistoryFile.Change change) {
        return CompletableFuture.runAsync(
                () -> {
                    asked.incrementAndGet();
                    file.change(change);
                },
                command -> new Thread(command).start());
    }

    private CompletableFuture<Void> hold() throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        CompletableFuture<Void> done = later(connection -> {
            held.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new SQLException(e);
            }
        });
        held.await();
        return done;
    }

    /** Each would wait for the store as long as all together have. */
    @Test
    void whatWaitedTogetherIsNotTriedOneByOneWhenAnotherProcessHoldsTheStore() throws Exception {
        CompletableFuture<Void> first = hold();
        AtomicInteger tried = new AtomicInteger();
        List<CompletableFuture<Void>> waiting = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            waiting.add(later(connection -> {
                tried.incrementAndGet();
                throw new SQLiteException("the database is locked", SQLiteErrorCode.SQLITE_BUSY);
            }));
        }
        await().until(() -> asked.get() == 6);
        // Asked is not yet in the queue; whoever comes too late is a transaction of his own, and tried once as well.
        go.countDown();
        first.get();
        for (CompletableFuture<Void> one : waiting) {
            assertThatThrownBy(one::get).hasMessageContaining("too long");
        }
        // The first of them that fails ends the transaction for all.
        assertThat(tried.get()).isLessThanOrEqualTo(5);
    }

    @Test
    void whatWaitedTogetherIsStoredAndOneThatFailsSpoilsNoOther() throws Exception {
        CompletableFuture<Void> first = hold();
        List<RunOutcome> runs = new ArrayList<>();
        List<CompletableFuture<Void>> good = new ArrayList<>();
        List<CompletableFuture<Void>> bad = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            RunOutcome run = Runs.accepted("sync");
            runs.add(run);
            good.add(later(connection -> RunRows.save(connection, run, Runs.START)));
            bad.add(later(connection -> {
                RunRows.save(connection, Runs.accepted("lost"), Runs.START);
                throw new SQLException("broken");
            }));
        }
        await().until(() -> asked.get() == 21);
        go.countDown();

        first.join();
        good.forEach(CompletableFuture::join);
        for (CompletableFuture<Void> each : bad) {
            assertThatThrownBy(each::join).hasCauseInstanceOf(OperatorException.class);
        }
        List<RunOutcome> stored = file.read(connection -> RunRows.select(connection, "order by id", List.of()));
        assertThat(stored).isEqualTo(runs);
    }

    @Test
    void anExceptionOfTheWorkItselfReachesItsCaller() {
        assertThatThrownBy(() -> file.change(connection -> {
                    throw new IllegalArgumentException("mine");
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("mine");
        RunOutcome run = Runs.accepted("sync");
        file.change(connection -> RunRows.save(connection, run, Runs.START));
        Optional<RunOutcome> stored = file.read(connection -> RunRows.find(connection, run.runId()));
        assertThat(stored).contains(run);
    }
}

package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.watchkeeper.testing.OtherProcess;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(60)
class HostSlotsTest {

    private static final Work WORK = Work.unattended("host slots test");
    private static final Duration MOMENT = Duration.ofMillis(100);
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path state;

    static DatabaseSettings settings(String url, int maxConnections) {
        return new DatabaseSettings("db", url, "postgres", null, maxConnections, null, true);
    }

    private static DatabaseSettings shore(int maxConnections) {
        return settings(TestServers.shore().url("postgres"), maxConnections);
    }

    private DatabasePools pools(int maxConnections) {
        return new DatabasePools(List.of(shore(maxConnections)), state);
    }

    @Test
    void connectionsInUseByAnotherProcessCountAndComeBackWhenItEnds() throws Exception {
        try (DatabasePools pools = pools(3)) {
            Database here = pools.database("db");
            try (OtherProcess other = OtherPool.holding(2, state, shore(3))) {
                assertThat(other.readLine()).isEqualTo("2");
                try (Session one = here.open(WORK)) {
                    assertThat(one.isUsable()).isTrue();
                    assertThat(here.tryOpen(WORK, MOMENT)).isEmpty();
                    assertThat(here.allInUse())
                            .hasMessageContaining("all 3 connections of database 'db' were in use for 10 min,"
                                    + " 1 of them by this process and the rest by others");
                    assertThat(here.allInUse().hint()).startsWith("raise databases.db.maxConnections");
                }
            }
            try (Session one = here.open(WORK);
                    Session two = here.open(WORK);
                    Session three = here.tryOpen(WORK, MOMENT).orElseThrow()) {
                assertThat(List.of(one, two, three)).allMatch(Session::isUsable);
            }
        }
    }

    @Test
    void idleConnectionsOfAnotherProcessDoNotCount() throws Exception {
        try (DatabasePools pools = pools(1)) {
            pools.database("db").open(WORK).close();

            assertThat(pools.database("db").poolFigures().idle()).isOne();
            try (OtherProcess other = OtherPool.holding(1, state, shore(1))) {
                assertThat(other.readLine()).isEqualTo("1");
            }
        }
    }

    @Test
    void aKilledProcessHoldsNothing() throws Exception {
        try (DatabasePools pools = pools(2);
                OtherProcess other = OtherPool.holding(2, state, shore(2))) {
            Database here = pools.database("db");
            assertThat(here.tryOpen(WORK, MOMENT)).isEmpty();

            other.kill();

            try (Session one = here.tryOpen(WORK, MOMENT).orElseThrow();
                    Session two = here.tryOpen(WORK, MOMENT).orElseThrow()) {
                assertThat(List.of(one, two)).allMatch(Session::isUsable);
            }
        }
    }

    @Test
    void poolsOfOneProcessCountTogetherAndCloseApart() throws Exception {
        try (DatabasePools pools = pools(2);
                Session here = pools.database("db").open(WORK)) {
            try (DatabasePools beside = pools(2);
                    Session there = beside.database("db").open(WORK)) {
                assertThat(there.isUsable()).isTrue();
                assertThat(beside.database("db").tryOpen(WORK, MOMENT)).isEmpty();
            }

            // The first pools' lock must have outlived the others' closing.
            try (OtherProcess other = OtherPool.holding(2, state, shore(2))) {
                assertThat(other.readLine()).isEqualTo("1");
            }
            assertThat(here.isUsable()).isTrue();
        }
    }

    @Test
    void eachProcessCountsUpToItsOwnCap() throws Exception {
        try (DatabasePools pools = pools(3);
                OtherProcess other = OtherPool.holding(2, state, shore(1))) {
            assertThat(other.readLine()).isEqualTo("1");
            Database here = pools.database("db");
            try (Session one = here.open(WORK);
                    Session two = here.open(WORK)) {
                assertThat(List.of(one, two)).allMatch(Session::isUsable);
                assertThat(here.tryOpen(WORK, MOMENT)).isEmpty();
            }
        }
        try (DatabasePools pools = pools(3);
                Session here = pools.database("db").open(WORK);
                OtherProcess other = OtherPool.holding(1, state, shore(1))) {
            assertThat(here.isUsable()).isTrue();
            assertThat(other.readLine()).isEqualTo("0");
        }
    }

    @Test
    void whoWaitsForASmallerCapDoesNotHoldUpTheOthers() throws Exception {
        try (DatabasePools large = pools(3);
                DatabasePools small = pools(1);
                Session held = large.database("db").open(WORK)) {
            StoppableWork waiting = new StoppableWork("waiting");
            CompletableFuture<Optional<Session>> outcome =
                    inThread(() -> small.database("db").tryOpen(waiting, LONG));
            await().until(() -> small.database("db").poolFigures().waiting() == 1);

            try (Session second = large.database("db").tryOpen(WORK, MOMENT).orElseThrow()) {
                assertThat(List.of(held, second)).allMatch(Session::isUsable);
            }
            waiting.stop();
            assertThatThrownBy(outcome::join).hasCauseInstanceOf(WorkCancelledException.class);
        }
    }

    @Test
    void aBusyProcessDoesNotKeepOthersWaiting() throws Exception {
        OtherProcess other = OtherPool.busy(3, state, shore(1));
        try (other;
                DatabasePools pools = pools(1)) {
            for (int i = 0; i < 8; i++) {
                // One or two sessions of the other, 0.1 s each, come first; the rest is for slow machines.
                Optional<Session> session = pools.database("db").tryOpen(WORK, Duration.ofSeconds(2));
                assertThat(session).isPresent();
                session.get().close();
            }
        }
    }

    @Test
    void waitingEndsWhenTheWorkIsStoppedAndLeavesNothingBehind() throws Exception {
        try (DatabasePools pools = pools(1);
                OtherProcess other = OtherPool.holding(1, state, shore(1))) {
            Database here = pools.database("db");
            StoppableWork work = new StoppableWork("waiting");
            CompletableFuture<Optional<Session>> waiting = inThread(() -> here.tryOpen(work, LONG));
            await().until(() -> here.poolFigures().waiting() == 1);
            assertThat(here.poolFigures().active()).isZero();

            work.stop();

            assertThatThrownBy(waiting::join).hasCauseInstanceOf(WorkCancelledException.class);
            assertThat(here.poolFigures().waiting()).isZero();
            other.kill();
            try (Session session = here.tryOpen(WORK, MOMENT).orElseThrow()) {
                assertThat(session.isUsable()).isTrue();
            }
        }
    }

    @Test
    void interruptsCloseNoFile() throws Exception {
        try (DatabasePools pools = pools(1);
                HostSlots beside = new HostSlots(state.resolve("connections"), "db", 1)) {
            Database here = pools.database("db");
            Thread.currentThread().interrupt();
            try (Session session = here.open(WORK)) {
                assertThat(Thread.interrupted()).isTrue();
                FutureTask<Optional<Session>> waiting = new FutureTask<>(() -> here.tryOpen(WORK, LONG));
                Thread thread = new Thread(waiting);
                thread.start();
                await().until(() -> here.poolFigures().waiting() == 1);
                thread.interrupt();
                assertThatThrownBy(waiting::get).hasCauseInstanceOf(WorkCancelledException.class);
                assertThatThrownBy(() -> {
                            Thread.currentThread().interrupt();
                            beside.take(WORK, System.nanoTime() + LONG.toNanos());
                        })
                        .isInstanceOf(InterruptedException.class);
                assertThat(beside.waiting()).isZero();

                try (OtherProcess other = OtherPool.holding(1, state, shore(1))) {
                    assertThat(other.readLine()).isEqualTo("0");
                }
                assertThat(session.isUsable()).isTrue();
            }
        }
    }

    @Test
    void aFolderThatCannotBeUsedLeavesEachProcessItsOwnCap() throws Exception {
        Files.createFile(state.resolve("connections"));
        Logger log = (Logger) LoggerFactory.getLogger(HostSlots.class);
        ListAppender<ILoggingEvent> warnings = new ListAppender<>();
        warnings.start();
        log.addAppender(warnings);
        try (DatabasePools pools = pools(1)) {
            Database here = pools.database("db");
            for (int i = 0; i < 2; i++) {
                try (Session session = here.open(WORK)) {
                    assertThat(session.isUsable()).isTrue();
                    assertThat(here.tryOpen(WORK, MOMENT)).isEmpty();
                }
            }
            try (Session session = here.open(WORK);
                    OtherProcess other = OtherPool.holding(2, state, shore(1))) {
                assertThat(session.isUsable()).isTrue();
                assertThat(other.readLine()).isEqualTo("1");
            }
            assertThat(warnings.list)
                    .singleElement()
                    .satisfies(warning -> assertThat(warning.getFormattedMessage())
                            .startsWith("connections of other processes are not counted, because " + state)
                            .contains("Not a directory"));
        } finally {
            log.detachAppender(warnings);
        }
    }

    @Test
    void whatRootMakesBelongsToTheOwnerOfTheStateDirectory() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root can give files away");
        UserPrincipal owner =
                state.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
        Files.setOwner(state, owner);
        try (DatabasePools pools = pools(1)) {
            pools.database("db").open(WORK).close();

            Path folder = state.resolve("connections");
            assertThat(Files.getOwner(folder)).isEqualTo(owner);
            assertThat(Files.getOwner(folder.resolve("db.slots"))).isEqualTo(owner);
        }
    }

    @Test
    void aLinkInPlaceOfTheFileIsNotFollowed() throws Exception {
        Path elsewhere = state.resolve("elsewhere");
        Path link = Files.createDirectory(state.resolve("connections")).resolve("db.slots");
        Files.createSymbolicLink(link, elsewhere);
        try (DatabasePools pools = pools(1)) {
            pools.database("db").open(WORK).close();

            assertThat(elsewhere).doesNotExist();
            assertThat(Files.isSymbolicLink(link)).isTrue();
            assertThat(Files.exists(elsewhere, LinkOption.NOFOLLOW_LINKS)).isFalse();
        }
    }

    @Test
    void countingCostsNothingThatCouldBeNoticed() throws Exception {
        try (HostSlots slots = new HostSlots(state.resolve("connections"), "db", 8)) {
            long[] nanos = new long[5000];
            for (int i = 0; i < nanos.length; i++) {
                long start = System.nanoTime();
                slots.take(WORK, start);
                slots.giveBack();
                nanos[i] = System.nanoTime() - start;
            }
            Arrays.sort(nanos);
            assertThat(nanos[nanos.length / 2]).isLessThan(50_000);
        }
    }

    private interface Opening {
        Optional<Session> open() throws SQLException;
    }

    private static CompletableFuture<Optional<Session>> inThread(Opening opening) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return opening.open();
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> new Thread(task).start());
    }
}

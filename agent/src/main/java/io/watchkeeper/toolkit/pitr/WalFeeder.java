package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.ServerUser;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a sandbox's server the WAL it asks for. The server's restore_command leaves the name of the file it wants in a folder and
 * waits; this reads the archive with the agent's rights and keys, checks every byte, and puts the file there, and the next one
 * before it is asked for. So the server's user needs no right to the repository, and a damaged segment is an error here, in words.
 */
final class WalFeeder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WalFeeder.class);
    private static final int LOOK_EVERY_MS = 10;
    private static final String WANTED = ".wanted";
    private static final String ABSENT = ".absent";

    /** Says what there is; called from one thread. */
    interface Source {

        /** Puts the file there, checked. @return false when there is no such file */
        boolean fetch(String name, Path to) throws IOException;

        /** The segment after this one; null when it is not known to follow. */
        @Nullable
        String next(String name);

        /** The log that a restore goes by. */
        static Source of(RestorePlanner.Plan plan) {
            return new Source() {
                @Override
                public boolean fetch(String name, Path to) throws IOException {
                    return plan.log().fetch(name, to);
                }

                @Override
                public @Nullable String next(String name) {
                    return plan.wal().after(name).orElse(null);
                }
            };
        }
    }

    private final Path folder;
    private final ServerUser user;
    private final Source source;
    private final Thread thread;
    private final AtomicInteger given = new AtomicInteger();
    private @Nullable String ahead;
    private volatile boolean closed;
    private volatile @Nullable RuntimeException failure;

    WalFeeder(Path folder, ServerUser user, Source source) {
        this.folder = folder;
        this.user = user;
        this.source = source;
        this.thread = new Thread(this::feed, "wal-feeder");
        thread.setDaemon(true);
    }

    /** Begins. @return the restore_command of the server */
    String start(Path script) throws IOException {
        Files.writeString(script, """
                #!/bin/sh
                # The restore_command of a sandbox: asks the agent that made it for a file of the WAL archive.
                # Exit status 1 says that there is none, and more than 125 ends the recovery.
                wal=$1 agent=$2 file=$3 to=$4
                : > "$wal/$file.wanted" || exit 200
                while [ ! -e "$wal/$file.ready" ]; do
                    if [ -e "$wal/$file.absent" ]; then
                        rm -f "$wal/$file.wanted" "$wal/$file.absent"
                        exit 1
                    fi
                    [ ! -e "$wal/broken" ] && [ -d "/proc/$agent" ] && [ -d "$wal" ] || exit 200
                    sleep 0.01
                done
                rm -f "$wal/$file.wanted"
                exec mv -f "$wal/$file.ready" "$to"
                """);
        user.give(script);
        thread.start();
        return "/bin/sh " + ArchivedLog.quoted(script) + " " + ArchivedLog.quoted(folder) + " "
                + ProcessHandle.current().pid() + " %f %p";
    }

    /** How many files the server has asked for and got, or that are ready for it. */
    int given() {
        return given.get();
    }

    /** Why no more can be given; null while all is well. */
    @Nullable
    RuntimeException failure() {
        return failure;
    }

    private void feed() {
        try {
            while (!closed) {
                String wanted = wanted();
                if (wanted != null) {
                    serve(wanted);
                } else if (!lookAhead()) {
                    Thread.sleep(LOOK_EVERY_MS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            if (!closed) {
                failure = e instanceof OperatorException known
                        ? known
                        : new OperatorException("WAL cannot be given to the sandbox: " + Reason.of(e), null, e);
                LOG.warn("{}", failure.getMessage());
                giveUp();
            }
        }
    }

    private @Nullable String wanted() throws IOException {
        try (DirectoryStream<Path> asked = Files.newDirectoryStream(folder, "*" + WANTED)) {
            for (Path one : asked) {
                String name = one.getFileName().toString();
                return name.substring(0, name.length() - WANTED.length());
            }
        }
        return null;
    }

    private void serve(String name) throws IOException, InterruptedException {
        if (Files.exists(ready(name)) || Files.exists(folder.resolve(name + ABSENT))) {
            Thread.sleep(1); // the asker is about to see it
            return;
        }
        Path part = folder.resolve(name + ".part");
        boolean there = source.fetch(name, part);
        // The asker may have got the one that was fetched ahead meanwhile, and wants no second.
        if (!Files.exists(folder.resolve(name + WANTED))) {
            Files.deleteIfExists(part);
        } else if (there) {
            publish(name, part);
            ahead = name;
        } else {
            // The asker takes it away as soon as it sees it, so that it must be the asker's by then.
            Files.writeString(part, "");
            user.give(part);
            Files.move(part, folder.resolve(name + ABSENT), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Once a segment was taken, makes the next one ready. @return whether there was something to do */
    private boolean lookAhead() throws IOException {
        String last = ahead;
        if (last == null || Files.exists(ready(last))) {
            return false;
        }
        String next = source.next(last);
        ahead = next;
        if (next == null) {
            return false;
        }
        Path part = folder.resolve(next + ".part");
        try {
            if (source.fetch(next, part)) {
                publish(next, part);
                return true;
            }
        } catch (OperatorException e) {
            // It may lie behind the target; if it is asked for after all, this is said then.
            LOG.debug("{}", e.getMessage());
        }
        ahead = null;
        return false;
    }

    private Path ready(String name) {
        return folder.resolve(name + ".ready");
    }

    /** Under another name first, so that the server never takes half a file. */
    private void publish(String name, Path part) throws IOException {
        user.give(part);
        Files.move(part, ready(name), StandardCopyOption.ATOMIC_MOVE);
        given.incrementAndGet();
    }

    private void giveUp() {
        try {
            Files.writeString(folder.resolve("broken"), "");
        } catch (IOException e) {
            LOG.warn("{}", e.toString());
        }
    }

    /** @throws RuntimeException the failure, when there was one */
    void throwIfFailed(Work work) {
        work.throwIfCancelled();
        RuntimeException known = failure;
        if (known != null) {
            throw known;
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        boolean interrupted = Thread.interrupted();
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.RunningCommand;
import io.watchkeeper.postgres.Work;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Programs each of which reads what the one before it writes. When one of them fails, the others end too, and the one that failed first
 * is the one that is told of.
 */
final class Pipeline implements AutoCloseable {

    private static final int BLOCK = 1 << 17;

    private final List<RunningCommand> commands = new CopyOnWriteArrayList<>();

    /** Of each command but the last: whether the next one closed before it had read everything. */
    private final List<AtomicBoolean> refused = new ArrayList<>();

    private final List<Thread> carriers = new ArrayList<>();

    private final Work work;
    private final Work.Registration cancellation;

    private Pipeline(Work work) {
        this.work = work;
        this.cancellation = work.onCancel(this::terminate);
    }

    /**
     * Starts them; they end when the work is told to stop.
     *
     * @param errorLines told of what any of them says on its standard error
     */
    static Pipeline of(List<PgCommand> programs, Work work, Consumer<String> errorLines) {
        Pipeline pipeline = new Pipeline(work);
        try {
            for (int i = 0; i < programs.size(); i++) {
                PgCommand program = programs.get(i);
                pipeline.append((i == 0 ? program : program.pipeInput()).start(errorLines));
            }
            return pipeline;
        } catch (RuntimeException e) {
            pipeline.close();
            throw e;
        }
    }

    private void append(RunningCommand next) {
        if (!commands.isEmpty()) {
            RunningCommand before = commands.get(commands.size() - 1);
            AtomicBoolean closedEarly = new AtomicBoolean();
            refused.add(closedEarly);
            Thread carrier =
                    new Thread(() -> carry(before.output(), next.input(), closedEarly), "pipe to " + next.name());
            carrier.setDaemon(true);
            carrier.start();
            carriers.add(carrier);
        }
        commands.add(next);
    }

    /** Moves all bytes, and closes both ends; a reader that goes away early makes the writer stop. */
    private static void carry(InputStream from, OutputStream to, AtomicBoolean closedEarly) {
        byte[] block = new byte[BLOCK];
        try (from;
                to) {
            for (int count = from.read(block); count >= 0; count = from.read(block)) {
                try {
                    to.write(block, 0, count);
                } catch (IOException e) {
                    closedEarly.set(true);
                    return;
                }
            }
        } catch (IOException e) {
            // The writer was ended, or the reader had all it wanted when the last bytes came: their exit statuses say
            // which.
        }
    }

    /** What the last of them writes; whoever makes a pipeline reads it to its end. */
    InputStream output() {
        return commands.get(commands.size() - 1).output();
    }

    private void terminate() {
        commands.forEach(RunningCommand::terminate);
    }

    /**
     * Waits for their end.
     *
     * @throws io.watchkeeper.problem.OperatorException when one of them failed: with the words of the first that did so by itself
     * @throws io.watchkeeper.postgres.WorkCancelledException when the work was told to stop
     */
    void requireSuccess() {
        work.throwIfCancelled();
        for (RunningCommand command : commands) {
            command.await(work);
        }
        for (int i = 0; i < commands.size(); i++) {
            boolean cutShort = i < refused.size() && refused.get(i).get();
            if (!cutShort) {
                commands.get(i).requireSuccess(work);
            }
        }
    }

    @Override
    public void close() {
        cancellation.close();
        commands.forEach(RunningCommand::close);
        carriers.forEach(Thread::interrupt);
    }
}

package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Secret;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** A program that runs as a child of this process, see {@link PgCommand#start}. */
public final class RunningCommand implements AutoCloseable {

    private static final int MOST_OUTPUT = 64 << 20;
    private static final int KEPT_LINES = 40;
    private static final Duration TO_END = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration TO_BE_READ = Duration.ofSeconds(1);

    private final String name;
    private final Process process;

    /** Whether it is another user's, whom this process cannot send signals to: then it ends when its input does. */
    private final boolean endsWithInput;

    private final Deque<String> lastErrors = new ArrayDeque<>();
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();

    private RunningCommand(String name, Process process, boolean endsWithInput) {
        this.name = name;
        this.process = process;
        this.endsWithInput = endsWithInput;
    }

    /**
     * The thread that starts a child must outlive it: the system takes that thread's end for the parent's, and ends the child. So each has
     * one of its own, which reads its complaints and waits for its end.
     */
    static RunningCommand start(
            String name, ProcessBuilder builder, Consumer<String> errorLines, boolean endsWithInput) {
        CompletableFuture<RunningCommand> started = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    RunningCommand running;
                    try {
                        running = new RunningCommand(name, builder.start(), endsWithInput);
                    } catch (IOException e) {
                        started.completeExceptionally(new OperatorException(
                                name + " cannot be started: " + e.getMessage(),
                                "install the package that holds it; PostgreSQL's own are looked for in postgres.bin.",
                                e));
                        return;
                    }
                    started.complete(running);
                    running.watch(errorLines);
                },
                "command-" + name);
        thread.setDaemon(true);
        thread.start();
        try {
            return started.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof OperatorException cause ? cause : e;
        }
    }

    private void watch(Consumer<String> errorLines) {
        // A child of its own may hold its standard error open, and live on; what it said itself has come by then.
        CompletableFuture<Void> unused = process.onExit()
                .thenAcceptAsync(
                        exited -> ended.complete(exited.exitValue()),
                        CompletableFuture.delayedExecutor(TO_BE_READ.toMillis(), TimeUnit.MILLISECONDS));
        try (BufferedReader errors =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            for (String line = errors.readLine(); line != null; line = errors.readLine()) {
                String shown = Secret.redact(line);
                synchronized (lastErrors) {
                    lastErrors.addLast(shown);
                    if (lastErrors.size() > KEPT_LINES) {
                        lastErrors.removeFirst();
                    }
                }
                errorLines.accept(shown);
            }
        } catch (IOException e) {
            // It was ended with its mouth open.
        } finally {
            ended.complete(waitForExit());
        }
    }

    private int waitForExit() {
        while (true) {
            try {
                return process.waitFor();
            } catch (InterruptedException e) {
                process.destroyForcibly();
            }
        }
    }

    /** The program's own name, for messages. */
    public String name() {
        return name;
    }

    public long pid() {
        return process.pid();
    }

    /** What it writes. Whoever starts a program reads this to the end, or it stands still. */
    public InputStream output() {
        return process.getInputStream();
    }

    /** What it reads, see {@link PgCommand#pipeInput}; it goes on until this is closed. */
    public OutputStream input() {
        return process.getOutputStream();
    }

    public boolean isAlive() {
        return !ended.isDone();
    }

    /** The end of what it complained of, without secrets. */
    public String errors() {
        synchronized (lastErrors) {
            return lastErrors.stream().collect(Collectors.joining("\n"));
        }
    }

    /** Asks it to end, by SIGTERM; by SIGKILL when it has not within ten seconds. Returns at once. */
    public void terminate() {
        askToEnd();
        CompletableFuture.delayedExecutor(TO_END.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> {
                    if (process.isAlive()) {
                        kill();
                    }
                });
    }

    private void askToEnd() {
        if (endsWithInput) {
            try {
                process.getOutputStream().close();
            } catch (IOException e) {
                // It has ended by itself.
            }
        } else {
            process.destroy();
        }
    }

    /** As a loss of power would end it, with the children it has. */
    public void kill() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
    }

    /**
     * Waits for its end.
     *
     * @return its exit status
     * @throws WorkCancelledException when the work was told to stop; the program has ended then
     */
    public int await(Work work) {
        while (true) {
            try {
                return ended.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                stopIfTold(work);
            } catch (InterruptedException e) {
                kill();
                Thread.currentThread().interrupt();
                throw new OperatorException("interrupted while waiting for " + name, null, e);
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void stopIfTold(Work work) {
        boolean late =
                work.timeLeft().map(left -> left.isZero() || left.isNegative()).orElse(false);
        try {
            work.throwIfCancelled();
        } catch (WorkCancelledException e) {
            close();
            throw e;
        }
        if (late) {
            close();
            throw new OperatorException(
                    name + " was not done in the time that the run has", "raise the policy's timeout.");
        }
    }

    /** Waits for its end, and keeps what it wrote, up to 64 MB. */
    PgCommand.Result collect(Work work) {
        CompletableFuture<String> output = new CompletableFuture<>();
        Thread reader = new Thread(
                () -> {
                    try {
                        output.complete(text(process.getInputStream()));
                    } catch (IOException e) {
                        output.complete("");
                    }
                },
                "output-" + name);
        reader.setDaemon(true);
        reader.start();
        int exit = await(work);
        return new PgCommand.Result(exit, output.join(), errors());
    }

    private static String text(InputStream in) throws IOException {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        byte[] block = new byte[1 << 14];
        for (int count = in.read(block); count >= 0; count = in.read(block)) {
            if (kept.size() < MOST_OUTPUT) {
                kept.write(block, 0, count);
            }
        }
        return kept.toString(StandardCharsets.UTF_8);
    }

    /** @throws OperatorException when it has ended with another status than 0 */
    public void requireSuccess(Work work) {
        int exit = await(work);
        if (exit != 0) {
            throw CommandFailure.of(name, new PgCommand.Result(exit, "", errors()));
        }
    }

    /** Ends it if it still runs, and waits until it has. */
    @Override
    public void close() {
        if (ended.isDone()) {
            return;
        }
        askToEnd();
        try {
            ended.get(TO_END.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            kill();
            ended.join();
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }
}

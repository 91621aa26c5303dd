package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.RunningCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Passes bytes through a program, such as one that encrypts, to where what comes out of it goes. Closing waits for the end of it. */
final class ThroughProgram extends OutputStream {

    private static final int BLOCK = 128 << 10;

    private final RunningCommand program;
    private final OutputStream sink;
    private final Thread carrier;
    private volatile @Nullable IOException failure;
    private boolean closed;

    /** @throws OperatorException when the program cannot be started */
    ThroughProgram(PgCommand command, OutputStream sink) {
        this.sink = sink;
        this.program = command.pipeInput().start(line -> {});
        this.carrier = new Thread(this::carry, "through-" + program.name());
        carrier.setDaemon(true);
        carrier.start();
    }

    private void carry() {
        byte[] block = new byte[BLOCK];
        try (InputStream output = program.output()) {
            for (int count = output.read(block); count >= 0; count = output.read(block)) {
                sink.write(block, 0, count);
            }
        } catch (IOException e) {
            failure = e;
            program.kill();
        }
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            program.input().write(bytes, offset, length);
        } catch (IOException e) {
            throw reason(e);
        }
    }

    /** The program's end of a pipe breaks because of something else, which says more. */
    private IOException reason(IOException broken) {
        program.terminate();
        try {
            carrier.join();
            program.requireSuccess(Work.unattended(program.name()));
        } catch (OperatorException e) {
            return failure != null ? failure : new IOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return failure != null ? failure : broken;
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (sink;
                program) {
            program.input().close();
            carrier.join();
            if (failure != null) {
                throw failure;
            }
            program.requireSuccess(Work.unattended(program.name()));
        } catch (OperatorException e) {
            throw new IOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + program.name(), e);
        }
    }
}

package io.watchkeeper.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A second Java process on the same state directory. Its main method says "ready" and goes on until its input ends. */
public final class OtherProcess implements AutoCloseable {

    private final Process process;
    private final BufferedReader out;

    private OtherProcess(Process process) {
        this.process = process;
        this.out = process.inputReader(UTF_8);
    }

    /** Starts the main class and waits for its first line, which must be "ready". */
    public static OtherProcess start(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(Arrays.asList(arguments));
        try {
            OtherProcess other = new OtherProcess(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
            String first = other.readLine();
            if (!"ready".equals(first)) {
                throw new IllegalStateException(main.getSimpleName() + " said " + first);
            }
            return other;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String readLine() {
        try {
            return out.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a line to the process's input; nothing happens when it is gone. */
    public void say(String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            // It is gone, which shows when it is to answer.
        }
    }

    /** As {@code kill -9}: nothing in the process gets a chance to tidy up. */
    public void kill() {
        process.destroyForcibly();
        waitFor();
    }

    /** Ends the process's input and waits until it has gone. */
    @Override
    public void close() {
        try (BufferedWriter input = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), UTF_8))) {
            input.flush();
        } catch (IOException e) {
            // It is gone already.
        }
        waitFor();
    }

    private void waitFor() {
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                process.waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** In the other process: says "ready" and what else there is to say, a line each, and waits for the end of the input. */
    public static void readyUntilEndOfInput(String... more) throws IOException {
        System.out.println("ready");
        for (String line : more) {
            System.out.println(line);
        }
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        String input;
        do {
            input = in.readLine();
        } while (input != null);
    }
}

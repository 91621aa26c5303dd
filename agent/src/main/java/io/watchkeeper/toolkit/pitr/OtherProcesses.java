package io.watchkeeper.toolkit.pitr;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Processes of this host that are not, or no longer, this agent's children. */
final class OtherProcesses {

    private static final Logger LOG = LoggerFactory.getLogger(OtherProcesses.class);
    private static final long PATIENCE_SECONDS = 5;

    private OtherProcesses() {}

    /** Those that work in the folder, as a server's do in its data directory, and the restore_command it called. */
    static List<ProcessHandle> workingIn(Path folder) {
        List<ProcessHandle> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            Path place = folder.toRealPath();
            for (Path one : all) {
                if (worksIn(one, place)) {
                    ProcessHandle.of(Long.parseLong(one.getFileName().toString()))
                            .ifPresent(found::add);
                }
            }
        } catch (IOException e) {
            LOG.warn("processes that work in {} cannot be looked for: {}", folder, e.toString());
        }
        return found;
    }

    private static boolean worksIn(Path process, Path folder) {
        try {
            return Files.readSymbolicLink(process.resolve("cwd")).startsWith(folder);
        } catch (IOException e) {
            return false; // gone meanwhile, or another user's
        }
    }

    /** Ends all that work in the folder, first as PostgreSQL ends at once, then by force. @return how many there were */
    static int end(Path folder) {
        List<ProcessHandle> running = workingIn(folder);
        running.forEach(one -> signal(one.pid(), "QUIT"));
        for (ProcessHandle one : running) {
            try {
                one.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException | java.util.concurrent.ExecutionException e) {
                one.destroyForcibly();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                one.destroyForcibly();
            }
        }
        workingIn(folder).forEach(ProcessHandle::destroyForcibly);
        return running.size();
    }

    static void signal(long pid, String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

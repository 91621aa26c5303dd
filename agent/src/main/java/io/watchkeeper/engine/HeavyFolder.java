package io.watchkeeper.engine;

import io.watchkeeper.files.Brake;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The heavy work of this host as its processes tell each other: one locked file for each run that works and for each that waits.
 * The operating system unlocks what a process had when it dies, however it dies, and with that its place is free.
 */
final class HeavyFolder {

    private static final String SUFFIX = ".lock";

    /** Only someone who looks at a new file at this very moment can be in the way, and not for long. */
    private static final int ATTEMPTS = 100;

    private final StateFolder folder;

    HeavyFolder(StateFolder folder) {
        this.folder = folder;
    }

    /** Who has it decides; the others wait for that, a moment. Empty when another has it. */
    Optional<LockFile> tryGate() {
        return LockFile.tryAcquire(
                folder.heavy().resolve("gate" + SUFFIX),
                Long.toString(ProcessHandle.current().pid()));
    }

    List<HeavyClaim> working() {
        return read(folder.heavyWorking(), HeavyClaim::parse);
    }

    List<HeavyClaim> waiting() {
        return read(folder.heavyWaiting(), HeavyClaim::parse);
    }

    /** What slows heavy work down, from whichever process noticed. */
    List<Strain> strains(Instant now) {
        Stream<Strain> brake = Brake.holder(folder.root())
                .map(run -> new Strain(
                        Strain.Kind.BRAKE,
                        "",
                        "run " + run + " asks heavy work to give way, so that a replica catches up",
                        now))
                .stream();
        return Stream.concat(brake, read(folder.strains(), Strain::parse).stream())
                .toList();
    }

    /** Whether another run has pulled the brake. */
    boolean isBraked(String run) {
        return Brake.holder(folder.root()).filter(holder -> !holder.equals(run)).isPresent();
    }

    LockFile work(HeavyClaim claim) {
        return take(folder.heavyWorking(), claim);
    }

    LockFile waitInLine(HeavyClaim claim) {
        return take(folder.heavyWaiting(), claim);
    }

    /** Says it to all processes until it is closed. @return empty while another process says so of that database */
    Optional<LockFile> strain(Strain strain) {
        return LockFile.tryAcquireTemporary(
                folder.strains().resolve(RunLocks.fileName(strain.database())), strain.line());
    }

    /** Removes what processes that died left behind. Only for who has the gate: the others' files are whole then. */
    void sweep() {
        for (Path each : List.of(folder.heavyWorking(), folder.heavyWaiting())) {
            files(each).stream().filter(file -> LockFile.holder(file).isEmpty()).forEach(LockFile::sweep);
        }
    }

    private static LockFile take(Path in, HeavyClaim claim) {
        Path file = in.resolve(claim.run().runId() + SUFFIX);
        Supplier<Optional<LockFile>> take = () -> LockFile.tryAcquireTemporary(file, claim.text());
        Optional<LockFile> lock = take.get();
        for (int attempt = 1; lock.isEmpty() && attempt < ATTEMPTS; attempt++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            lock = take.get();
        }
        return lock.orElseThrow(() -> new OperatorException(file + " is locked by another process", null));
    }

    private static <T> List<T> read(Path in, Function<String, Optional<T>> parse) {
        List<T> read = new ArrayList<>();
        for (Path file : files(in)) {
            LockFile.holder(file).flatMap(parse).ifPresent(read::add);
        }
        return read;
    }

    private static List<Path> files(Path in) {
        if (!Files.isDirectory(in)) {
            return List.of();
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(in, "*" + SUFFIX)) {
            List<Path> found = new ArrayList<>();
            files.forEach(found::add);
            return found;
        } catch (IOException e) {
            throw StateFolder.unwritable(in, e);
        }
    }
}

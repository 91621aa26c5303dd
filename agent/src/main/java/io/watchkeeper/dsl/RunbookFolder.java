package io.watchkeeper.dsl;

import io.watchkeeper.problem.Problem;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.trust.RunbookTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the registry as the folder is: a file that changes is loaded anew within two seconds, a broken one leaves its last good
 * version running, a deleted one takes its runbooks with it. Files that did not change are not compiled again.
 *
 * <p>It looks at the files instead of being told: that notices links to other folders, network file systems and folders that
 * come and go, too, and looking at a thousand files takes milliseconds.
 */
public final class RunbookFolder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunbookFolder.class);

    private static final long LOOK_EVERY_MS = 500;

    /** A writer that pauses no longer than this is not interrupted by a load. */
    private static final long LOOK_AGAIN_MS = 100;

    private final Path folder;
    private final RunbookLoader loader;
    private final RunbookRegistry registry;
    private final Clock clock;
    private final Map<Path, WatchedFile> files = new TreeMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private @Nullable Thread thread;
    private @Nullable Problem folderProblem;

    /** What was seen of the list of checksums and its signatures. */
    private List<Optional<FileStamp>> vouching = List.of();

    /** @param registry gets the runbooks of this folder, and no others */
    public RunbookFolder(Path folder, RunbookLoader loader, RunbookRegistry registry, Clock clock) {
        this.folder = folder;
        this.loader = loader;
        this.registry = registry;
        this.clock = clock;
    }

    /** Loads the folder, then watches it. When this returns, the registry holds what the folder holds. */
    public synchronized void start() {
        if (thread != null) {
            throw new IllegalStateException("already started");
        }
        reloadNow();
        loader.forgetUnused();
        thread = new Thread(this::watch, "runbook-folder");
        thread.setDaemon(true);
        thread.start();
    }

    /** Loads what has changed at once, without waiting for writers to pause. */
    public void reloadNow() {
        look(true);
    }

    private void watch() {
        boolean changing = false;
        try {
            while (!closed.await(changing ? LOOK_AGAIN_MS : LOOK_EVERY_MS, TimeUnit.MILLISECONDS)) {
                changing = lookSafely();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean lookSafely() {
        try {
            return look(false);
        } catch (RuntimeException | StackOverflowError e) {
            // The next look may go better; an agent that no longer notices edits would be worse than a line in the log.
            LOG.error("looking at the runbooks in {} failed", folder, e);
            return false;
        }
    }

    /** @return true when something is changing that is not loaded yet */
    private synchronized boolean look(boolean atOnce) {
        Set<Path> present;
        try {
            present = new HashSet<>(RunbookLoader.runbooksIn(folder));
        } catch (IOException e) {
            return folderIsGone(e);
        }
        boolean news = folderProblem != null;
        folderProblem = null;
        present.forEach(file -> files.computeIfAbsent(file, f -> new WatchedFile()));
        boolean changing = false;
        boolean otherwiseVouchedFor = vouchingHasChanged();
        Map<Path, Optional<FileStamp>> due = new TreeMap<>();
        for (Map.Entry<Path, WatchedFile> entry : files.entrySet()) {
            Optional<FileStamp> seen = stamp(entry.getKey(), present);
            WatchedFile file = entry.getValue();
            if (!file.differs(seen)) {
                file.isQuiet();
                if (otherwiseVouchedFor || mayDifferUnseen(file)) {
                    due.put(entry.getKey(), seen);
                }
            } else if (atOnce || file.settles(seen, System.nanoTime())) {
                due.put(entry.getKey(), seen);
            } else {
                changing = true;
            }
        }
        news |= load(due);
        if (news) {
            swap();
        }
        return changing;
    }

    /** True when the list of checksums or a signature is another one than at the last look. */
    private boolean vouchingHasChanged() {
        List<Optional<FileStamp>> now = new ArrayList<>();
        for (Path file : loader.trust().files(folder)) {
            try {
                now.add(FileStamp.of(file));
            } catch (IOException e) {
                // Loading a runbook will say why.
                now.add(Optional.empty());
            }
        }
        boolean changed = !now.equals(vouching);
        vouching = now;
        return changed;
    }

    /** The runbooks stay in force: a folder that is being replaced or mounted is back soon, and a run at night must not depend on it. */
    private boolean folderIsGone(IOException cause) {
        String why = Files.exists(folder) ? "cannot be read: " + cause.getMessage() : "is not there";
        Problem problem = Problem.of(
                folder.toString(),
                "the folder of the runbooks " + why
                        + (files.isEmpty() ? "" : "; the runbooks loaded from it stay in force"),
                "create it, or set 'runbooks' in watchkeeper.yaml.");
        if (!problem.equals(folderProblem)) {
            warn(problem);
            folderProblem = problem;
            swap();
        }
        return false;
    }

    private static Optional<FileStamp> stamp(Path file, Set<Path> present) {
        try {
            return present.contains(file) ? FileStamp.of(file) : Optional.empty();
        } catch (IOException e) {
            // Loading it will say why.
            return Optional.empty();
        }
    }

    private boolean mayDifferUnseen(WatchedFile file) {
        FileStamp stamp = file.loadedStamp();
        return file.isUnread() || (stamp != null && stamp.isFresh(clock.instant()));
    }

    /** @return true when something came to another end than before */
    private boolean load(Map<Path, Optional<FileStamp>> due) {
        boolean news = false;
        List<Path> present = new ArrayList<>();
        for (Map.Entry<Path, Optional<FileStamp>> entry : due.entrySet()) {
            if (entry.getValue().isPresent() || Files.isSymbolicLink(entry.getKey())) {
                present.add(entry.getKey());
            } else {
                LOG.info("{} is gone", entry.getKey());
                files.remove(entry.getKey());
                news = true;
            }
        }
        RunbookTrust.Round round = loader.trust().round();
        List<LoadedFile> loaded = Parallel.map(
                present, path -> loader.loadFile(path, watched(path).loaded(), round));
        for (int i = 0; i < present.size(); i++) {
            Path path = present.get(i);
            if (watched(path).take(loaded.get(i), due.getOrDefault(path, Optional.empty()))) {
                say(loaded.get(i));
                news = true;
            }
        }
        return news;
    }

    private WatchedFile watched(Path path) {
        return java.util.Objects.requireNonNull(files.get(path));
    }

    private static void say(LoadedFile file) {
        if (file.problems().isEmpty()) {
            LOG.info(
                    "{} loaded: {}",
                    file.file(),
                    String.join(
                            ", ", file.runbooks().stream().map(r -> r.name()).toList()));
        } else {
            file.problems().forEach(RunbookFolder::warn);
        }
    }

    /** On one line, as logs are read. */
    private static void warn(Problem problem) {
        LOG.warn("{}", problem.toString().replaceAll("\\s+", " "));
    }

    private void swap() {
        LoadSet set = new LoadSet(loader.role());
        files.values().stream().filter(f -> f.loaded() != null).forEach(f -> set.add(f.inForce()));
        List<Problem> problems = new ArrayList<>(set.problems());
        if (folderProblem != null) {
            problems.add(folderProblem);
        }
        registry.swap(new RunbookRegistry.Contents(set.byName(), problems));
    }

    /** Stops watching. The registry stays as it is. */
    @Override
    public void close() {
        closed.countDown();
        Thread watcher;
        synchronized (this) {
            watcher = thread;
        }
        if (watcher != null && watcher != Thread.currentThread()) {
            try {
                watcher.join(TimeUnit.SECONDS.toMillis(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

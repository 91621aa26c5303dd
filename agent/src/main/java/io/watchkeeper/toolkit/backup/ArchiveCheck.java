package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.FileDigest;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.wal.ArchivedFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads the archived log of one database again: every file against the hash beside it, and every segment against its own header. A pass
 * that time cuts short goes on at its next file; files that were found wrong are read again first.
 */
final class ArchiveCheck {

    /** A hash without its file, this young, is of a file that is just being stored: the hash comes first. */
    private static final Duration BEING_STORED = Duration.ofMinutes(15);

    private static final Pattern STORED = Pattern.compile(
            "([0-9A-F]{24}(\\.[0-9A-F]{8}\\.backup)?(\\.partial)?|[0-9A-F]{8}\\.history)(\\.(gz|zst|lz4))?(\\.age)?");

    /** After so many files what was found is written down: not again after each small history file. */
    private static final int NOTES_EVERY = 256;

    private final Catalogue catalogue;
    private final ReadingPace pace;
    private final Work work;
    private final Clock clock;
    private final Set<Long> systems;
    private final Map<String, String> problems;
    private int checked;

    ArchiveCheck(Catalogue catalogue, ReadingPace pace, Work work, Clock clock) {
        this.catalogue = catalogue;
        this.work = work;
        this.pace = pace;
        this.clock = clock;
        this.problems = new TreeMap<>(ArchiveNotes.read(catalogue).problems());
        this.systems = catalogue.backups().stream()
                .filter(b -> b.kind().isPhysical() && b.manifest().systemId() != 0)
                .map(b -> b.manifest().systemId())
                .collect(Collectors.toCollection(HashSet::new));
    }

    /** Files read by this check. */
    int checked() {
        return checked;
    }

    /** What is wrong, by file; of files not read by this check, what was found last. */
    Map<String, String> problems() {
        return Map.copyOf(problems);
    }

    /**
     * Reads on until time is up.
     *
     * @return whether the whole archive has been read
     */
    boolean run(BooleanSupplier timeIsUp) {
        try {
            pace.begin("wal " + catalogue.database());
            return readOn(timeIsUp);
        } catch (IOException e) {
            throw new OperatorException(
                    "the archive " + catalogue.wal().folder() + " cannot be checked: " + e.getMessage(), null, e);
        } finally {
            pace.end();
        }
    }

    private boolean readOn(BooleanSupplier timeIsUp) throws IOException {
        ArchiveNotes notes = ArchiveNotes.read(catalogue);
        List<ArchivedFile> files = archived();
        Map<String, ArchivedFile> byName = files.stream().collect(Collectors.toMap(ArchiveCheck::name, file -> file));
        problems.keySet().retainAll(byName.keySet());
        for (String known : List.copyOf(problems.keySet())) {
            ArchivedFile file = byName.get(known);
            if (file != null) {
                check(file);
            }
        }
        findLost(byName.keySet());
        String last = notes.after();
        for (ArchivedFile file : files) {
            if (notes.after() != null && name(file).compareTo(notes.after()) <= 0) {
                continue;
            }
            boolean enough = timeIsUp.getAsBoolean();
            if (enough || checked % NOTES_EVERY == NOTES_EVERY - 1) {
                new ArchiveNotes(notes.verifiedAt(), last, problems).write(catalogue);
            }
            if (enough) {
                return false;
            }
            check(file);
            last = name(file);
        }
        new ArchiveNotes(clock.instant(), null, problems).write(catalogue);
        return true;
    }

    private List<ArchivedFile> archived() {
        return catalogue.wal().files().stream()
                .filter(file -> catalogue.wal().folder().equals(file.path().getParent()))
                .sorted(Comparator.comparing(ArchiveCheck::name))
                .toList();
    }

    private void check(ArchivedFile file) {
        Optional<String> problem;
        try {
            problem = compare(file);
        } catch (NoSuchFileException e) {
            // Expired, or completed, since the folder was read.
            problem = Optional.empty();
        } catch (IOException e) {
            problem = Optional.of("it cannot be read: " + e);
        }
        checked++;
        problem.ifPresentOrElse(what -> problems.put(name(file), what), () -> problems.remove(name(file)));
    }

    private Optional<String> compare(ArchivedFile file) throws IOException {
        String hash = FileDigest.of(file.path(), pace::read);
        Optional<String> changed = HashFile.archiveProblem(file.path(), hash, serversName(file), null);
        if (changed.isPresent()) {
            return changed;
        }
        StoredContent content = StoredContent.of(file, work).orElse(null);
        if (content == null) {
            return Optional.empty();
        }
        changed = HashFile.archiveProblem(file.path(), hash, serversName(file), content.sha256());
        return changed.isPresent()
                ? changed
                : contradiction(file, content.first().array());
    }

    private Optional<String> contradiction(ArchivedFile file, byte[] first) {
        if (file.kind() != ArchivedFile.Kind.SEGMENT && file.kind() != ArchivedFile.Kind.PARTIAL) {
            return Optional.empty();
        }
        return SegmentHeader.parse(first)
                .map(header -> header.contradiction(file.name(), systems))
                .orElse(Optional.of("it does not begin as WAL does"));
    }

    /** A hash whose file is gone tells of a loss; except before the oldest segment, where an expiry that died has left it. */
    private void findLost(Set<String> names) throws IOException {
        String oldest = names.stream()
                .filter(name -> name.matches("[0-9A-F]{24}.*"))
                .map(name -> name.substring(8, 24))
                .min(String::compareTo)
                .orElse(null);
        if (oldest == null) {
            return;
        }
        List<String> lost = new ArrayList<>();
        try (DirectoryStream<Path> hashes =
                Files.newDirectoryStream(catalogue.wal().folder(), "*" + HashFile.SUFFIX)) {
            for (Path hash : hashes) {
                String side = String.valueOf(hash.getFileName());
                String name = side.substring(0, side.length() - HashFile.SUFFIX.length());
                boolean segment = name.matches("[0-9A-F]{24}.*");
                boolean expired = segment && name.substring(8, 24).compareTo(oldest) < 0;
                boolean candidate = STORED.matcher(name).matches() && !names.contains(name) && !expired;
                if (candidate && !Files.exists(hash.resolveSibling(name)) && !isYoung(hash)) {
                    lost.add(name);
                }
            }
        }
        lost.forEach(name -> problems.put(name, "it is missing, and only its hash is there"));
    }

    private boolean isYoung(Path hash) throws IOException {
        try {
            return Files.getLastModifiedTime(hash)
                    .toInstant()
                    .plus(BEING_STORED)
                    .isAfter(clock.instant());
        } catch (NoSuchFileException e) {
            return true;
        }
    }

    /** As the server calls it, and as the comment beside its hash does. */
    private static String serversName(ArchivedFile file) {
        return file.kind() == ArchivedFile.Kind.PARTIAL ? file.name() + ".partial" : file.name();
    }

    private static String name(ArchivedFile file) {
        return String.valueOf(file.path().getFileName());
    }
}

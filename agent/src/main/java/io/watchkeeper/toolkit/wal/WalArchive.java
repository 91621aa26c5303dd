package io.watchkeeper.toolkit.wal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The write-ahead log of one cluster in the repository, a folder of files that carry the server's names.
 *
 * @param folder need not exist
 */
public record WalArchive(Path folder) {

    /** The folder of what is being received, in the archive's own. */
    public static final String INCOMING = "incoming";

    /** All files, those that are being received included, by name. */
    public List<ArchivedFile> files() {
        List<ArchivedFile> files = new ArrayList<>(list(folder));
        files.addAll(list(incoming()));
        files.sort(Comparator.comparing(ArchivedFile::name));
        return files;
    }

    public Path incoming() {
        return folder.resolve(INCOMING);
    }

    /** In bytes, of every segment: as the archive's own note says, else what initdb chooses. */
    public long segmentSize() {
        return ArchiveRecord.read(this).map(ArchiveRecord::segmentSize).orElse(WalSegment.USUAL_SIZE);
    }

    /** The whole file of this name, however it is stored. */
    public Optional<ArchivedFile> find(String name) {
        return files().stream()
                .filter(file -> file.name().equals(name) && file.kind() != ArchivedFile.Kind.PARTIAL)
                .findFirst();
    }

    /**
     * The files in the archive proper that hold this, in whichever form; one, unless somebody has put more there.
     *
     * @param name of a segment, with {@code .partial} for a part of one, or of a history file
     */
    List<ArchivedFile> stored(String name) {
        List<ArchivedFile> found = new ArrayList<>();
        for (String compression : List.of("", ".gz", ".zst", ".lz4")) {
            for (String encryption : List.of("", ".age")) {
                Path path = folder.resolve(name + compression + encryption);
                try {
                    if (Files.isRegularFile(path)) {
                        ArchivedFile.of(path, Files.size(path)).ifPresent(found::add);
                    }
                } catch (IOException e) {
                    // Expired just now.
                }
            }
        }
        return found;
    }

    private static List<ArchivedFile> list(Path folder) {
        List<ArchivedFile> files = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return files;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, Files::isRegularFile)) {
            for (Path path : all) {
                if (Files.exists(Incoming.placeholderMark(path))) {
                    continue;
                }
                try {
                    ArchivedFile.of(path, Files.size(path)).ifPresent(files::add);
                } catch (NoSuchFileException e) {
                    // Moved on or expired since the folder was read.
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the archive " + folder + " cannot be read", e);
        }
        return files;
    }
}

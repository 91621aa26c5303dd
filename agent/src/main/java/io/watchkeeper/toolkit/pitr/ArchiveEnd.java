package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.wal.ArchivedFile;
import io.watchkeeper.toolkit.wal.WalSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the last archived WAL says of transactions, as pg_waldump reads it.
 *
 * @param last where the last transaction's end was written; null when the WAL that was read, which then is all there is, has none
 * @param ended when that was
 * @param committed transactions, their subtransactions included, as the log counts them: in 32 bits
 * @param oldestRunning every transaction before it had ended when the log last said so; null when it did not say so
 * @param readTo there is log up to here; null when that is not known
 */
record ArchiveEnd(
        @Nullable Lsn last,
        @Nullable Instant ended,
        Set<Long> committed,
        @Nullable Long oldestRunning,
        @Nullable Lsn readTo) {

    /** How many segments are read at first, and how many when that was not enough. */
    private static final int[] TAILS = {2, 8};

    private static final Pattern END = Pattern.compile("tx: *(\\d+), lsn: ([0-9A-F]+/[0-9A-F]+),.*desc: (COMMIT|ABORT)"
            + "(?:_PREPARED)? (?:(\\d+): )?(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6}) UTC.*");
    private static final Pattern CHILDREN = Pattern.compile("; subxacts:((?: \\d+)+)");
    private static final Pattern RUNNING = Pattern.compile("desc: RUNNING_XACTS .*oldestRunningXid (\\d+)");

    /** The log was written up to here; anything else that stops the reader is a damage. */
    private static final Pattern CLEAN = Pattern.compile("got 0\\b|invalid magic number 0000");

    /** Where that is: a position, or a page of a segment. */
    private static final Pattern CLEAN_AT = Pattern.compile("invalid record length at ([0-9A-F]+/[0-9A-F]+):.* got 0\\b"
            + "|invalid magic number 0000 in (?:log|WAL) segment ([0-9A-F]{24}),.* offset (\\d+)");

    /** A record can be longer than all that is read. */
    private static final Pattern ONE_RECORD = Pattern.compile("could not find a valid record after");

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);

    /** Whether there is log up to the position. */
    boolean isReadTo(Lsn position) {
        return readTo != null && readTo.compareTo(position) >= 0;
    }

    /** Brings a file of the archive. */
    interface Fetch {
        boolean fetch(String name, Path to) throws IOException;
    }

    /**
     * Reads the end of a chain.
     *
     * @param dump the program pg_waldump
     * @return empty when it cannot be told: there is too much after the last transaction, or something that cannot be read
     */
    static Optional<ArchiveEnd> of(List<ArchivedFile> chain, long segmentSize, Path dump, Fetch fetch, Work work)
            throws IOException {
        Path scratch = Files.createTempDirectory("watchkeeper-wal");
        try {
            for (int tail : TAILS) {
                List<ArchivedFile> files = onOneTimeline(chain, tail);
                boolean all = files.size() == chain.size();
                ArchiveEnd end = new Reader(files, segmentSize, dump, work, scratch).read(fetch);
                if (end == null) {
                    return Optional.empty();
                }
                if ((end.last() != null && end.oldestRunning() != null) || all) {
                    return Optional.of(end);
                }
                if (tail == TAILS[TAILS.length - 1] && end.last() != null) {
                    return Optional.of(end);
                }
            }
            return Optional.empty();
        } finally {
            FolderTree.delete(scratch);
        }
    }

    /**
     * Whether the last segments of a chain can be read to their end.
     *
     * @param segments whole ones
     * @param dump the program pg_waldump
     * @return false when one is missing, or a record in them is damaged
     */
    static boolean isReadable(List<ArchivedFile> segments, long segmentSize, Path dump, Fetch fetch, Work work)
            throws IOException {
        Path scratch = Files.createTempDirectory("watchkeeper-wal");
        try {
            Reader reader = new Reader(onOneTimeline(segments, TAILS[0]), segmentSize, dump, work, scratch);
            if (!reader.bring(fetch)) {
                return false;
            }
            PgCommand.Result result = reader.dump("Transaction");
            return result.exit() == 0 || ONE_RECORD.matcher(result.errors()).find();
        } finally {
            FolderTree.delete(scratch);
        }
    }

    private static List<ArchivedFile> onOneTimeline(List<ArchivedFile> chain, int most) {
        int from = chain.size();
        String timeline = chain.get(from - 1).name().substring(0, 8);
        while (from > 0
                && chain.size() - from < most
                && chain.get(from - 1).name().startsWith(timeline)) {
            from--;
        }
        return chain.subList(from, chain.size());
    }

    private record Reader(List<ArchivedFile> files, long segmentSize, Path dump, Work work, Path scratch) {

        private WalSegment segment(ArchivedFile file) {
            return file.segment(segmentSize).orElseThrow(() -> new IllegalStateException(file.name()));
        }

        boolean bring(Fetch fetch) throws IOException {
            for (ArchivedFile file : files) {
                String name = segment(file).name();
                if (!Files.exists(scratch.resolve(name)) && !fetch.fetch(name, scratch.resolve(name))) {
                    return false;
                }
            }
            return true;
        }

        /** @return null when it cannot be read to its end */
        @Nullable
        ArchiveEnd read(Fetch fetch) throws IOException {
            if (!bring(fetch)) {
                return null;
            }
            PgCommand.Result ends = dump("Transaction");
            return isWhole(ends) ? parse(ends.output(), dump("Standby").output(), readTo(ends)) : null;
        }

        private @Nullable Lsn readTo(PgCommand.Result result) {
            if (result.exit() == 0) {
                return segment(files.get(files.size() - 1)).end();
            }
            Matcher at = CLEAN_AT.matcher(result.errors());
            if (!at.find()) {
                return null;
            }
            return at.group(1) != null
                    ? Lsn.parse(at.group(1)).orElse(null)
                    : WalSegment.parse(at.group(2), segmentSize)
                            .map(page -> new Lsn(page.start().position() + Long.parseLong(at.group(3))))
                            .orElse(null);
        }

        private PgCommand.Result dump(String kind) {
            WalSegment first = segment(files.get(0));
            return PgCommand.of(
                            dump,
                            "--rmgr=" + kind,
                            "--path=" + scratch,
                            "--timeline=" + first.timeline(),
                            "--start=" + first.start(),
                            "--end=" + segment(files.get(files.size() - 1)).end())
                    .environment("TZ", "UTC")
                    .attempt(work, line -> {});
        }

        private boolean isWhole(PgCommand.Result result) {
            boolean partial = files.get(files.size() - 1).kind() == ArchivedFile.Kind.PARTIAL;
            return result.exit() == 0
                    || (partial && CLEAN.matcher(result.errors()).find());
        }
    }

    /** @param ends what pg_waldump prints of transactions @param standby and of what standbys need, both in UTC */
    static ArchiveEnd parse(String ends, String standby, @Nullable Lsn readTo) {
        Lsn last = null;
        Instant ended = null;
        Set<Long> committed = new HashSet<>();
        for (String line : ends.split("\n")) {
            Matcher end = END.matcher(line);
            if (!end.find()) {
                continue;
            }
            last = Lsn.parse(end.group(2)).orElse(last);
            ended = LocalDateTime.parse(end.group(5), TIME).toInstant(ZoneOffset.UTC);
            if (end.group(3).equals("COMMIT")) {
                committed.add(Long.parseLong(end.group(4) == null ? end.group(1) : end.group(4)));
                Matcher children = CHILDREN.matcher(line);
                if (children.find()) {
                    for (String child : children.group(1).strip().split(" ")) {
                        committed.add(Long.parseLong(child));
                    }
                }
            }
        }
        Long running = null;
        for (Matcher told = RUNNING.matcher(standby); told.find(); ) {
            running = Long.parseLong(told.group(1));
        }
        return new ArchiveEnd(last, ended, committed, running, readTo);
    }
}

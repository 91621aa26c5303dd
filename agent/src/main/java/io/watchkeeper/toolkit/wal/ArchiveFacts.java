package io.watchkeeper.toolkit.wal;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.protection.WalState;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far an archive is, for people and metrics.
 *
 * @param newestBackup where the newest good base backup begins; null when there is none
 */
record ArchiveFacts(
        String database, WalArchive archive, @Nullable Lsn newestBackup) {

    private static final Logger LOG = LoggerFactory.getLogger(ArchiveFacts.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a receiver has noted in this file for other processes, such as the doctor's. It is worth nothing after a minute. */
    private static final String NOTE = "receiver.json";

    private static final Duration NOTE_IS_GOOD = Duration.ofMinutes(1);

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Note(
            String at,
            @Nullable String recoverableTo,
            boolean measured,
            @Nullable String receivedUntil,
            @Nullable String receivedTo,
            @Nullable String newest,
            boolean live,
            @Nullable Long lagBytes,
            @Nullable Long retainedBytes,
            List<String> problems) {}

    WalState of(WalReceiver receiver) {
        List<String> problems = new ArrayList<>(now(receiver));
        problems.addAll(gaps());
        return state(receiver, problems);
    }

    /** What is wrong with it at this moment. */
    private List<String> now(WalReceiver receiver) {
        ReceiverStatus.View view = receiver.status().view();
        ServerWal server = view.server();
        ServerWal.Slot slot = server == null ? null : server.slot();
        List<String> problems = new ArrayList<>();
        add(problems, view.problem());
        add(problems, view.moveProblem());
        if (slot != null && slot.retained() > receiver.plan().maxRetained().count()) {
            problems.add(overGuard(database, receiver.plan(), slot));
        }
        return problems;
    }

    private WalState state(WalReceiver receiver, List<String> problems) {
        ReceiverStatus.View view = receiver.status().view();
        ServerWal server = view.server();
        ServerWal.Slot slot = server == null ? null : server.slot();
        Optional<Instant> known = receiver.recoveryPoint().recoverableTo();
        return new WalState(
                database,
                known.or(() -> newestFile().map(ArchiveFacts::modified)).orElse(null),
                known.isPresent() || (server != null && server.lag() > 0),
                view.flushed() == null ? null : view.flushed().toString(),
                view.streaming(),
                server == null ? null : server.lag(),
                slot == null ? null : slot.retained(),
                problems);
    }

    private static void add(List<String> problems, @Nullable OperatorException problem) {
        if (problem != null) {
            problems.add(String.valueOf(problem.getMessage()));
        }
    }

    static String overGuard(String database, WalArchivePlan plan, ServerWal.Slot slot) {
        return "slot " + plan.slot() + " of '" + database + "' keeps " + Bytes.of(slot.retained())
                + " of log on its disk, more than maxRetained " + plan.maxRetained();
    }

    /** Gaps that a restore of the newest backup would fall into; all of them where there is none. */
    List<String> gaps() {
        return ArchiveRecord.read(archive).map(ArchiveRecord::gaps).orElse(List.of()).stream()
                .filter(gap -> newestBackup == null || !gap.isBefore(newestBackup))
                .map(gap -> "the archive of '" + database + "' has a gap " + gap)
                .toList();
    }

    /** Where no receiver of this process lives. Empty when there is no archive. */
    Optional<WalState> ofFiles(Instant now) {
        Optional<ArchivedFile> newest = newestFile();
        if (newest.isEmpty()) {
            return Optional.empty();
        }
        boolean received = WalReceivers.holder(archive).isPresent();
        Optional<Note> note = received ? note(now) : Optional.empty();
        if (note.isPresent()) {
            Note said = note.get();
            List<String> problems = new ArrayList<>(said.problems());
            problems.addAll(gaps());
            return Optional.of(new WalState(
                    database,
                    said.recoverableTo() == null ? null : Instant.parse(said.recoverableTo()),
                    said.measured(),
                    said.newest(),
                    said.live(),
                    said.lagBytes(),
                    said.retainedBytes(),
                    problems));
        }
        ArchivedFile file = newest.get();
        long size = archive.segmentSize();
        String position = file.segment(size)
                .map(segment -> file.kind() == ArchivedFile.Kind.SEGMENT ? segment.end() : segment.start())
                .map(Lsn::toString)
                .orElse(null);
        return Optional.of(new WalState(database, modified(file), false, position, received, null, null, gaps()));
    }

    /** The end of the archive: of its latest timeline the furthest file. */
    private Optional<ArchivedFile> newestFile() {
        return archive.files().stream()
                .filter(file -> file.kind() == ArchivedFile.Kind.SEGMENT || file.kind() == ArchivedFile.Kind.PARTIAL)
                .max(Comparator.comparing(ArchivedFile::name));
    }

    /** A stored segment keeps the time at which it was last written to when it was received. */
    private static @Nullable Instant modified(ArchivedFile file) {
        try {
            return Files.getLastModifiedTime(file.path()).toInstant();
        } catch (IOException e) {
            return null;
        }
    }

    private Optional<Note> note(Instant now) {
        try {
            Note note = JSON.readValue(Files.readString(archive.folder().resolve(NOTE)), Note.class);
            boolean good = Duration.between(Instant.parse(note.at()), now).abs().compareTo(NOTE_IS_GOOD) < 0;
            return good ? Optional.of(note) : Optional.empty();
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    static Optional<WalReceivers.Received> receivedUntil(WalArchive archive) {
        try {
            Note note = JSON.readValue(Files.readString(archive.folder().resolve(NOTE)), Note.class);
            String until = note.receivedUntil();
            String to = note.receivedTo();
            return until == null || to == null
                    ? Optional.empty()
                    : Lsn.parse(to).map(lsn -> new WalReceivers.Received(Instant.parse(until), lsn));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Tells other processes; not synced, because it is worth nothing after a restart. */
    void write(WalReceiver receiver, Instant now) {
        // Which gaps count depends on who asks: he reads them himself.
        WalState state = state(receiver, now(receiver));
        Optional<WalReceivers.Received> received = receiver.recoveryPoint().received();
        Note note = new Note(
                now.toString(),
                state.recoverableTo() == null ? null : state.recoverableTo().toString(),
                state.measured(),
                received.map(one -> one.until().toString()).orElse(null),
                received.map(one -> one.to().toString()).orElse(null),
                state.newest(),
                state.live(),
                state.lagBytes(),
                state.retainedBytes(),
                state.problems());
        Path file = archive.folder().resolve(NOTE);
        Path making = archive.folder().resolve("." + NOTE);
        try {
            Files.writeString(making, JSON.writeValueAsString(note));
            Files.move(making, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.debug("{} cannot be written: {}", file, e.getMessage());
        }
    }
}

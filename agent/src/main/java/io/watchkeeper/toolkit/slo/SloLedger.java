package io.watchkeeper.toolkit.slo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FolderOwner;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Ratio;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was counted of a database, in a file of the state folder: by the minute for six hours and by the hour for thirty days, so that it stays
 * of one size. Written whole; if the process dies meanwhile, the last look is not in it. Processes of this host write one after the other.
 */
final class SloLedger {

    /** Over which the budget is spread. */
    static final Duration PERIOD = Duration.ofDays(30);

    /** Between two looks that tell of what is going on now. */
    private static final Duration LONGEST_GAP = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(SloLedger.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SUFFIX = ".json";

    /** The longest window that is looked at by the minute. */
    private static final Duration BY_MINUTE = Duration.ofHours(6);

    private final Path file;

    SloLedger(Path state, String database) {
        this(folder(state).resolve(URLEncoder.encode(database, StandardCharsets.UTF_8) + SUFFIX));
    }

    private SloLedger(Path file) {
        this.file = file;
    }

    private static Path folder(Path state) {
        return state.resolve("slo");
    }

    /** Of all databases that were ever looked at, by name. */
    static Map<String, SloLedger> all(Path state) {
        Map<String, SloLedger> ledgers = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder(state))) {
            files.filter(file -> file.toString().endsWith(SUFFIX)).forEach(file -> {
                String name = String.valueOf(file.getFileName());
                ledgers.put(
                        URLDecoder.decode(name.substring(0, name.length() - SUFFIX.length()), StandardCharsets.UTF_8),
                        new SloLedger(file));
            });
        } catch (IOException e) {
            // Nobody has looked yet.
        }
        return ledgers;
    }

    /**
     * What the file holds.
     *
     * @param at when somebody looked last; null for never
     * @param counts of the server at that time; null when it did not answer
     */
    record Contents(
            @Nullable Instant at,
            Ratio errors,
            boolean countRollbacks,
            @Nullable ServerCounts counts,
            NavigableMap<Instant, SloSlice> minutes,
            NavigableMap<Instant, SloSlice> hours) {

        static Contents empty() {
            return new Contents(
                    null,
                    SloObjectives.USUAL.errors(),
                    SloObjectives.USUAL.countRollbacks(),
                    null,
                    new TreeMap<>(),
                    new TreeMap<>());
        }

        /** All that was counted from a moment on, as exactly as it is kept. */
        SloSlice since(Instant from, Instant now) {
            boolean fine = Duration.between(from, now).compareTo(BY_MINUTE) <= 0;
            SloSlice sum = new SloSlice();
            (fine ? minutes : hours)
                    // A clock that was ahead for a while has left what has not been yet.
                    .subMap(from.truncatedTo(fine ? ChronoUnit.MINUTES : ChronoUnit.HOURS), true, now, true)
                    .values()
                    .forEach(sum::add);
            return sum;
        }
    }

    /** What is known. A file that cannot be read counts as none. */
    Contents read() {
        try {
            return readable();
        } catch (AccessDeniedException e) {
            LOG.warn("{} may not be read by this user", file);
            return Contents.empty();
        }
    }

    /** As {@link #read}. @throws AccessDeniedException when there is more than this user may see */
    private Contents readable() throws AccessDeniedException {
        try {
            return parse(JSON.readTree(Files.readAllBytes(file)));
        } catch (NoSuchFileException e) {
            return Contents.empty();
        } catch (AccessDeniedException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} cannot be read, so that the objectives are counted anew: {}", file, e.getMessage());
            return Contents.empty();
        }
    }

    /**
     * Adds a look.
     *
     * @param counts of the server; null when it did not answer
     * @return what is known with it
     * @throws OperatorException when it cannot be kept
     */
    Contents add(Instant now, SloObjectives objectives, SloSlice seen, @Nullable ServerCounts counts) {
        synchronized (SloLedger.class) {
            try {
                FolderOwner.create(Objects.requireNonNull(file.toAbsolutePath().getParent()));
                Path ours = file.resolveSibling(file.getFileName() + ".lock");
                try (FileChannel channel = FileChannel.open(ours, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        FileLock lock = channel.lock()) {
                    LOG.trace("{} is ours: {}", file, lock);
                    FolderOwner.give(ours);
                    return addLocked(now, objectives, seen, counts);
                }
            } catch (IOException e) {
                throw new OperatorException(
                        "what was counted cannot be kept in " + file + ": " + e.getMessage(),
                        "look at the rights and the free space of the state folder.",
                        e);
            }
        }
    }

    private Contents addLocked(Instant now, SloObjectives objectives, SloSlice seen, @Nullable ServerCounts counts)
            throws IOException {
        Contents before = readable();
        ServerCounts last = before.counts();
        SloSlice recent = new SloSlice();
        recent.add(seen);
        if (counts != null && last != null && counts.goesOnFrom(last)) {
            long rolledBack = counts.rolledBack() - last.rolledBack();
            long all = counts.committed() - last.committed() + rolledBack;
            long aborted = counts.aborted() - last.aborted();
            seen.addTransactions(all, rolledBack, aborted);
            // What happened while nobody looked belongs to the period, not to the last minutes.
            Instant at = before.at();
            if (at != null && Duration.between(at, now).compareTo(LONGEST_GAP) <= 0) {
                recent.addTransactions(all, rolledBack, aborted);
            }
        }
        before.minutes().tailMap(now, false).clear();
        before.hours().tailMap(now, false).clear();
        before.minutes()
                .computeIfAbsent(now.truncatedTo(ChronoUnit.MINUTES), any -> new SloSlice())
                .add(recent);
        before.hours()
                .computeIfAbsent(now.truncatedTo(ChronoUnit.HOURS), any -> new SloSlice())
                .add(seen);
        before.minutes()
                .headMap(now.minus(BY_MINUTE).truncatedTo(ChronoUnit.MINUTES))
                .clear();
        before.hours().headMap(now.minus(PERIOD).truncatedTo(ChronoUnit.HOURS)).clear();
        Contents after = new Contents(
                now,
                objectives.errors(),
                objectives.countRollbacks(),
                counts == null ? last : counts,
                before.minutes(),
                before.hours());
        DurableFile.write(file, text(after));
        return after;
    }

    private static String text(Contents contents) throws JsonProcessingException {
        ObjectNode node = JSON.createObjectNode();
        node.put("at", String.valueOf(contents.at()));
        node.put("errors", contents.errors().share());
        node.put("countRollbacks", contents.countRollbacks());
        ServerCounts counts = contents.counts();
        if (counts != null) {
            node.putObject("counts")
                    .put("since", counts.since())
                    .put("committed", counts.committed())
                    .put("rolledBack", counts.rolledBack())
                    .put("aborted", counts.aborted());
        }
        write(node.putArray("minutes"), contents.minutes());
        write(node.putArray("hours"), contents.hours());
        return JSON.writeValueAsString(node);
    }

    private static void write(ArrayNode array, Map<Instant, SloSlice> slices) {
        slices.forEach((at, slice) -> slice.write(array.addObject().put("at", at.toString())));
    }

    private static Contents parse(JsonNode node) {
        JsonNode counts = node.path("counts");
        return new Contents(
                Instant.parse(node.path("at").asText()),
                new Ratio(node.path("errors").asDouble()),
                node.path("countRollbacks").asBoolean(),
                counts.isMissingNode()
                        ? null
                        : new ServerCounts(
                                counts.path("since").asText(),
                                counts.path("committed").asLong(),
                                counts.path("rolledBack").asLong(),
                                counts.path("aborted").asLong()),
                slices(node.path("minutes")),
                slices(node.path("hours")));
    }

    private static NavigableMap<Instant, SloSlice> slices(JsonNode array) {
        NavigableMap<Instant, SloSlice> slices = new TreeMap<>();
        for (JsonNode node : array) {
            slices.put(Instant.parse(node.path("at").asText()), SloSlice.read(node));
        }
        return slices;
    }
}

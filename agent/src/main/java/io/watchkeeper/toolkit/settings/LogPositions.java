package io.watchkeeper.toolkit.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FolderOwner;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far each file of a log was read, in a file of the state folder.
 *
 * <p>Written whole after what was read has been told. If the process dies before, the same lines are read again: told twice rather than
 * never. It keeps where the last run began, too, so that the same run, tried again, finds again what it found.
 */
final class LogPositions {

    private static final Logger LOG = LoggerFactory.getLogger(LogPositions.class);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path file;

    /**
     * How far a file was read.
     *
     * @param offset of the first byte that was not
     * @param head what the file began with, hashed; empty when nobody looked
     */
    record Position(long offset, String head) {}

    /** @param at when the reading was that left them; by name of the file */
    record Reading(Instant at, Map<String, Position> files) {}

    LogPositions(Path state, String database, String reader) {
        this.file = state.resolve("logs").resolve(encoded(database) + "@" + encoded(reader) + ".json");
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8);
    }

    /** Where this run begins; empty when nothing was read before. */
    Optional<Reading> begin(String run) {
        JsonNode document = document();
        JsonNode reading = document.path(document.path("run").asText().equals(run) ? "before" : "after");
        if (!reading.has("at")) {
            return Optional.empty();
        }
        Map<String, Position> files = new TreeMap<>();
        for (Map.Entry<String, JsonNode> one : reading.path("files").properties()) {
            JsonNode position = one.getValue();
            files.put(
                    one.getKey(),
                    new Position(
                            position.path("offset").asLong(),
                            position.path("head").asText()));
        }
        return Optional.of(new Reading(Instant.parse(reading.path("at").asText()), files));
    }

    /**
     * What is not readable as such counts as nothing: the next reading is a first one.
     *
     * @throws OperatorException when this user may not read it
     */
    private JsonNode document() {
        try {
            return MAPPER.readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return MAPPER.createObjectNode();
        } catch (AccessDeniedException e) {
            throw new OperatorException(
                    "how far the log was read is in " + file + ", which this user may not read",
                    "give it to the owner of its folder.",
                    e);
        } catch (IOException e) {
            LOG.warn("{} cannot be read, so the log is read as if for the first time: {}", file, e.getMessage());
            return MAPPER.createObjectNode();
        }
    }

    /** @throws OperatorException when it cannot be written */
    void keep(String run, Optional<Reading> began, Reading reached) {
        ObjectNode document = MAPPER.createObjectNode();
        document.put("run", run);
        began.ifPresent(reading -> document.set("before", node(reading)));
        document.set("after", node(reached));
        try {
            FolderOwner.create(Objects.requireNonNull(file.toAbsolutePath().getParent()));
            DurableFile.write(file, MAPPER.writeValueAsString(document));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new OperatorException(
                    "how far the log was read cannot be kept in " + file + ": " + e.getMessage(),
                    "look at the rights and the free space of the state folder.",
                    e);
        }
    }

    private static ObjectNode node(Reading reading) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("at", reading.at().toString());
        ObjectNode files = node.putObject("files");
        reading.files()
                .forEach((name, position) ->
                        files.putObject(name).put("offset", position.offset()).put("head", position.head()));
        return node;
    }
}

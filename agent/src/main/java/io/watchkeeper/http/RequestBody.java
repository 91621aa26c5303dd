package io.watchkeeper.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.javalin.http.Context;
import io.watchkeeper.problem.Suggestion;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads what a caller sent: never more than the cap, nothing but JSON, no field that would be silently ignored. */
final class RequestBody {

    private static final int DEEPEST = 16;

    private static final ObjectMapper READER = new ObjectMapper(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private RequestBody() {}

    /** The body as a tree; a {@link MissingNode} when there is none. */
    static JsonNode read(Context ctx, int maxBody) {
        byte[] body = bytes(ctx, maxBody);
        if (body.length == 0) {
            return MissingNode.getInstance();
        }
        requireJson(ctx.contentType());
        try {
            return READER.readTree(body);
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw ApiException.badRequest("the body is not JSON" + where + ": " + inPlainWords(e), null);
        } catch (IOException e) {
            throw ApiException.badRequest("the body could not be read: " + firstLine(e.getMessage()), null);
        }
    }

    /** The parser's own words name its classes and settings wherever it says more than which character it stumbled over. */
    private static String inPlainWords(JsonProcessingException e) {
        if (e instanceof StreamConstraintsException) {
            return "it is nested deeper than " + DEEPEST + " levels, or holds a number or a name that is too long";
        }
        if (e instanceof JsonEOFException) {
            return "it ends too early";
        }
        if (!(e instanceof JsonParseException)) {
            return "something follows after its end";
        }
        String words = firstLine(e.getOriginalMessage());
        return words.contains("`") || words.contains("[Source") ? "it is not well formed" : words;
    }

    /** Refuses fields outside the known ones, by name. */
    static void requireObject(JsonNode body, Set<String> known) {
        if (!body.isObject()) {
            throw ApiException.badRequest(
                    "the body is " + kind(body) + ", not an object",
                    "Send an object with " + String.join(", ", new TreeSet<>(known)) + ".");
        }
        for (Iterator<String> names = body.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw ApiException.badRequest(
                        "unknown field '" + name + "'",
                        Suggestion.didYouMean(name, known) + "Fields here: " + String.join(", ", new TreeSet<>(known))
                                + ".");
            }
        }
    }

    static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT -> "an object";
            case STRING -> "a text";
            default -> node.getNodeType().name().toLowerCase(Locale.ROOT);
        };
    }

    private static byte[] bytes(Context ctx, int maxBody) {
        // A declared length is refused before a byte is read; an undeclared one as soon as it goes past the cap.
        if (ctx.contentLength() > maxBody) {
            throw tooLarge(maxBody);
        }
        try (InputStream in = ctx.bodyInputStream()) {
            byte[] body = in.readNBytes(maxBody + 1);
            if (body.length > maxBody) {
                throw tooLarge(maxBody);
            }
            return body;
        } catch (IOException e) {
            throw ApiException.badRequest("the body could not be read: " + firstLine(e.getMessage()), null);
        }
    }

    private static ApiException tooLarge(int maxBody) {
        return new ApiException(
                413, "the body is larger than " + maxBody + " bytes", "The cap is http.maxBody in the configuration.");
    }

    /** Many clients call any body a form when nobody told them; the token, not the type, keeps strangers' pages out. */
    private static void requireJson(@Nullable String contentType) {
        String type =
                contentType == null ? "" : contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!Set.of("", "application/json", "application/x-www-form-urlencoded").contains(type)) {
            throw new ApiException(
                    415, "the body's content type is " + type, "Send JSON with 'Content-Type: application/json'.");
        }
    }

    private static String firstLine(@Nullable String text) {
        return text == null ? "" : text.lines().findFirst().orElse("");
    }
}

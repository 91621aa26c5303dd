package io.watchkeeper.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.watchkeeper.problem.Suggestion;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One token as a line of the file: a JSON object. */
final class TokenLine {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final Set<String> FIELDS =
            new TreeSet<>(Set.of("name", "sha256", "scopes", "created", "expires", "networks"));
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    /** What is wrong with a line, in plain words. */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableException(String message) {
            super(message);
        }
    }

    private TokenLine() {}

    static String write(AccessToken token) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("name", token.name());
        line.put("sha256", token.sha256());
        line.put(
                "scopes",
                new TreeSet<>(token.scopes()).stream().map(Scope::word).toList());
        if (token.created() != null) {
            line.put("created", token.created().toString());
        }
        if (token.expires() != null) {
            line.put("expires", token.expires().toString());
        }
        if (!token.networks().isEmpty()) {
            line.put(
                    "networks", token.networks().stream().map(Network::toString).toList());
        }
        try {
            return JSON.writeValueAsString(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of texts is JSON", e);
        }
    }

    /** Strict: a misspelt 'expires' or 'networks' that is passed over would make a token stronger than it was meant to be. */
    static AccessToken read(String line) throws UnreadableException {
        JsonNode node = tree(line);
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!FIELDS.contains(name)) {
                throw new UnreadableException("unknown field '" + name + "'; " + Suggestion.didYouMean(name, FIELDS)
                        + "fields: " + String.join(", ", FIELDS));
            }
        }
        String name = text(node, "name");
        if (name == null || !AccessToken.isName(name)) {
            throw new UnreadableException("'name' is missing or no name");
        }
        String sha256 = text(node, "sha256");
        if (sha256 == null || !DIGEST.matcher(sha256).matches()) {
            throw new UnreadableException("'sha256' of token " + name + " is not 64 hexadecimal digits in lower case");
        }
        return new AccessToken(
                name, sha256, scopes(node, name), instant(node, "created"), instant(node, "expires"), networks(node));
    }

    private static JsonNode tree(String line) throws UnreadableException {
        JsonNode node;
        try {
            node = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            // Without the parser's words: they would show what stands there, perhaps a token put there by mistake.
            throw new UnreadableException("it is not JSON");
        }
        if (!node.isObject()) {
            throw new UnreadableException("it is not a JSON object");
        }
        return node;
    }

    private static Set<Scope> scopes(JsonNode node, String name) throws UnreadableException {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (String word : texts(node, "scopes")) {
            scopes.add(Scope.ofWord(word)
                    .orElseThrow(() -> new UnreadableException("there is no scope '" + word + "'; "
                            + Suggestion.didYouMean(word, Scope.words()) + "scopes: "
                            + String.join(", ", Scope.words()))));
        }
        if (scopes.isEmpty()) {
            throw new UnreadableException("token " + name + " has no 'scopes'");
        }
        return scopes;
    }

    private static List<Network> networks(JsonNode node) throws UnreadableException {
        List<Network> networks = new ArrayList<>();
        for (String text : texts(node, "networks")) {
            networks.add(Network.parse(text)
                    .orElseThrow(() -> new UnreadableException("'" + text + "' is not a network as 10.0.0.0/8")));
        }
        if (node.has("networks") && networks.isEmpty()) {
            throw new UnreadableException("'networks' is empty; leave it out for everywhere");
        }
        return networks;
    }

    private static @Nullable Instant instant(JsonNode node, String field) throws UnreadableException {
        String text = text(node, field);
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new UnreadableException("'" + field + "' is '" + text + "', not a time as 2027-01-31T00:00:00Z");
        }
    }

    private static @Nullable String text(JsonNode node, String field) throws UnreadableException {
        JsonNode value = node.get(field);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw new UnreadableException("'" + field + "' is not a text");
        }
        return value.textValue();
    }

    private static List<String> texts(JsonNode node, String field) throws UnreadableException {
        JsonNode value = node.get(field);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray()) {
            throw new UnreadableException("'" + field + "' is not a list");
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode item : value) {
            if (!item.isTextual()) {
                throw new UnreadableException("'" + field + "' holds something else than texts");
            }
            texts.add(item.textValue());
        }
        return texts;
    }
}

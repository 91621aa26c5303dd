package io.watchkeeper.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.javalin.http.Context;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes documents. Every text in them is redacted before it is escaped, so that no escape can hide a secret. */
final class Json {

    private static final ObjectMapper WRITER = new ObjectMapper()
            .registerModule(new SimpleModule("redaction")
                    .addSerializer(String.class, new Redacted())
                    .addKeySerializer(String.class, new RedactedKey()));

    private Json() {}

    static String text(Object document) {
        try {
            return WRITER.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write " + document.getClass(), e);
        }
    }

    static void send(Context ctx, int status, Object document) {
        send(ctx, status, "application/json", document);
    }

    static void send(Context ctx, int status, String contentType, Object document) {
        // As bytes: of a text, Javalin asks the servlet for the charset, which for problem+json is ISO 8859-1.
        ctx.status(status).contentType(contentType).result((text(document) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    static void send(Context ctx, Map<String, ?> document) {
        send(ctx, 200, document);
    }

    private static final class Redacted extends StdSerializer<String> {
        private static final long serialVersionUID = 1L;

        Redacted() {
            super(String.class);
        }

        @Override
        public void serialize(String value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(Secret.redact(value));
        }
    }

    private static final class RedactedKey extends StdSerializer<String> {
        private static final long serialVersionUID = 1L;

        RedactedKey() {
            super(String.class);
        }

        @Override
        public void serialize(String value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeFieldName(Secret.redact(value));
        }
    }
}

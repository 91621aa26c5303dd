package io.watchkeeper.toolkit.backup;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FileDigest;
import io.watchkeeper.postgres.Lsn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;

/** The repository's documents as JSON: times and positions as people write them, enumerations in lower case. */
public final class BackupJson {

    private static final String SEAL = "seal";
    private static final ObjectMapper MAPPER = mapper();

    private BackupJson() {}

    private static ObjectMapper mapper() {
        SimpleModule module = new SimpleModule();
        module.addSerializer(Instant.class, new ToStringSerializer(Instant.class));
        module.addDeserializer(Instant.class, new FromText<>(Instant.class) {
            @Override
            Instant read(String text) {
                return Instant.parse(text);
            }
        });
        module.addSerializer(Lsn.class, new ToStringSerializer(Lsn.class));
        module.addDeserializer(Lsn.class, new FromText<>(Lsn.class) {
            @Override
            Lsn read(String text) {
                return Lsn.parse(text).orElseThrow(() -> new IllegalArgumentException(text + " is no position"));
            }
        });
        addEnum(module, BackupKind.class);
        addEnum(module, Compression.class);
        return new ObjectMapper()
                .registerModule(module)
                .enable(SerializationFeature.INDENT_OUTPUT)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    }

    private static <E extends Enum<E>> void addEnum(SimpleModule module, Class<E> type) {
        module.addSerializer(type, new ToStringSerializer(type));
        module.addDeserializer(type, new FromText<>(type) {
            @Override
            E read(String text) {
                return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
            }
        });
    }

    /** Writes a document so that it is whole or not there, with a seal by which {@link #read} knows that nothing in it was changed. */
    public static void write(Path file, Object document) throws IOException {
        ObjectNode tree = MAPPER.valueToTree(document);
        tree.put(SEAL, FileDigest.of(bytes(tree)));
        DurableFile.write(file, bytes(tree));
    }

    /** A document's bytes without a seal, for what has its hash beside it. */
    static byte[] bytes(Object document) throws IOException {
        return (MAPPER.writeValueAsString(document) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads what {@link #write} has written.
     *
     * @throws IOException when the file cannot be read, or is not what was written
     */
    public static <T> T read(Path file, Class<T> type) throws IOException {
        byte[] content = Files.readAllBytes(file);
        try {
            ObjectNode tree = MAPPER.readValue(content, ObjectNode.class);
            // Byte by byte: a changed blank means the same, and still tells of a disk that changes bytes.
            boolean asWritten = Arrays.equals(content, bytes(tree));
            String seal = tree.path(SEAL).asText();
            tree.remove(SEAL);
            if (!asWritten || !seal.equals(FileDigest.of(bytes(tree)))) {
                throw new IOException("its seal is broken");
            }
            return MAPPER.treeToValue(tree, type);
        } catch (IOException | RuntimeException e) {
            throw new IOException(file + " is not what was written: " + e.getMessage(), e);
        }
    }

    /** A document whose hash was compared already. */
    static <T> T parse(byte[] content, Class<T> type) throws IOException {
        try {
            return MAPPER.readValue(content, type);
        } catch (RuntimeException e) {
            throw new IOException("it cannot be understood: " + e.getMessage(), e);
        }
    }

    private abstract static class FromText<T> extends StdDeserializer<T> {
        private static final long serialVersionUID = 1L;

        FromText(Class<T> type) {
            super(type);
        }

        abstract T read(String text);

        @Override
        public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            try {
                return read(parser.getText());
            } catch (RuntimeException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }
}

package io.watchkeeper.dsl;

import io.watchkeeper.files.FileDigest;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.trust.TrustedFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.CodeSource;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The classes of runbook files from one start of the agent to the next: compiling is most of a start, and files seldom change. What
 * a file became is found by everything that went into it, this build of the program included, so nothing is ever out of date; it is
 * only not found. It is code that will run: found again only where nobody but this user and root could have written it.
 */
final class CompileCache {

    private static final Logger LOG = LoggerFactory.getLogger(CompileCache.class);

    private static final int LARGEST = 16 << 20;
    private static final int DIGEST_LENGTH = 32;

    private final Path folder;
    private final String build;
    private final Set<String> used = ConcurrentHashMap.newKeySet();
    private volatile boolean usable;

    /** @param build what tells this program from every other build of it */
    private CompileCache(Path folder, String build, boolean usable) {
        this.folder = folder;
        this.build = build;
        this.usable = usable;
    }

    /** One that finds and keeps nothing. */
    static CompileCache none() {
        return new CompileCache(Path.of("/"), "", false);
    }

    /**
     * The cache in this folder, which is made when something is to be kept. None when the folder around it is another user's: what
     * root keeps there the agent could not replace, and what the agent keeps there root had better not run.
     */
    static CompileCache in(Path folder) {
        return Build.FINGERPRINT.map(build -> in(folder, build)).orElseGet(CompileCache::none);
    }

    static CompileCache in(Path folder, String build) {
        return new CompileCache(folder, build, isOurs(folder.toAbsolutePath().getParent()));
    }

    private static boolean isOurs(@Nullable Path folder) {
        try {
            return folder != null
                    && Files.isDirectory(folder)
                    && Files.getOwner(folder).getName().equals(System.getProperty("user.name"));
        } catch (IOException e) {
            return false;
        }
    }

    /** The name under which the classes of a file are kept. @param inputs everything that decides what they are */
    String key(List<String> inputs) {
        MessageDigest digest = FileDigest.sha256();
        digest.update(build.getBytes(StandardCharsets.UTF_8));
        for (String input : inputs) {
            digest.update(FileDigest.sha256().digest(input.getBytes(StandardCharsets.UTF_8)));
        }
        return FileDigest.hex(digest);
    }

    /** The classes by their names. */
    Optional<Map<String, byte[]>> find(String key) {
        if (!usable) {
            return Optional.empty();
        }
        try {
            byte[] content = TrustedFile.read(file(key), LARGEST);
            Optional<Map<String, byte[]>> classes = unpack(content);
            classes.ifPresent(found -> used.add(key));
            return classes;
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | OperatorException e) {
            LOG.debug("{} is not used: {}", file(key), e.getMessage());
            return Optional.empty();
        }
    }

    /** Where it cannot be kept, the next start takes longer, and nothing else. */
    void keep(String key, Map<String, byte[]> classes) {
        if (!usable) {
            return;
        }
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            // Not flushed: what a loss of power tears is told by its digest. What a kill leaves, the next sweep takes.
            Path written = Files.createTempFile(folder, key, ".tmp");
            try {
                Files.write(written, pack(classes));
                Files.move(written, file(key), StandardCopyOption.ATOMIC_MOVE);
                used.add(key);
            } finally {
                Files.deleteIfExists(written);
            }
        } catch (IOException e) {
            LOG.info("compiled runbooks are not kept in {}: {}", folder, e.toString());
            usable = false;
        }
    }

    /** Removes what was neither found nor kept since this was made: earlier versions of files, and of this program. */
    void sweep() {
        if (!usable || !Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (!used.contains(String.valueOf(entry.getFileName()))) {
                    Files.deleteIfExists(entry);
                }
            }
        } catch (IOException e) {
            LOG.info("old compiled runbooks stay in {}: {}", folder, e.toString());
        }
    }

    private Path file(String key) {
        return folder.resolve(key);
    }

    private static byte[] pack(Map<String, byte[]> classes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(packed)) {
            out.writeInt(classes.size());
            for (Map.Entry<String, byte[]> one : classes.entrySet()) {
                out.writeUTF(one.getKey());
                out.writeInt(one.getValue().length);
                out.write(one.getValue());
            }
        }
        byte[] content = packed.toByteArray();
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(FileDigest.sha256().digest(content));
        whole.write(content);
        return whole.toByteArray();
    }

    private static Optional<Map<String, byte[]>> unpack(byte[] whole) throws IOException {
        if (whole.length < DIGEST_LENGTH) {
            return Optional.empty();
        }
        byte[] content = Arrays.copyOfRange(whole, DIGEST_LENGTH, whole.length);
        byte[] expected = Arrays.copyOf(whole, DIGEST_LENGTH);
        if (!MessageDigest.isEqual(FileDigest.sha256().digest(content), expected)) {
            return Optional.empty();
        }
        Map<String, byte[]> classes = new LinkedHashMap<>();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(content))) {
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                String name = in.readUTF();
                classes.put(name, in.readNBytes(in.readInt()));
            }
        }
        return Optional.of(classes);
    }

    /** Worked out when first asked for. */
    private static final class Build {

        /** Empty where the program is no jar: what is being developed changes under the same name. */
        static final Optional<String> FINGERPRINT = fingerprint();

        private static Optional<String> fingerprint() {
            CodeSource source = CompileCache.class.getProtectionDomain().getCodeSource();
            try {
                if (source == null) {
                    return Optional.empty();
                }
                Path program = Path.of(source.getLocation().toURI());
                return Files.isRegularFile(program) ? Optional.of(ofJar(program)) : Optional.empty();
            } catch (IOException | URISyntaxException e) {
                LOG.debug("compiled runbooks are not kept: {}", e.toString());
                return Optional.empty();
            }
        }

        /** Of all its entries' checksums; the manifest among them names the libraries with their versions. */
        private static String ofJar(Path jar) throws IOException {
            MessageDigest digest = FileDigest.sha256();
            digest.update(Runtime.version().toString().getBytes(StandardCharsets.UTF_8));
            try (JarFile file = new JarFile(jar.toFile(), false)) {
                for (JarEntry entry : (Iterable<JarEntry>) file.stream()::iterator) {
                    digest.update(entry.getName().getBytes(StandardCharsets.UTF_8));
                    digest.update(Long.toHexString(entry.getCrc()).getBytes(StandardCharsets.UTF_8));
                }
            }
            return FileDigest.hex(digest);
        }
    }
}

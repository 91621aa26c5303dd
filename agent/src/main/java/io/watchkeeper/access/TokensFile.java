package io.watchkeeper.access;

import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The tokens that this agent takes, one JSON object on each line; empty lines and lines that begin with {@code #} are the
 * operator's. It holds digests only, and is kept like a secret nevertheless: who may write it may give himself a token.
 */
public final class TokensFile {

    private static final long LARGEST = 1024 * 1024;
    private static final Set<PosixFilePermission> NOT_ALLOWED = EnumSet.of(
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    private final Path file;

    public TokensFile(Path file) {
        this.file = file.toAbsolutePath();
    }

    public Path path() {
        return file;
    }

    /**
     * What tells one content of the file from the next, cheaply.
     *
     * @return changes with every change of content, owner or mode; {@code absent} without a file
     */
    public String stamp() {
        try {
            return Files.readAttributes(file, "unix:ino,size,lastModifiedTime,ctime")
                    .toString();
        } catch (IOException e) {
            return "absent";
        }
    }

    /** Empty without a file. @throws OperatorException when it cannot be used, naming the line; never with anything of a digest */
    public List<AccessToken> read() {
        return tokens(lines());
    }

    /** @throws OperatorException when there is one of this name */
    public void add(AccessToken token) {
        LockFile lock = lock();
        try {
            List<String> lines = new ArrayList<>(lines());
            if (tokens(lines).stream().anyMatch(t -> t.name().equals(token.name()))) {
                throw new OperatorException(
                        "there is a token " + token.name() + " already in " + file,
                        "Choose another name, or first: watchkeeper token revoke " + token.name());
            }
            lines.add(TokenLine.write(token));
            write(lines);
        } finally {
            lock.close();
        }
    }

    /** @return what it was. @throws OperatorException when there is none of this name */
    public AccessToken revoke(String name) {
        LockFile lock = lock();
        try {
            List<String> lines = new ArrayList<>(lines());
            List<AccessToken> tokens = tokens(lines);
            AccessToken revoked = tokens.stream()
                    .filter(t -> t.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> {
                        List<String> names =
                                tokens.stream().map(AccessToken::name).toList();
                        return new OperatorException(
                                "there is no token " + name + " in " + file,
                                Suggestion.didYouMean(name, names) + "'watchkeeper token list' says which there are.");
                    });
            lines.removeIf(line -> isToken(line) && line.contains(revoked.sha256()));
            write(lines);
            return revoked;
        } finally {
            lock.close();
        }
    }

    private List<AccessToken> tokens(List<String> lines) {
        List<AccessToken> tokens = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!isToken(lines.get(i))) {
                continue;
            }
            AccessToken token;
            try {
                token = TokenLine.read(lines.get(i));
            } catch (TokenLine.UnreadableException e) {
                throw damaged(i, String.valueOf(e.getMessage()));
            }
            if (!names.add(token.name())) {
                throw damaged(i, "there is another token " + token.name() + " before it");
            }
            tokens.add(token);
        }
        return List.copyOf(tokens);
    }

    private OperatorException damaged(int line, String what) {
        return new OperatorException(
                file + ":" + (line + 1) + ": " + what,
                "Mend or remove the line; until then none of the file's tokens is taken.");
    }

    private static boolean isToken(String line) {
        return !line.isBlank() && !line.strip().startsWith("#");
    }

    private List<String> lines() {
        try {
            PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
            requireKept(attributes);
            if (attributes.size() > LARGEST) {
                throw new OperatorException(
                        file + " is larger than 1 MB", "It holds tokens, one line each, and nothing else.");
            }
            return Files.readString(file, StandardCharsets.UTF_8).lines().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (AccessDeniedException e) {
            throw new OperatorException(
                    file + " cannot be read by user " + System.getProperty("user.name"),
                    "chown " + System.getProperty("user.name") + " " + file,
                    e);
        } catch (IOException e) {
            throw new OperatorException("cannot read " + file + ": " + e.getMessage(), null, e);
        }
    }

    private void requireKept(PosixFileAttributes attributes) {
        for (PosixFilePermission permission : attributes.permissions()) {
            if (NOT_ALLOWED.contains(permission)) {
                throw new OperatorException(file + " is open to other users", "chmod 0600 " + file);
            }
        }
    }

    private LockFile lock() {
        Path lock = file.resolveSibling("." + file.getFileName() + ".lock");
        return LockFile.tryAcquireTemporary(lock, "watchkeeper token")
                .orElseThrow(() -> new OperatorException(
                        file + " is being changed by another 'watchkeeper token'", "Try again when it has ended."));
    }

    /** Whole or not at all, and under its final owner and mode before it has its name: an agent that reads it now can read it. */
    private void write(List<String> lines) {
        try {
            Path folder = folder();
            Path temporary = Files.createTempFile(folder, "." + file.getFileName(), ".tmp");
            try {
                Files.writeString(temporary, String.join("\n", lines) + (lines.isEmpty() ? "" : "\n"));
                keep(temporary, folder);
                DurableFile.sync(temporary);
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary);
            }
            DurableFile.sync(folder);
        } catch (IOException e) {
            throw new OperatorException(
                    "cannot write " + file + ": " + e.getMessage(), "Its folder must be writable for this user.", e);
        }
    }

    /** What root writes must stay readable for the agent's own user, be it as owner or by the group of the folder of settings. */
    private void keep(Path temporary, Path folder) throws IOException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return;
        }
        boolean isNew = !Files.exists(file);
        PosixFileAttributes like = Files.readAttributes(isNew ? folder : file, PosixFileAttributes.class);
        PosixFileAttributeView view = Files.getFileAttributeView(temporary, PosixFileAttributeView.class);
        view.setOwner(like.owner());
        view.setGroup(like.group());
        Set<PosixFilePermission> mode = EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        boolean agentIsOwner = isNew && !like.owner().getName().equals("root");
        boolean groupIsRoot = like.group().getName().equals("root");
        if (!agentIsOwner && !groupIsRoot && like.permissions().contains(PosixFilePermission.GROUP_READ)) {
            mode.add(PosixFilePermission.GROUP_READ);
        }
        view.setPermissions(mode);
    }

    private Path folder() {
        Path folder = file.getParent();
        if (folder == null) {
            throw new IllegalStateException(file + " is no file");
        }
        return folder;
    }
}

package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Whom a data directory belongs to and whom its server runs as: this process's own user, or, where that is root,
 * another one, because PostgreSQL refuses to run as root.
 *
 * @param name of the system's user
 * @param self whether it is this process's own user
 */
public record ServerUser(String name, boolean self) {

    private static final List<String> USUAL = List.of("postgres", "nobody");

    /** Looking them up can ask a directory server, and there are thousands of files. */
    private static final Map<String, Principals> PRINCIPALS = new ConcurrentHashMap<>();

    private record Principals(UserPrincipal user, GroupPrincipal group) {}

    /** The user of a server in this folder: as root the folder's owner, or postgres where that is root, too. */
    public static ServerUser forSandboxesIn(Path folder) {
        if (!isRoot()) {
            return me();
        }
        try {
            String owner = Files.getOwner(folder).getName();
            return owner.equals("root") ? new ServerUser(usual(), false) : new ServerUser(owner, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The user a person named.
     *
     * @throws OperatorException when there is none, or only root could give files to it
     */
    public static ServerUser named(String name) {
        if (name.equals(me().name())) {
            return me();
        }
        if (user(name).isEmpty()) {
            throw new OperatorException(
                    "this host has no user '" + name + "'", "'getent passwd' says which there are; usual is postgres.");
        }
        if (!isRoot()) {
            throw new OperatorException(
                    "only root can give files to user '" + name + "', and this is user '" + me().name() + "'",
                    "run it as root: sudo watchkeeper …, or leave the owner out.");
        }
        return new ServerUser(name, false);
    }

    /** Whom a restored directory belongs to when nobody says: this process's user, as root the one PostgreSQL usually runs as. */
    public static ServerUser usualOwner() {
        return isRoot() ? new ServerUser(usual(), false) : me();
    }

    public static boolean isRoot() {
        return me().name().equals("root");
    }

    /** This process's own. */
    public static ServerUser me() {
        try {
            // The name in the environment can be another.
            return new ServerUser(Files.getOwner(Path.of("/proc/self")).getName(), true);
        } catch (IOException e) {
            return new ServerUser(System.getProperty("user.name", ""), true);
        }
    }

    private static String usual() {
        return USUAL.stream()
                .filter(name -> user(name).isPresent())
                .findFirst()
                .orElseThrow(() -> new OperatorException(
                        "neither user 'postgres' nor 'nobody' exists, and PostgreSQL refuses to run as root",
                        "start this as an ordinary user."));
    }

    private static Optional<UserPrincipal> user(String name) {
        try {
            return Optional.of(
                    Path.of("/").getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(name));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The command as this user; a process of it ends with this one. */
    public List<String> prefix() {
        return self
                ? List.of("setpriv", "--pdeathsig", "QUIT", "--")
                : List.of(
                        "setpriv",
                        "--reuid",
                        name,
                        "--regid",
                        group().getName(),
                        "--clear-groups",
                        "--pdeathsig",
                        "QUIT",
                        "--");
    }

    /** Gives the file, or the link itself, to the user. */
    public void give(Path file) throws IOException {
        if (!self) {
            PosixFileAttributeView view = Files.getFileAttributeView(
                    file, PosixFileAttributeView.class, java.nio.file.LinkOption.NOFOLLOW_LINKS);
            Principals known = PRINCIPALS.computeIfAbsent(
                    name,
                    any -> new Principals(
                            user(name)
                                    .orElseThrow(
                                            () -> new OperatorException("this host has no user '" + name + "'", null)),
                            group()));
            view.setOwner(known.user());
            view.setGroup(known.group());
        }
    }

    /** Files as PostgreSQL wants them: for this user alone. */
    public void giveAll(Path root) throws IOException {
        var fileRights = PosixFilePermissions.fromString("rw-------");
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile()) {
                    Files.setPosixFilePermissions(file, fileRights);
                }
                give(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                giveAlone(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Gives a folder to this user alone, without what is in it. */
    public void giveAlone(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        give(folder);
    }

    /** The group of the user's own name, as Debian makes it. */
    private GroupPrincipal group() {
        for (String candidate : List.of(name, "nogroup", "nobody")) {
            try {
                return Path.of("/")
                        .getFileSystem()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByGroupName(candidate);
            } catch (IOException e) {
                // The next one.
            }
        }
        throw new OperatorException("user '" + name + "' has no group of its own name", "make one: groupadd " + name);
    }
}

package io.watchkeeper.runbook;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Work that moves so much that a host does only a few of them at once.
 *
 * @param databases that feel it, by their configured names
 * @param into the database whose tables are written or rebuilt; null where none is
 */
public record HeavyWork(
        Kind kind, List<String> databases, @Nullable String into) {

    /** From what is most urgent to what may wait longest. */
    public enum Kind {
        RESTORE(6, false),
        BACKUP(5, false),
        SYNC(4, false),
        COPY(3, true),
        VERIFY(2, true),
        MAINTENANCE(1, true),
        DRILL(0, true);

        private final int urgency;
        private final boolean yields;

        Kind(int urgency, boolean yields) {
            this.urgency = urgency;
            this.yields = yields;
        }

        /** The more, the sooner. */
        public int urgency() {
            return urgency;
        }

        /** Whether it waits, and goes on slowly, while replicas are far behind or users keep a server busy. */
        public boolean yields() {
            return yields;
        }

        /** As documents and labels name it. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What is done once there is a place for it. */
    @FunctionalInterface
    public interface Doing<T, E extends Exception> {
        T get() throws E;
    }

    public HeavyWork {
        databases = List.copyOf(databases);
    }

    /** Reads one database. */
    public static HeavyWork on(Kind kind, String database) {
        return new HeavyWork(kind, List.of(database), null);
    }

    /** Rewrites tables or indexes of one database. */
    public static HeavyWork maintenance(String database) {
        return new HeavyWork(Kind.MAINTENANCE, List.of(database), database);
    }

    /** Reads one database and writes another. */
    public static HeavyWork between(Kind kind, String from, String to) {
        return new HeavyWork(kind, List.of(from, to), to);
    }

    /**
     * Whether both at once would be in each other's way: maintenance locks tables that the other loads, and two of it share one
     * disk for nothing.
     */
    public boolean collidesWith(HeavyWork other) {
        return into != null
                && into.equals(other.into)
                && (kind == Kind.MAINTENANCE || other.kind == Kind.MAINTENANCE)
                && rewrites()
                && other.rewrites();
    }

    /** A round of a sync is short and must not wait for hours of maintenance. */
    private boolean rewrites() {
        return kind == Kind.MAINTENANCE || kind == Kind.COPY || kind == Kind.RESTORE;
    }
}

package io.watchkeeper.dsl;

import io.watchkeeper.runbook.Guard;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code guard { … }} */
@Block(
        name = "guard",
        value =
                "What must hold before a run starts. A run whose guard does not hold is skipped and recorded with the reason.",
        words = {"maxReplicationLag", "minFreeDisk"})
public final class GuardSpec extends BlockSpec {

    private final List<Guard> guards = new ArrayList<>();
    private final Map<String, SourceLocation> databases = new LinkedHashMap<>();

    GuardSpec(Declarations declarations) {
        super(declarations, "guard");
    }

    @Word(
            value = "No standby of the database's server is further behind than this.",
            example = "maxReplicationLag 'shore', 64.megabytes")
    public void maxReplicationLag(@Checked(TextKind.DATABASE) String database, Bytes lag) {
        guards.add(new Guard.MaxReplicationLag(database, lag));
        databases.put(database, declarations().here());
    }

    @Word(
            value = "The file system that holds the path has at least this share free.",
            example = "minFreeDisk '/var/lib/postgresql', 10.percent")
    public void minFreeDisk(@Checked(TextKind.PATH) String path, Ratio free) {
        guards.add(new Guard.MinFreeDisk(declarations().checked(TextKind.PATH, path, () -> path, "/"), free));
    }

    /** The databases it names, and where; known only when the runbook is whole is whether this host needs to have them. */
    Map<String, SourceLocation> databases() {
        return databases;
    }

    List<Guard> build() {
        return guards;
    }
}

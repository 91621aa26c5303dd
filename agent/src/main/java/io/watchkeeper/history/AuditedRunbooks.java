package io.watchkeeper.history;

import io.watchkeeper.audit.Audit;
import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.audit.AuditSearch;
import io.watchkeeper.files.FileDigest;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Puts on record which runbooks are in force: what was added, changed, taken away or broken, by the digest of the file's text. What
 * changed while no agent ran is found at the next start, because the record itself says how it was before.
 */
public final class AuditedRunbooks implements AutoCloseable {

    private static final String ADDED = "runbook.added";
    private static final String CHANGED = "runbook.changed";
    private static final String REMOVED = "runbook.removed";
    private static final String BROKEN = "runbook.broken";

    /** The digest of a runbook that there is none of. */
    private static final String NONE = "";

    private final AuditSearch trail;
    private final LateRecords late;

    /** The digests on record, by runbook. */
    private final Map<String, String> known = new HashMap<>();

    /** What was wrong with which text, by file. */
    private final Map<String, String> broken = new HashMap<>();

    /** Found in one look and not handed on yet. */
    private final List<AuditEvent> events = new ArrayList<>();

    private boolean first = true;

    public AuditedRunbooks(Audit audit, AuditSearch trail) {
        this.trail = trail;
        this.late = new LateRecords(audit);
    }

    /** Follows the registry from now on. */
    public void follow(RunbookRegistry registry) {
        registry.onSwap(this::compare);
    }

    private synchronized void compare(RunbookRegistry.Contents before, RunbookRegistry.Contents now) {
        now.runbooks().values().forEach(this::loaded);
        Set<String> gone = new TreeSet<>(before.runbooks().keySet());
        if (first) {
            first = false;
            gone.addAll(trail.subjects("runbook."));
        }
        gone.removeAll(now.runbooks().keySet());
        gone.forEach(this::removed);
        Map<String, String> problems = now.problems().stream()
                .collect(Collectors.groupingBy(
                        Problem::file, TreeMap::new, Collectors.mapping(Problem::message, Collectors.joining("; "))));
        broken.keySet().retainAll(problems.keySet());
        problems.forEach(this::broken);
        late.addAll(List.copyOf(events));
        events.clear();
    }

    private void loaded(Runbook runbook) {
        String before = known.computeIfAbsent(runbook.name(), this::onRecord);
        if (before.equals(runbook.fingerprint())) {
            return;
        }
        known.put(runbook.name(), runbook.fingerprint());
        Map<String, Object> details = file(Path.of(runbook.location().file()));
        details.put("sha256", runbook.fingerprint());
        if (!before.isEmpty()) {
            details.put("before", before);
        }
        events.add(event(before.isEmpty() ? ADDED : CHANGED, runbook.name(), "ok", details));
    }

    private void removed(String name) {
        String before = known.computeIfAbsent(name, this::onRecord);
        if (!before.isEmpty()) {
            known.put(name, NONE);
            events.add(event(REMOVED, name, "ok", Map.of("before", before)));
        }
    }

    private void broken(String file, String problems) {
        Path path = Path.of(file);
        String digest = digest(path);
        String now = digest + " " + problems;
        if (now.equals(broken.put(file, now))) {
            return;
        }
        Map<String, Object> details = file(path);
        details.put("sha256", digest);
        details.put("problems", problems);
        events.add(event(BROKEN, file, "failed", details));
    }

    /** The digest that the record has of a runbook; empty when it has none, or that it was removed. */
    private String onRecord(String runbook) {
        return trail.newest(runbook, List.of(ADDED, CHANGED, REMOVED))
                .filter(entry -> !entry.action().equals(REMOVED))
                .map(entry -> entry.details().get("sha256"))
                .map(String::valueOf)
                .orElse(NONE);
    }

    /** Nobody tells who changed a file: whose it is and since when it is as it is must do. */
    private static Map<String, Object> file(Path file) {
        Map<String, Object> details = new HashMap<>();
        details.put("file", file.toString());
        try {
            PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
            details.put("owner", attributes.owner().getName());
            details.put("mode", PosixFilePermissions.toString(attributes.permissions()));
            details.put("modified", attributes.lastModifiedTime().toInstant().toString());
        } catch (IOException | UnsupportedOperationException e) {
            details.put("unreadable", String.valueOf(e.getMessage()));
        }
        return details;
    }

    private static String digest(Path file) {
        try {
            return Files.isRegularFile(file) ? FileDigest.of(file) : "none";
        } catch (IOException e) {
            return "none";
        }
    }

    private static AuditEvent event(String action, String subject, String result, Map<String, Object> details) {
        return new AuditEvent("agent", "filesystem", action, subject, result, details);
    }

    @Override
    public void close() {
        late.close();
    }
}

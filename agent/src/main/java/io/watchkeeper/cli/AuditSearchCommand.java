package io.watchkeeper.cli;

import io.watchkeeper.audit.AuditEntry;
import io.watchkeeper.audit.AuditQuery;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Finds entries of the audit trail. */
@Command(
        name = "search",
        mixinStandardHelpOptions = true,
        description = {
            "Shows entries of the audit trail, newest first.",
            "In ACTOR, ACTION and SUBJECT a * stands for any characters."
        })
final class AuditSearchCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Option(names = "--actor", paramLabel = "ACTOR", description = "who: token:ops, user:root, agent")
    private @Nullable String actor;

    @Option(names = "--action", paramLabel = "ACTION", description = "what: run.accepted, 'runbook.*'")
    private @Nullable String action;

    @Option(names = "--subject", paramLabel = "SUBJECT", description = "with what: a runbook, a file, a tenant")
    private @Nullable String subject;

    @Option(names = "--since", paramLabel = "TIME", description = "from then on: 2026-11-30, or 7d for seven days ago")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "before then")
    private @Nullable String until;

    @Option(names = "--before", paramLabel = "POSITION", description = "only older entries than this one")
    private long before;

    @Option(names = "--limit", paramLabel = "N", description = "at most this many (default: ${DEFAULT-VALUE})")
    private int limit = 50;

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    AuditSearchCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        if (limit < 1 || limit > 10_000) {
            throw new UsageException("--limit is " + limit, "give a number from 1 to 10000.");
        }
        AuditQuery query = new AuditQuery(
                actor,
                action,
                subject,
                StoredAudit.time("--since", since, invocation.clock()),
                StoredAudit.time("--until", until, invocation.clock()),
                before,
                limit);
        List<AuditEntry> found = StoredAudit.read(invocation, trail -> trail.find(query));
        if (json) {
            invocation.printJson(found.stream().map(AuditEntry::fields).toList());
            return ExitStatus.OK;
        }
        if (found.isEmpty()) {
            invocation.terminal().print("No such entries.");
            return ExitStatus.OK;
        }
        invocation
                .terminal()
                .print(Table.of(
                        invocation.terminal(),
                        found,
                        Table.right("entry", entry -> String.valueOf(entry.position())),
                        Table.column(
                                "when",
                                entry -> Wording.time(
                                        entry.at(), invocation.clock().getZone())),
                        Table.column("who", AuditEntry::actor),
                        Table.column("from", AuditEntry::from),
                        Table.column("what", AuditEntry::action),
                        Table.column("with what", AuditEntry::subject),
                        Table.column("result", AuditEntry::result),
                        Table.column("details", entry -> shortened(entry.details()))));
        return ExitStatus.OK;
    }

    private static String shortened(Map<String, Object> details) {
        String text = details.entrySet().stream()
                .map(one -> one.getKey() + "=" + one.getValue())
                .collect(Collectors.joining(" "))
                .replaceAll("\\s+", " ");
        return text.length() > 70 ? text.substring(0, 69) + "…" : text;
    }
}

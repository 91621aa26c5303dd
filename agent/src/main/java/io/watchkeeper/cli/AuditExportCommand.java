package io.watchkeeper.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.audit.AuditEntry;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints the audit trail for other programs. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = "Prints the audit trail, oldest first: a JSON document on each line, or CSV.")
final class AuditExportCommand implements Callable<Integer> {

    /** How entries are written. */
    enum Format {
        json,
        csv
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Invocation invocation;

    @Option(names = "--since", paramLabel = "TIME", description = "from then on: 2026-11-30, or 7d for seven days ago")
    private @Nullable String since;

    @Option(names = "--format", paramLabel = "FORMAT", description = "json or csv (default: ${DEFAULT-VALUE})")
    private Format format = Format.json;

    AuditExportCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        Instant from = StoredAudit.time("--since", since, invocation.clock());
        Terminal terminal = invocation.terminal();
        if (format == Format.csv) {
            terminal.print("position,at,host,actor,from,action,subject,result,details,previous,hash");
        }
        return StoredAudit.read(invocation, trail -> {
            trail.export(from, entry -> terminal.print(format == Format.csv ? csv(entry) : json(entry.fields())));
            return ExitStatus.OK;
        });
    }

    private static String csv(AuditEntry entry) {
        return List.of(
                        String.valueOf(entry.position()),
                        entry.at().toString(),
                        entry.host(),
                        entry.actor(),
                        entry.from(),
                        entry.action(),
                        entry.subject(),
                        entry.result(),
                        json(entry.details()),
                        entry.previous(),
                        entry.hash())
                .stream()
                .map(AuditExportCommand::quoted)
                .collect(Collectors.joining(","));
    }

    /** As in RFC 4180. A value that a spreadsheet would take for a formula is made a text. */
    private static String quoted(String value) {
        String text = !value.isEmpty() && "=+-@\t".indexOf(value.charAt(0)) >= 0 ? "'" + value : value;
        boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an entry cannot be written as JSON", e);
        }
    }
}

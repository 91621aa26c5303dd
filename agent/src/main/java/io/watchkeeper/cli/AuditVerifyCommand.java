package io.watchkeeper.cli;

import io.watchkeeper.audit.Anchor;
import io.watchkeeper.audit.AuditDamage;
import io.watchkeeper.audit.AuditVerdict;
import io.watchkeeper.cli.Terminal.Colour;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Finds out whether the audit trail is as it was written. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Reads the whole audit trail and says what is first wrong with it; exit status 1 then.",
            "Compares it with the anchor beside the store, and with those given."
        })
final class AuditVerifyCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Option(
            names = "--anchor",
            paramLabel = "POSITION:HASH",
            description =
                    "an anchor from the log, or from Prometheus with the first 12 digits of the hash; may be repeated")
    private List<String> anchors = new ArrayList<>();

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    AuditVerifyCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        List<Map.Entry<String, Anchor>> given = anchors.stream()
                .map(text -> Map.entry("--anchor", anchor(text)))
                .toList();
        AuditVerdict verdict = StoredAudit.read(invocation, trail -> trail.verify(given));
        if (json) {
            invocation.printJson(verdict.fields());
        } else {
            print(verdict);
        }
        return verdict.isIntact() ? ExitStatus.OK : ExitStatus.FAILED;
    }

    private static Anchor anchor(String text) {
        return Anchor.parse(text)
                .orElseThrow(
                        () -> new UsageException(
                                "--anchor is '" + text + "', which is no anchor",
                                "write POSITION:HASH as the log has it after 'audit anchor', with at least 12 digits of the hash."));
    }

    private void print(AuditVerdict verdict) {
        Terminal terminal = invocation.terminal();
        verdict.anchors()
                .forEach(
                        one -> terminal.print("anchor " + one.anchor() + " from " + one.source() + ": " + one.state()));
        AuditDamage damage = verdict.damage();
        if (damage != null) {
            terminal.print(terminal.paint(Colour.RED, "DAMAGED") + " at entry " + damage.position() + " ("
                    + damage.kind().wireName() + "): " + damage.message());
            terminal.print("    HINT: keep a copy of the store as it is, then find out who could write to it;"
                    + " 'watchkeeper audit export' prints what is there.");
            return;
        }
        verdict.anchors().stream()
                .filter(AuditVerdict.CheckedAnchor::isUnconfirmed)
                .forEach(one -> terminal.print("WARNING: anchor " + one.anchor()
                        + " lies before the last checkpoint and cannot be confirmed: it proves nothing any more; take one of entry "
                        + verdict.first() + " or later."));
        if (verdict.head() == null) {
            terminal.print("The audit trail has no entries yet.");
            return;
        }
        terminal.print("intact: " + verdict.entries() + " entries, from " + verdict.first() + " to "
                + verdict.head().position());
        terminal.print("head " + verdict.head());
        if (verdict.anchors().isEmpty()) {
            terminal.print("Without an anchor nobody can tell whether entries were cut off at the end:"
                    + " take one from the log or from Prometheus.");
        }
    }
}

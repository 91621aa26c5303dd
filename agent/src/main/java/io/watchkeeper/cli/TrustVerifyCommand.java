package io.watchkeeper.cli;

import io.watchkeeper.ConfiguredToolkit;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.trust.RunbookTrust;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Says what the agent would refuse to load, and why. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = "Checks owner, mode, checksum and signature of every runbook as the agent does;"
                + " exit status 1 when it would refuse one.")
final class TrustVerifyCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(arity = "0..1", paramLabel = "FOLDER", description = "default: the configured folder of runbooks")
    private @Nullable Path folder;

    TrustVerifyCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws IOException {
        AgentConfig config = invocation.config();
        RunbookTrust trust = ConfiguredToolkit.trust(config, invocation.clock());
        Path where = folder == null ? config.runbooks() : folder;
        Terminal terminal = invocation.terminal();
        try {
            terminal.print(trust.list(where)
                    .map(vouched ->
                            "runbooks.sha256 lists " + vouched.list().sums().size() + " files"
                                    + (vouched.signer() == null ? ", not signed" : ", signed: " + vouched.signer()))
                    .orElse("there is no runbooks.sha256: owner and mode decide"));
        } catch (OperatorException e) {
            invocation.printProblems(List.of(Problem.of(where.toString(), String.valueOf(e.getMessage()), e.hint())));
            return ExitStatus.FAILED;
        }
        List<TrustedRunbooks.Judged> all = TrustedRunbooks.in(where, trust);
        List<Problem> refused = all.stream()
                .filter(runbook -> runbook.refusal() != null)
                .map(TrustVerifyCommand::problem)
                .toList();
        invocation.printProblems(refused);
        terminal.print((all.size() - refused.size()) + " of " + all.size() + " runbooks would be loaded.");
        return refused.isEmpty() ? ExitStatus.OK : ExitStatus.FAILED;
    }

    private static Problem problem(TrustedRunbooks.Judged runbook) {
        OperatorException why = java.util.Objects.requireNonNull(runbook.refusal());
        return Problem.of(runbook.file().toString(), String.valueOf(why.getMessage()), why.hint());
    }
}

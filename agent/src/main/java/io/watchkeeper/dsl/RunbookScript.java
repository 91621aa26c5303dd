package io.watchkeeper.dsl;

import groovy.lang.Closure;
import groovy.lang.DelegatesTo;
import groovy.lang.Script;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The base class of every compiled runbook file: the words at the top level of a file. */
@Block(
        name = "the file",
        value = "A runbook file holds one runbook or more.",
        words = {"runbook"})
public abstract class RunbookScript extends Script {

    private @Nullable Declarations declarations;

    void declareInto(Declarations target) {
        declarations = target;
    }

    @Word(
            value = "Declares a runbook. Its name is unique on a host; it appears in commands, addresses and metrics.",
            example = "runbook('ship-sync') { … }")
    public void runbook(
            @Checked(TextKind.RUNBOOK_NAME) String name,
            @DelegatesTo(value = RunbookSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> body) {
        RunbookSpec spec = new RunbookSpec(Objects.requireNonNull(declarations), name);
        Closures.run(body, spec);
        spec.declare();
    }
}

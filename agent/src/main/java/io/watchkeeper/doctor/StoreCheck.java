package io.watchkeeper.doctor;

import io.watchkeeper.problem.OperatorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether the store of runs opens. */
final class StoreCheck implements HealthCheck {

    private final Path file;
    private final StoreProbe probe;

    StoreCheck(Path state, StoreProbe probe) {
        this.file = state.resolve("watchkeeper.db");
        this.probe = probe;
    }

    @Override
    public String subject() {
        return "store";
    }

    @Override
    public List<Finding> examine() throws Exception {
        // Opening would make it, owned by whoever runs the doctor, and the agent might not be allowed to use it then.
        if (!Files.exists(file)) {
            return List.of(Finding.green(subject(), file + " is not there yet; the first start makes it"));
        }
        try {
            probe.open();
            return List.of(Finding.green(subject(), file + " opens"));
        } catch (OperatorException e) {
            return List.of(Finding.red(subject(), String.valueOf(e.getMessage()), e.hint()));
        }
    }
}

package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings a data directory back from a stanza, ready to be started: what starts there recovers to the target and is promoted. */
public final class StanzaRestore {

    private final PgBackRest program;

    public StanzaRestore(PgBackRest program) {
        this.program = program;
    }

    /** How far recovery goes. */
    public enum Target {
        /** As the backup has it, without any setting of a recovery: whoever starts it writes these. */
        NONE,
        /** Everything that is archived. */
        LATEST,
        /** As soon as the cluster is consistent. */
        IMMEDIATE,
        /** The last commit at or before a time, with its zone. */
        TIME,
        /** A position of the log. */
        LSN,
        /** A restore point, which {@code pg_create_restore_point} makes. */
        NAME
    }

    /**
     * What is to be restored.
     *
     * @param data an existing, empty directory of the stanza's user; with {@code overwrite} one that is brought to what the backup has
     * @param tablespaces a directory for tablespaces; without it pgBackRest would write to where the running cluster has its own
     * @param label the backup; null for the one that pgBackRest chooses, which is the newest that leads to the target
     * @param value of the target; null for those that need none
     * @param repo the number of the repository that has the backup; 0 for any
     * @param overwrite whether files that are there already are replaced or removed where they differ
     */
    public record Plan(
            Path data,
            Path tablespaces,
            @Nullable String label,
            Target target,
            @Nullable String value,
            int repo,
            boolean overwrite) {

        public Plan {
            boolean wanted = target == Target.TIME || target == Target.LSN || target == Target.NAME;
            if (wanted != (value != null)) {
                throw new OperatorException(
                        "the recovery target " + target + (wanted ? " needs a value" : " takes no value"), null);
            }
        }

        List<String> options() {
            List<String> options = new ArrayList<>(List.of(
                    "--tablespace-map-all=" + tablespaces,
                    // Or it would archive into the stanza of the cluster that it is a copy of.
                    "--archive-mode=off"));
            if (label != null) {
                options.add("--set=" + label);
            }
            if (target != Target.LATEST) {
                options.add("--type=" + target.name().toLowerCase(java.util.Locale.ROOT));
            }
            if (target != Target.LATEST && target != Target.NONE) {
                options.add("--target-action=promote");
            }
            if (repo > 0) {
                options.add("--repo=" + repo);
            }
            if (value != null) {
                options.add("--target=" + value);
            }
            if (overwrite) {
                options.add("--delta");
            }
            return options;
        }
    }

    private List<String> options(Plan plan) {
        List<String> options = new ArrayList<>(program.onThisHost(plan.data()));
        options.addAll(plan.options());
        return options;
    }

    /** The command that {@link #restore} runs. */
    public String describe(Plan plan) {
        return program.text("restore", options(plan));
    }

    /** @throws OperatorException when it cannot be restored: without pg_control, which comes last, nothing there can be started */
    public void restore(Plan plan) {
        program.requireInfo();
        String subject = program.stanza().name();
        try {
            program.run("restore", options(plan), new FileProgress(program.work(), subject, "restore"));
        } finally {
            program.work().progress(Progress.finished(subject));
        }
    }
}

package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.stream.PublicationPlan;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code provisionPublication('shore') { … }} */
@Block(
        name = "provisionPublication",
        value = "What a database publishes to those who subscribe to it.",
        needs = {"name", "tables"},
        words = {"name", "tables", "except", "throughRoot"})
public final class ProvisionPublicationSpec {

    private final TextChecks texts;
    private final List<String> tables = new ArrayList<>();
    private final List<String> except = new ArrayList<>();
    private @Nullable String name;
    private boolean throughRoot;

    ProvisionPublicationSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(value = "The publication's name.", example = "name 'fleet'")
    public void name(@Checked(TextKind.NAME) String publication) {
        name = texts.require(TextKind.NAME, publication);
    }

    @Word(
            value =
                    "Its tables, or patterns of them. A table that has come since the last run is added, one that is gone or not"
                            + " meant any more is taken out. May be given several times.",
            example = "tables 'public.*'")
    public void tables(@Checked(TextKind.TABLE_PATTERN) String... patterns) {
        for (String pattern : patterns) {
            tables.add(texts.require(TextKind.TABLE_PATTERN, pattern));
        }
    }

    @Word(
            value = "Tables that are left out after all. May be given several times.",
            example = "except 'public.audit_*', 'public.scratch'",
            byDefault = "none")
    public void except(@Checked(TextKind.TABLE_PATTERN) String... patterns) {
        for (String pattern : patterns) {
            except.add(texts.require(TextKind.TABLE_PATTERN, pattern));
        }
    }

    @Word(
            value =
                    "Whether changes of partitions are sent as those of their partitioned table, so that the subscriber may have"
                            + " other partitions, or none.",
            example = "throughRoot true",
            byDefault = "false")
    public void throughRoot(boolean yes) {
        throughRoot = yes;
    }

    PublicationPlan plan() {
        if (name == null || tables.isEmpty()) {
            throw new OperatorException(
                    "'provisionPublication' needs " + (name == null ? "'name'" : "'tables'"),
                    "provisionPublication('shore') { name 'fleet'; tables 'public.*' }");
        }
        return new PublicationPlan(name, tables, except, throughRoot);
    }
}

package io.watchkeeper.dsl;

/** What the blocks of all verbs that only look have in common. */
public abstract class ReviewSpec {

    private boolean reportOnly;

    ReviewSpec() {}

    @Word(
            value = "Only says what is to be mended and leaves the step to go on; the result has it either way.",
            example = "reportOnly true",
            byDefault = "false: the step fails at its end")
    public void reportOnly(boolean yes) {
        reportOnly = yes;
    }

    boolean isReportOnly() {
        return reportOnly;
    }
}

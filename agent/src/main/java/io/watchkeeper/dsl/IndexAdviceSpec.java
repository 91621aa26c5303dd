package io.watchkeeper.dsl;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.toolkit.index.AdvicePlan;
import io.watchkeeper.toolkit.index.IndexAdvice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@code indexAdvice('shore') { … }} */
@Block(
        name = "indexAdvice",
        value = "What is looked for in the indexes of a database.",
        words = {"rules", "alsoAsk", "mergeKeys", "unusedFor", "leastRows", "accept", "reportOnly"})
public final class IndexAdviceSpec extends ReviewSpec {

    private final TextChecks texts;
    private final Path folder;
    private final List<String> others = new ArrayList<>();
    private final Map<TableName, List<String>> mergeKeys = new LinkedHashMap<>();
    private final Set<String> accepted = new LinkedHashSet<>();
    private @Nullable Path rules;
    private Duration unusedFor = AdvicePlan.UNUSED_FOR;
    private long leastRows = AdvicePlan.LEAST_ROWS;

    /** @param folder of the runbook's file */
    IndexAdviceSpec(TextChecks texts, Path folder) {
        this.texts = texts;
        this.folder = folder;
    }

    @Word(
            value =
                    "A file with the house's own rules, beside the runbook or by its absolute path. `index-rules.yaml` comes with the"
                            + " runbooks; [Indexes](indexes.md) tells what may stand in it.",
            example = "rules 'index-rules.yaml'",
            byDefault = "no rules")
    public void rules(String file) {
        rules = folder.resolve(texts.require(TextKind.NAME, file));
    }

    @Word(
            value =
                    "Databases whose queries use the same indexes, standbys above all: what one of them uses is not unused.",
            example = "alsoAsk 'ship'",
            byDefault = "none")
    public void alsoAsk(@Checked(TextKind.DATABASE) String... databases) {
        for (String database : databases) {
            others.add(texts.require(TextKind.DATABASE, database));
        }
    }

    @Word(
            value =
                    "Columns by which rows are merged into a table: without a unique index on them, each batch reads the whole table.",
            example = "mergeKeys 'public.documents', 'tenant_id', 'id'",
            byDefault = "only that tables the agent syncs have some unique index")
    public void mergeKeys(@Checked(TextKind.TABLE) String table, @Checked(TextKind.NAME) String... columns) {
        if (columns.length == 0) {
            throw new OperatorException("'mergeKeys' needs the columns, too", "mergeKeys 'public.documents', 'id'");
        }
        mergeKeys.put(TableName.parse(texts.require(TextKind.TABLE, table)), List.of(columns));
    }

    @Word(
            value = "How long an index must have been of no use, by counters or by what was seen before.",
            example = "unusedFor 30.days",
            byDefault = "30.days")
    public void unusedFor(Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new OperatorException("'unusedFor' takes a time, and this is none", "unusedFor 30.days");
        }
        unusedFor = time;
    }

    @Word(
            value = "A table of fewer rows needs no index for its foreign keys.",
            example = "leastRows 10_000",
            byDefault = "1_000")
    public void leastRows(long rows) {
        leastRows = rows;
    }

    @Word(
            value =
                    "Kinds of findings that count as ok: `unused`, `duplicate`, `overlapping`, `missingForeignKey`, `missingMergeKey`,"
                            + " `rule`, `invalid`, `leftover`, `tooYoung`.",
            example = "accept 'overlapping'",
            byDefault = "none")
    public void accept(@Checked(TextKind.NAME) String... codes) {
        for (String code : codes) {
            if (!IndexAdvice.CODES.contains(code)) {
                throw new OperatorException(
                        "'accept' names '" + code + "', which is no kind of finding",
                        Suggestion.didYouMean(code, IndexAdvice.CODES) + "Kinds: "
                                + String.join(
                                        ", ",
                                        IndexAdvice.CODES.stream().sorted().toList()) + ".");
            }
            accepted.add(code);
        }
    }

    AdvicePlan plan(List<String> tables, Function<String, Database> databases) {
        return new AdvicePlan(
                tables, rules, others.stream().map(databases).toList(), mergeKeys, unusedFor, leastRows, accepted);
    }
}

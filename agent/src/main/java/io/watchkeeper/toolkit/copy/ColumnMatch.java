package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Which columns of two tables are copied, and in which format their values arrive unchanged. */
record ColumnMatch(
        CopyPlan plan,
        TableShape source,
        TableShape target,
        Database from,
        Database to,
        ServerPair servers,
        List<String> notes) {

    /** @throws OperatorException when they do not fit */
    List<CopiedColumn> columns() {
        List<CopiedColumn> columns = new ArrayList<>();
        for (TableShape.Column column : wanted()) {
            TableShape.Column there = target.column(column.name()).orElseThrow(() -> missing(column));
            if (there.generated()) {
                if (!plan.options().columns().isEmpty()) {
                    throw new OperatorException(
                            "column " + Identifiers.quote(column.name()) + " of " + target.name() + " in database '"
                                    + to.name() + "' is computed there",
                            "leave it out of columns.");
                }
                continue;
            }
            TypeFit fit = TypeFit.of(
                    column.type(),
                    there.type(),
                    servers.source().majorVersion(),
                    servers.target().majorVersion());
            requireFit(column, there, fit);
            columns.add(new CopiedColumn(column.name(), column.type(), there.type(), fit));
        }
        if (columns.isEmpty() && !target.columns().stream().allMatch(TableShape.Column::generated)) {
            throw new OperatorException(
                    source.name() + " in database '" + from.name() + "' has no column to copy, and " + target.name()
                            + " in database '" + to.name() + "' has columns",
                    "add the columns there, or drop them here: rows without columns go only where there are none.");
        }
        requireNothingElse(columns);
        return columns;
    }

    private List<TableShape.Column> wanted() {
        if (plan.options().columns().isEmpty()) {
            return source.columns();
        }
        List<String> known =
                source.columns().stream().map(TableShape.Column::name).toList();
        List<TableShape.Column> wanted = new ArrayList<>();
        for (String name : plan.options().columns()) {
            wanted.add(source.column(name)
                    .orElseThrow(() -> new OperatorException(
                            source.name() + " in database '" + from.name() + "' has no column "
                                    + Identifiers.quote(name),
                            Suggestion.didYouMean(name, known) + "Its columns: " + Identifiers.quoteAll(known) + ".")));
        }
        return wanted;
    }

    private OperatorException missing(TableShape.Column column) {
        String name = Identifiers.quote(column.name());
        return new OperatorException(
                target.name() + " in database '" + to.name() + "' has no column " + name,
                "ALTER TABLE " + target.name().quoted() + " ADD COLUMN " + name + " " + column.type()
                        + "; there, or name the columns to copy with columns.");
    }

    private void requireFit(TableShape.Column column, TableShape.Column there, TypeFit fit) {
        String both = "column " + Identifiers.quote(column.name()) + " of " + source.name() + " is " + column.type()
                + " in '" + from.name() + "' and " + there.type() + " in '" + to.name() + "'";
        if (fit.way() == TypeFit.Way.REFUSED) {
            throw new OperatorException(
                    both + ", and values would change without an error",
                    "give both the same type, or name the columns to copy with columns.");
        }
        if (fit.way() == TypeFit.Way.VERIFIED_TEXT && !plan.options().verify()) {
            throw new OperatorException(
                    both + ", and some values may change without an error",
                    "leave verify on, or give both the same type.");
        }
    }

    /** Columns the target has beside the copied ones must do without a value. */
    private void requireNothingElse(List<CopiedColumn> columns) {
        Set<String> copied = columns.stream().map(CopiedColumn::name).collect(Collectors.toSet());
        for (TableShape.Column there : target.columns()) {
            boolean needsValue = there.notNull()
                    && !there.hasDefault()
                    && there.identity() == TableShape.Identity.NONE
                    && !there.generated();
            if (needsValue && !copied.contains(there.name())) {
                throw new OperatorException(
                        "column " + Identifiers.quote(there.name()) + " of " + target.name() + " in database '"
                                + to.name() + "' must not be null, has no default, and is not copied",
                        "give it a default there, or copy it.");
            }
        }
    }

    /** @throws OperatorException when binary is asked for and impossible */
    CopyFormat format(List<CopiedColumn> columns) {
        if (plan.options().format() == CopyFormat.TEXT || plan.options().method() == CopyMethod.FDW) {
            return CopyFormat.TEXT;
        }
        Map<String, String> others = new LinkedHashMap<>();
        // Before it reads the first row, COPY wants the binary form of every column of the target, copied or not.
        target.columns().stream()
                .filter(column -> !column.type().portable())
                .forEach(column -> others.put(column.name(), column.type() + " has no binary form"));
        columns.stream()
                .filter(column -> column.fit().way() != TypeFit.Way.BINARY)
                .forEach(column -> others.put(column.name(), column.fit().reason()));
        if (others.isEmpty()) {
            return CopyFormat.BINARY;
        }
        String reasons = others.entrySet().stream()
                .map(other -> Identifiers.quote(other.getKey()) + " (" + other.getValue() + ")")
                .collect(Collectors.joining(", "));
        if (plan.options().format() == CopyFormat.BINARY) {
            throw new OperatorException(
                    source.name() + " cannot be copied in binary form because of " + reasons,
                    "use format auto or text.");
        }
        notes.add("text format because of " + reasons);
        return CopyFormat.TEXT;
    }
}
